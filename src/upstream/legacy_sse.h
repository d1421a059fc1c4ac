// SPDX-License-Identifier: MIT
// An MCP server over HTTP+SSE, the transport of revision 2024-11-05.
//
// One GET stream, opened first, carries everything the server says; its first event names the
// endpoint to POST to. So an answer comes on another connection than its request, and when the
// stream breaks every request that waits gets an error: nobody knows what became of it. The stream
// is then opened again, for as long as the client stays; there are no sessions and no resumption.
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
    std::chrono::milliseconds reconnect_delay{1'000};
    bool has_credentials = false;  // then an endpoint of another origin is refused
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

  awaitable<Result<void>> listen();
  awaitable<Result<void>> hear_stream();
  awaitable<Result<std::shared_ptr<MessageStream>>> open();
  awaitable<Result<void>> find_endpoint(std::shared_ptr<MessageStream> stream);
  Result<void> learn_endpoint(const std::string& reference);
  awaitable<Result<Message>> answer_of(Call call);
  awaitable<Result<void>> wait_for_endpoint();
  awaitable<Result<void>> wait_for_answer(std::shared_ptr<Waiting> waiting);
  awaitable<Result<void>> post_request(Message request, std::shared_ptr<Waiting> waiting);
  awaitable<Result<void>> post(Message message);
  awaitable<void> take(Message message);
  void disconnected(const Error& why);

  asio::any_io_executor executor_;
  OriginLink& link_;
  const codec::Url url_;
  const Settings settings_;
  Session session_;  // for the server's open questions only
  std::shared_ptr<Hearer> own_;
  std::optional<codec::Url> endpoint_;
  std::optional<Error> fatal_;  // why the first stream could not be opened
  io::Event settled_;           // endpoint_ or fatal_ is there
  io::Event over_;              // run() may return
  std::map<std::string, std::shared_ptr<Waiting>> waiting_;  // by canonical id
  io::TaskScope tasks_;
  bool closing_ = false;
};

}  // namespace mcpio::upstream
