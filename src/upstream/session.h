// SPDX-License-Identifier: MIT
// What is known of the session with a server, and what it takes to build the same session again.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "http/message.h"
#include "mcp/message.h"
#include "mcp/protocol_version.h"

namespace mcpio::upstream {

// 404 says so, in the specification; servers that know no better say 400 or 410, which may also
// mean a bad request.
bool may_mean_lost_session(int status);

// Pure state: it decides what to send, StreamableHttp sends it.
class Session {
 public:
  // A client's initialize was answered with a result: this is the session from now on.
  void opened(const mcp::Message& request, const mcp::Message& answer, const http::Head& head);
  // Our own initialize was, after the server had lost the session.
  void reopened(const mcp::Message& answer, const http::Head& head);
  // A request of the client was answered with a result: what must be repeated in a new session is
  // remembered.
  void succeeded(const mcp::Message& request);
  // Servers may hand out another id with any answer.
  void adopt_id(const http::Head& head);
  // The id an answer hands out; empty: none, or one that cannot be repeated.
  static std::string id_in(const http::Head& head);

  bool has_id() const { return !id_.empty(); }
  const std::string& id() const { return id_; }
  const mcp::ProtocolVersion& version() const { return mcp::protocol_version(version_); }
  // Grows each time the session is another one.
  int epoch() const { return epoch_; }

  // The headers every message of the session carries: Mcp-Session-Id, MCP-Protocol-Version.
  void add_to(http::Fields& fields) const;

  // The client's own initialize request, once it was answered.
  const std::optional<mcp::Message>& initialize() const { return initialize_; }
  // Requests that bring a new session to the state of the old one. Their ids are the client's.
  std::vector<mcp::Message> replay() const;
  // Notifications that make the client look again at what may have changed in between.
  std::vector<mcp::Message> list_changes() const;

  // Something the server said on its way to the client: its questions are open until they are
  // answered or taken back. False: too many are open, or its id is too long to be kept, and this
  // one must not be passed on.
  bool heard(const mcp::Message& message);
  // The answer to a question that must not be passed on; no value: its id is too long to be
  // repeated.
  static std::optional<mcp::Message> refusal_of(const mcp::Message& question);
  // An answer of the client. False: nobody asked that.
  bool answered(const mcp::Message& answer);
  // notifications/cancelled for each open question, which nobody waits for any more.
  std::vector<mcp::Message> withdraw_questions();

 private:
  void learn(const mcp::Message& answer, const http::Head& head);

  std::string id_;
  std::string version_;
  int epoch_ = 0;
  std::optional<mcp::Message> initialize_;
  std::set<std::string> capabilities_;  // those with lists: tools, resources, prompts
  std::optional<mcp::Message> log_level_;
  std::map<std::string, mcp::Message> subscriptions_;  // by the URI's JSON text
  std::map<std::string, std::string> questions_;       // canonical id -> the id's own text
};

}  // namespace mcpio::upstream
