// SPDX-License-Identifier: MIT
#include "http/server.h"

#include <fmt/core.h>

#include "base/log.h"
#include "http/server_connection.h"
#include "io/pause.h"

namespace mcpio::http {
namespace {

using asio::ip::tcp;

// How long accepting rests when the system has no descriptor or memory left for a connection.
constexpr std::chrono::milliseconds kAcceptPause{100};

boost::system::error_code bind(tcp::acceptor& acceptor, const tcp::endpoint& endpoint) {
  boost::system::error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(tcp::acceptor::max_listen_connections, error);
  return error;
}

// Small pieces leave at once; a peer that vanished is noticed even where nothing is written.
void tune(tcp::socket& socket) {
  boost::system::error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
}

}  // namespace

Server::Server(asio::any_io_executor executor, Handler& handler, ServerLimits limits)
    : executor_(executor),
      handler_(handler),
      limits_(limits),
      acceptor_(executor),
      left_(executor, asio::steady_timer::time_point::max()),
      tasks_(executor) {}

Server::~Server() = default;

Result<std::uint16_t> Server::listen(std::string_view address, std::uint16_t port) {
  boost::system::error_code error;
  const auto parsed = asio::ip::make_address(address, error);
  if (error) return fail(ErrorKind::config, fmt::format("'{}' is not an IP address", address));

  error = bind(acceptor_, tcp::endpoint(parsed, port));
  if (error)
    return fail(ErrorKind::io,
                fmt::format("cannot listen on {} port {}: {}", address, port, error.message()));
  tasks_.spawn("http server", accept());
  return acceptor_.local_endpoint().port();
}

awaitable<Result<void>> Server::accept() {
  while (acceptor_.is_open()) {
    if (connections_.size() >= limits_.connections) {
      co_await left_.async_wait(as_result);  // ended by a connection's end, or stop()
      continue;
    }
    auto [error, socket] = co_await acceptor_.async_accept(as_result);
    if (!error) {
      tune(socket);
      tasks_.spawn("http connection", serve(std::move(socket)));
    } else if (error != asio::error::operation_aborted &&
               error != asio::error::connection_aborted) {
      log::warning("accepting a connection: {}", error.message());
      co_await io::pause(kAcceptPause);
    }
  }
  co_return ok();
}

awaitable<Result<void>> Server::serve(tcp::socket socket) {
  if (!acceptor_.is_open()) co_return ok();  // stopped since it was accepted
  Connection connection(std::move(socket), ++last_connection_, handler_, limits_);
  connections_.insert(&connection);
  co_await connection.run();
  connections_.erase(&connection);
  left_.cancel();
  co_return ok();
}

awaitable<void> Server::stop(std::chrono::milliseconds grace) {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  left_.cancel();
  for (auto* connection : connections_) connection->retire();

  const auto until = std::chrono::steady_clock::now() + grace;
  left_.expires_at(until);
  while (!connections_.empty() && std::chrono::steady_clock::now() < until)
    co_await left_.async_wait(as_result);

  for (auto* connection : connections_) connection->abort();
  co_await tasks_.join();
}

}  // namespace mcpio::http
