// SPDX-License-Identifier: MIT
// One connection of the server: its requests, one after the other.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "http/request_parser.h"
#include "http/response_head.h"
#include "http/server.h"

namespace mcpio::http {

// What a write says once the client has left.
std::unexpected<Error> gone();

// Lives as long as run() does. While a handler works, the connection keeps reading: that is how it
// learns that the client has gone. What a client sends ahead meanwhile is kept, up to a bound.
class Server::Connection {
 public:
  Connection(asio::ip::tcp::socket socket, std::uint64_t number, Handler& handler,
             const ServerLimits& limits);

  // Returns when the connection is closed.
  awaitable<void> run();

  // The request under way is the last one; without one, the connection ends now.
  void retire();
  // Ends now; the handler is cancelled.
  void abort();

  bool is_retiring() const { return retiring_; }

  // Writes all of it, in order. The bytes must stay where they are meanwhile.
  awaitable<Result<void>> write(std::vector<asio::const_buffer> pieces);

 private:
  using Request = std::optional<IncomingRequest>;

  awaitable<Result<Request>> read_request();
  awaitable<Result<std::size_t>> receive();
  awaitable<Result<std::size_t>> send_some(std::vector<asio::const_buffer> pieces);
  Result<void> feed(RequestParser& parser);
  std::chrono::milliseconds patience(const RequestParser& parser);
  awaitable<bool> answer(IncomingRequest request);
  awaitable<Result<void>> attend(IncomingRequest request, std::shared_ptr<Exchange> exchange);
  awaitable<void> watch_client();
  awaitable<void> refuse(Error refusal);
  awaitable<void> linger();
  void close();

  asio::ip::tcp::socket socket_;
  const std::uint64_t number_;
  Handler& handler_;
  const ServerLimits& limits_;
  std::string remote_;
  boost::beast::flat_buffer received_;  // and not yet parsed
  io::TaskScope answering_;             // the handler; at most one at a time

  // Of the request that is being read.
  std::optional<SteadyTime> head_deadline_;
  bool is_first_ = true;
  bool idle_ = false;  // none of its bytes has come
  bool keeps_alive_ = false;
  bool is_http_1_0_ = false;

  bool answered_ = false;  // the handler has returned
  bool gone_ = false;      // nothing can be written any more
  bool retiring_ = false;
};

// The answer to one request. A handler may keep it longer than the connection lives.
class Server::Exchange final : public Responder {
 public:
  struct Facts {
    bool is_head = false;  // the method: an answer without its body
    bool is_http_1_0 = false;
    bool keeps_alive = false;
  };

  Exchange(Connection& connection, Facts facts) : connection_(&connection), facts_(facts) {}

  awaitable<Result<void>> send(int status, Fields fields,
                               std::shared_ptr<const Buffer> body) override;
  awaitable<Result<void>> begin_stream(int status, Fields fields) override;
  awaitable<Result<void>> write(std::string chunk) override;
  awaitable<Result<void>> finish() override;

  // The handler has returned: from now on everything fails.
  void detach() { connection_ = nullptr; }

  bool has_begun() const { return state_ != State::nothing; }
  bool is_complete() const { return state_ == State::complete; }
  // After a complete answer: may another request follow?
  bool keeps_alive() const { return facts_.keeps_alive; }

 private:
  enum class State { nothing, streaming, complete };

  // Goes from one state to the next, or throws.
  void step(State from, State to);
  awaitable<Result<void>> put(std::vector<asio::const_buffer> pieces);

  Connection* connection_;
  Facts facts_;
  State state_ = State::nothing;
  bool chunked_ = false;
};

}  // namespace mcpio::http
