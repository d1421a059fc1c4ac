// SPDX-License-Identifier: MIT
// Reads JSON-RPC messages out of the body of an HTTP answer: one JSON text, or an event stream.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "base/buffer.h"
#include "base/limited_warnings.h"
#include "base/result.h"
#include "codec/json_scanner.h"
#include "codec/sse_parser.h"
#include "http/client.h"
#include "io/awaitable.h"
#include "mcp/message.h"

namespace mcpio::upstream {

// Batches are taken apart here. The data of an event goes straight into the buffer that becomes the
// message, so that a message is held once, however large. What is received counts against the bound
// on a message whether it is kept or not, so that nobody makes us read a page or white space
// without end. One coroutine at a time.
class MessageStream : private codec::SseSink {
 public:
  enum class Framing { json, events };

  struct Limits {
    std::size_t message_bytes;
    Budget* budget;  // may be null
  };

  // `expected_bytes`: the announced length of a JSON body; 0: not known.
  MessageStream(std::unique_ptr<http::Exchange> body, Framing framing, Limits limits,
                std::size_t expected_bytes = 0);

  // For a stream that carries more than the answer to one request: an event that is too large is
  // logged and skipped to its end, and does not end the stream. Its id counts, so that a server
  // which repeats events does not repeat this one.
  void skip_too_large() {
    skips_too_large_ = true;
    events_.ignore_long_lines();
  }

  // The next message; no value: the stream ended as it should. An event that is no message is
  // logged and skipped, a JSON body that is none fails with `protocol`, a message above the limit
  // with `too_large`. Otherwise fails as Exchange::read().
  awaitable<Result<std::optional<mcp::Message>>> next();

  // Did next() just fail on an event that was skipped, and may have been an answer? Then it may be
  // called again.
  bool has_skipped() const { return has_skipped_; }
  // The id of that answer, if it could be found out.
  const std::optional<std::string>& skipped_id() const { return skipped_id_; }

  // As next(), but returns at any event, a message or not, and leaves messages where they are.
  // False: the stream ended.
  awaitable<Result<bool>> next_event();

  // Not yet taken by next().
  std::size_t messages_ready() const { return ready_.size(); }

  // The data of the `endpoint` event of the HTTP+SSE transport, once it came.
  const std::optional<std::string>& endpoint() const { return endpoint_; }

  // Has everything been given out, and has the body ended as far as is known?
  bool is_over() const { return ready_.empty() && (ended_ || body_->is_complete()); }

  bool is_event_stream() const { return framing_ == Framing::events; }
  const std::string& last_event_id() const { return events_.last_event_id(); }
  std::optional<std::chrono::milliseconds> retry() const { return events_.retry(); }
  bool heard_anything() const { return heard_anything_; }
  // next() failed because the rest of the body could not be had, not because of what it says.
  bool broke_off() const { return broke_off_; }

  // The first bytes of a body that is no message, to say what it was. Not for logs.
  std::string_view preview() const { return open_.beginning; }

  // For what its reader has to complain of.
  log::LimitedWarnings& warnings() { return warnings_; }

 private:
  // The body, or the event being received.
  struct Open {
    std::size_t received = 0;
    std::string beginning;
    std::string end;                // its last bytes; only if large ones are skipped
    std::optional<Error> bad = {};  // why it is no message
    // What is known of one that is too large.
    bool has_method = false;
    std::optional<std::string> id = {};
  };
  // A message, or the failure that stands for one.
  struct Item {
    Result<mcp::Message> message;
    std::optional<std::string> skipped_id = {};
  };

  Result<void> data(std::string_view piece) override;
  Result<void> dispatch(std::string_view type) override;
  Result<void> take(std::string_view piece);
  Result<void> end();
  void remember(std::string_view piece);
  Result<void> scan(std::string_view piece);
  Result<void> discard();
  void give_up(Error why);
  void skip(const Open& event);
  Result<void> keep(codec::JsonText text);

  std::unique_ptr<http::Exchange> body_;
  const Framing framing_;
  const Limits limits_;
  codec::SseParser events_;
  codec::JsonScanner scanner_;
  Open open_;
  std::deque<Item> ready_;
  std::optional<std::string> skipped_id_;
  bool has_skipped_ = false;
  std::optional<std::string> endpoint_;
  log::LimitedWarnings warnings_{"the server's events"};
  bool skips_too_large_ = false;
  bool heard_anything_ = false;
  bool broke_off_ = false;
  std::optional<Error> failure_;  // to be given out behind what is ready
  bool ended_ = false;
};

// What a body is that should have been JSON, in a few words a person can use: an HTML page's title,
// for example. Never more of the body than that.
std::string describe_body(std::string_view preview, std::string_view media_type);

}  // namespace mcpio::upstream
