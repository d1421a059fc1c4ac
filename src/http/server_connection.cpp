// SPDX-License-Identifier: MIT
#include "http/server_connection.h"

#include <boost/beast/core/buffers_suffix.hpp>
#include <sstream>
#include <utility>

#include "io/deadline.h"

namespace mcpio::http {
namespace {

using Pieces = std::vector<asio::const_buffer>;

// Read at once, and at the same time the most a client may send ahead of its turn.
constexpr std::size_t kPiece = 64 * 1024;
// After a refusal: how long and how much more of the request is read and thrown away. Closing with
// bytes unread would reset the connection, and the client might never see the refusal.
constexpr std::chrono::milliseconds kLinger{1'000};
constexpr std::size_t kLingerBytes = 16 * 1024 * 1024;

std::string name_of(const asio::ip::tcp::socket& socket) {
  boost::system::error_code error;
  const auto peer = socket.remote_endpoint(error);
  if (error) return "unknown";
  return (std::ostringstream() << peer).str();
}

}  // namespace

std::unexpected<Error> gone() { return fail(ErrorKind::network, "the client is gone"); }

Server::Connection::Connection(asio::ip::tcp::socket socket, std::uint64_t number, Handler& handler,
                               const ServerLimits& limits)
    : socket_(std::move(socket)),
      number_(number),
      handler_(handler),
      limits_(limits),
      remote_(name_of(socket_)),
      received_(limits.header_bytes + kPiece),
      answering_(socket_.get_executor()) {}

awaitable<void> Server::Connection::run() {
  for (;;) {
    auto request = co_await read_request();
    if (!request) co_await refuse(std::move(request).error());
    if (!request || !*request) break;
    const bool another = co_await answer(**std::move(request));
    if (!another) break;
  }
  close();
}

void Server::Connection::retire() {
  retiring_ = true;
  if (idle_) close();
}

void Server::Connection::abort() {
  answering_.cancel();
  close();
}

void Server::Connection::close() {
  gone_ = true;
  boost::system::error_code ignored;  // it is closed whatever this says
  socket_.close(ignored);
}

// No value: the client, or we, had no use for another request.
awaitable<Result<Server::Connection::Request>> Server::Connection::read_request() {
  RequestParser parser(limits_);
  head_deadline_.reset();
  bool told_to_continue = false;
  for (;;) {
    if (auto fed = feed(parser); !fed) co_return propagate(fed);
    if (parser.is_done()) break;
    if (parser.has_head() && parser.expects_continue() && !std::exchange(told_to_continue, true)) {
      Pieces go_on(1, asio::buffer(std::string_view("HTTP/1.1 100 Continue\r\n\r\n")));
      if (auto told = co_await write(std::move(go_on)); !told) co_return propagate(told);
    }

    idle_ = !parser.has_started();
    if (idle_ && retiring_) co_return Request();
    auto received = co_await io::with_deadline(patience(parser), receive());
    const bool was_idle = std::exchange(idle_, false);
    if (!received && was_idle) co_return Request();
    if (!received && received.error().kind == ErrorKind::timed_out) {
      received.error().message = "the request did not come in time";
      received.error().http_status = 408;
    }
    if (!received) co_return propagate(received);
  }

  is_http_1_0_ = parser.is_http_1_0();
  keeps_alive_ = parser.keeps_alive() && !is_http_1_0_;
  is_first_ = false;
  auto request = parser.request();
  request.remote = remote_;
  request.connection = number_;
  co_return Request(std::move(request));
}

Result<void> Server::Connection::feed(RequestParser& parser) {
  if (received_.size() == 0) return ok();
  const auto bytes = received_.cdata();
  auto taken = parser.take(std::string_view(static_cast<const char*>(bytes.data()), bytes.size()));
  if (!taken) return propagate(taken);
  received_.consume(*taken);
  return ok();
}

std::chrono::milliseconds Server::Connection::patience(const RequestParser& parser) {
  using std::chrono::milliseconds;
  if (parser.has_head()) return limits_.stall_time;
  if (!parser.has_started()) return is_first_ ? limits_.header_time : limits_.idle_time;
  const auto now = std::chrono::steady_clock::now();
  if (!head_deadline_) head_deadline_ = now + limits_.header_time;
  return std::max(std::chrono::duration_cast<milliseconds>(*head_deadline_ - now), milliseconds(0));
}

awaitable<Result<std::size_t>> Server::Connection::receive() {
  const std::size_t room = std::min(kPiece, received_.max_size() - received_.size());
  if (room == 0) {
    Error error{.kind = ErrorKind::too_large, .message = "a line is too long", .http_status = 400};
    co_return std::unexpected(std::move(error));
  }
  const auto [error, size] = co_await socket_.async_read_some(received_.prepare(room), as_result);
  if (error) co_return gone();
  received_.commit(size);
  co_return size;
}

// True: another request may follow.
awaitable<bool> Server::Connection::answer(IncomingRequest request) {
  const Exchange::Facts facts{.is_head = request.method == "HEAD",
                              .is_http_1_0 = is_http_1_0_,
                              .keeps_alive = keeps_alive_};
  auto exchange = std::make_shared<Exchange>(*this, facts);
  answered_ = false;
  answering_.spawn("http request", attend(std::move(request), exchange));
  co_await watch_client();
  co_await answering_
      .join();  // ended by the handler, which has been cancelled if the client is gone

  if (!exchange->has_begun() && !gone_) {
    auto sent = co_await exchange->send(500, Fields(), nullptr);
    if (!sent) gone_ = true;
  }
  exchange->detach();
  co_return exchange->is_complete() && exchange->keeps_alive() && !gone_;
}

awaitable<Result<void>> Server::Connection::attend(IncomingRequest request,
                                                   std::shared_ptr<Exchange> exchange) {
  co_await handler_.answer(std::move(request), exchange);
  answered_ = true;
  boost::system::error_code ignored;  // it only wakes watch_client()
  socket_.cancel(ignored);
  co_return ok();
}

awaitable<void> Server::Connection::watch_client() {
  while (!answered_ && received_.size() < kPiece) {
    const auto [error, size] =
        co_await socket_.async_read_some(received_.prepare(kPiece - received_.size()), as_result);
    received_.commit(size);
    if (!error || answered_) continue;
    gone_ = true;
    answering_.cancel();
    break;
  }
}

awaitable<Result<void>> Server::Connection::write(Pieces pieces) {
  boost::beast::buffers_suffix<Pieces> rest(std::move(pieces));
  while (asio::buffer_size(rest) > 0) {
    if (gone_) co_return gone();
    Pieces next(rest.begin(), rest.end());
    auto sent = co_await io::with_deadline(limits_.stall_time, send_some(std::move(next)));
    if (!sent) {
      gone_ = true;
      co_return propagate(sent, "sending to the client");
    }
    rest.consume(*sent);
  }
  co_return ok();
}

awaitable<Result<std::size_t>> Server::Connection::send_some(Pieces pieces) {
  const auto [error, size] = co_await socket_.async_write_some(pieces, as_result);
  if (error == asio::error::operation_aborted)
    co_return fail(ErrorKind::cancelled, "stopped while writing");
  if (error) co_return gone();
  co_return size;
}

// Says why a request is not read to its end, if it is the client's doing and it may still listen.
awaitable<void> Server::Connection::refuse(Error refusal) {
  if (refusal.http_status == 0 || gone_) co_return;
  Fields fields;
  fields.add("Content-Type", "text/plain");
  const std::string text = refusal.message + "\n";
  const Framing framing{.length = text.size(), .closes = true};
  const std::string head =
      response_head(refusal.http_status, fields, framing, std::chrono::system_clock::now());
  Pieces pieces;
  pieces.push_back(asio::buffer(head));
  pieces.push_back(asio::buffer(text));
  auto sent = co_await write(std::move(pieces));
  if (sent) co_await linger();
}

awaitable<void> Server::Connection::linger() {
  boost::system::error_code ignored;  // if it fails, the read will
  socket_.shutdown(asio::socket_base::shutdown_send, ignored);
  const auto until = std::chrono::steady_clock::now() + kLinger;
  std::size_t thrown_away = 0;
  while (thrown_away < kLingerBytes) {
    received_.clear();
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now());
    if (left.count() <= 0) break;
    auto size = co_await io::with_deadline(left, receive());
    if (!size) break;
    thrown_away += *size;
  }
}

}  // namespace mcpio::http
