// SPDX-License-Identifier: MIT
// The HTTP server: hands each request to one handler and carries its answer, whole or as a stream.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "base/buffer.h"
#include "base/limits.h"
#include "base/result.h"
#include "http/message.h"
#include "io/awaitable.h"
#include "io/task_scope.h"

namespace mcpio::http {

// A request as it came: complete, within the limits, and well-formed as RFC 9112 has it.
struct IncomingRequest {
  std::string method;
  std::string target;  // as on the request line: "/mcp?x=1"
  Fields fields;
  Buffer body;                   // without transfer coding
  std::string remote;            // "127.0.0.1:50123"
  std::uint64_t connection = 0;  // the same for all requests of one connection, and for no other
};

// The one answer to one request: either send(), or begin_stream(), any number of write(), finish().
// The server sees to Content-Length, Transfer-Encoding, Connection and Date.
//
// One coroutine at a time. Each function returns when the bytes are on their way; awaiting them is
// the back-pressure. They fail with `network` once the client is gone, and with `timed_out` when it
// has stopped reading. Using them in another order is a bug, and throws std::logic_error.
class Responder {
 public:
  virtual ~Responder() = default;

  // No body: null.
  virtual awaitable<Result<void>> send(int status, Fields fields,
                                       std::shared_ptr<const Buffer> body) = 0;
  virtual awaitable<Result<void>> begin_stream(int status, Fields fields) = 0;
  virtual awaitable<Result<void>> write(std::string chunk) = 0;
  virtual awaitable<Result<void>> finish() = 0;
};

class Handler {
 public:
  virtual ~Handler() = default;

  // Answers one request; any number of them at once. Is cancelled when the client goes away (closes
  // its side, resets) or the server is stopped, and must then return soon. A request left without
  // an answer gets a 500; a stream left unfinished is cut off. The responder is dead once this
  // returns.
  virtual awaitable<void> answer(IncomingRequest request, std::shared_ptr<Responder> responder) = 0;
};

struct ServerLimits {
  std::size_t header_bytes = 64 * 1024;            // beyond: 431
  std::size_t body_bytes = limits::kMessageBytes;  // beyond: 413
  std::size_t connections = 1024;                  // further ones wait in the kernel's queue
  std::chrono::milliseconds header_time{10'000};   // from its first byte to its last; beyond: 408
  std::chrono::milliseconds idle_time{75'000};     // between two requests of one connection
  std::chrono::milliseconds stall_time{30'000};    // a body that does not come, an answer not taken
  Budget* budget = nullptr;                        // what bodies are charged to; beyond: 503
};

// HTTP/1.1 and 1.0 over TCP. TLS is a reverse proxy's job.
//
//   Server server(executor, handler, ServerLimits());
//   auto port = server.listen("127.0.0.1", 0);
//   ...
//   co_await server.stop(std::chrono::seconds(2));
//
// One thread. The handler must outlive the server, and stop() must have returned before the server
// is destroyed, if listen() was called.
class Server {
 public:
  Server(asio::any_io_executor executor, Handler& handler, ServerLimits limits);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  // Binds to a numeric address and begins to accept; once. Returns the port, which for port 0 the
  // system has chosen. Fails with `config` (not an address) or `io` (cannot be bound).
  Result<std::uint16_t> listen(std::string_view address, std::uint16_t port);

  // Accepts nothing more and closes idle connections at once; requests under way get `grace` to be
  // answered, then their handlers are cancelled. Not from within a handler.
  awaitable<void> stop(std::chrono::milliseconds grace);

  std::size_t connections() const { return connections_.size(); }

 private:
  class Connection;
  class Exchange;

  awaitable<Result<void>> accept();
  awaitable<Result<void>> serve(asio::ip::tcp::socket socket);

  asio::any_io_executor executor_;
  Handler& handler_;
  const ServerLimits limits_;
  asio::ip::tcp::acceptor acceptor_;
  asio::steady_timer left_;  // cancelled whenever a connection has ended
  std::set<Connection*> connections_;
  std::uint64_t last_connection_ = 0;
  io::TaskScope tasks_;
};

}  // namespace mcpio::http
