// SPDX-License-Identifier: MIT
// An MCP server over HTTP+SSE, the transport of revision 2024-11-05.
//
// One GET stream, opened first, carries everything the server says; its first event names the
// endpoint to POST to, which must be of the same origin. So an answer comes on another connection
// than its request, and when the stream breaks every request that waits gets an error: nobody knows
// what became of it. The stream is then opened again, for as long as the client stays. There is no
// resumption: each stream is a new session, in which the client's own handshake is repeated, and
// its log level and subscriptions are set again, before anything else is sent (keep_session).
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "io/event.h"
#include "io/task_scope.h"
#include "spine/upstream.h"
#include "upstream/message_stream.h"
#include "upstream/origin_link.h"
#include "upstream/session.h"

namespace mcpio::upstream {

class LegacySse final : public Upstream {
 public:
  struct Settings {
    MessageStream::Limits limits;
    std::chrono::milliseconds stream_quiet{300'000};  // --sse-read-timeout; 0: no limit
    std::chrono::milliseconds ping_interval{0};       // 0: never
    std::chrono::milliseconds reconnect_delay{1'000};
  };

  // `link` must outlive it.
  LegacySse(asio::any_io_executor executor, OriginLink& link, codec::Url url, Settings settings);

  awaitable<Result<Message>> call(Call call) override;
  awaitable<Result<void>> tell(Message message, std::shared_ptr<const Origin> origin) override;
  // Fails if the stream could not be opened the first time; later it is opened again and again.
  awaitable<Result<void>> run(std::shared_ptr<Hearer> own) override;
  awaitable<void> close() override;

 private:
  struct Waiting {
    explicit Waiting(asio::any_io_executor executor) : done(std::move(executor)) {}
    io::Event done;
    Result<Message> answer = fail(ErrorKind::cancelled, "cancelled");
  };

  using Stream = std::shared_ptr<MessageStream>;

  awaitable<Result<void>> listen();
  awaitable<Result<void>> live_on_one_stream();
  awaitable<Result<Stream>> open();
  awaitable<Result<void>> find_endpoint(Stream stream);
  Result<void> learn_endpoint(const std::string& reference);
  awaitable<Result<void>> hear(Stream stream);
  awaitable<void> take(Stream stream, Message message);
  void answer_one(std::string_view id, Result<Message> answer);
  void answer_all(const Error& why);
  awaitable<void> disconnected(Error why);

  awaitable<Result<void>> keep_session();
  awaitable<Result<void>> open_session_again();
  awaitable<Result<void>> ping_now_and_then();
  std::string own_id();

  awaitable<Result<Message>> answer_of(Call call);
  awaitable<Result<void>> wait_for_session();
  awaitable<Result<Message>> exchange(Message request);
  awaitable<Result<void>> wait_for_answer(std::shared_ptr<Waiting> waiting);
  awaitable<Result<void>> post_request(Message request, std::shared_ptr<Waiting> waiting);
  awaitable<Result<void>> post(Message message);

  asio::any_io_executor executor_;
  OriginLink& link_;
  const codec::Url url_;
  const Settings settings_;
  Session session_;  // has neither id nor version here
  std::shared_ptr<Hearer> own_;
  std::optional<codec::Url> endpoint_;  // of the stream that is open
  std::optional<Error> fatal_;          // why the first stream could not be opened
  io::Event settled_;  // the client's messages may be sent, or never will: fatal_, closing_
  io::Event over_;     // run() may return
  std::map<std::string, std::shared_ptr<Waiting>> waiting_;  // by canonical id
  io::TaskScope tasks_;
  int own_ids_ = 0;
  bool closing_ = false;
};

}  // namespace mcpio::upstream
