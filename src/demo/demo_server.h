// SPDX-License-Identifier: MIT
// A small real MCP server over Streamable HTTP, for the demo and for tests.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>

#include "base/result.h"
#include "demo/catalogue.h"
#include "demo/demo_session.h"
#include "demo/door.h"
#include "demo/reply.h"
#include "http/server.h"
#include "io/task_scope.h"

namespace mcpio::demo {

// Speaks revisions 2025-03-26 to 2025-11-25, with sessions and a GET stream. Tools: echo, add,
// countdown (slow, with progress), ask (asks the client back), big (5 MB); one resource, one
// prompt.
//
//   DemoServer server(executor, std::chrono::milliseconds(200));
//   auto url = server.start();
//   ...
//   co_await server.stop();
class DemoServer final : public http::Handler {
 public:
  // `tick` is how long countdown takes for one number.
  DemoServer(asio::any_io_executor executor, std::chrono::milliseconds tick);

  // Who stands there decides which requests are let in; it must outlive the server. Null, as at
  // first: all of them.
  void guard_with(const Door* door) { door_ = door; }
  // Listens on a free loopback port and returns the endpoint's URL.
  Result<std::string> start();
  // Ends sessions and streams. Needed if start() was called.
  awaitable<void> stop();

  // Says it on the GET stream of every session.
  void announce(const Json& message);

  std::size_t sessions() const { return sessions_.size(); }
  // Is set once a client has cancelled a call that was under way.
  io::Event& cancelled() { return cancelled_; }

  awaitable<void> answer(http::IncomingRequest request,
                         std::shared_ptr<http::Responder> responder) override;

 private:
  using SessionPtr = std::shared_ptr<Session>;
  using Outbox = std::shared_ptr<io::Mailbox<std::string>>;  // events of one stream

  SessionPtr find(const http::IncomingRequest& request) const;

  awaitable<void> take_post(http::IncomingRequest request, Reply reply);
  awaitable<void> open_session(Json message, Reply reply);
  awaitable<void> take_message(SessionPtr session, Json message, Reply reply);
  awaitable<void> listen(SessionPtr session, Reply reply);
  awaitable<void> end_session(http::IncomingRequest request, Reply reply);
  awaitable<void> stream(Outbox outbox, Reply reply);
  awaitable<Result<void>> count_down(SessionPtr session, Json message, Outbox outbox);
  awaitable<Result<void>> ask_back(SessionPtr session, Json message, Outbox outbox);

  asio::any_io_executor executor_;
  const std::chrono::milliseconds tick_;
  const Door* door_ = nullptr;
  std::map<std::string, SessionPtr> sessions_;
  io::Event cancelled_;
  http::Server server_;
  io::TaskScope
      tasks_;  // slow calls: one whose stream breaks goes on until it is cancelled or done
};

}  // namespace mcpio::demo
