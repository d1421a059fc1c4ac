// SPDX-License-Identifier: MIT
#include <fmt/core.h>

#include <stdexcept>
#include <utility>

#include "http/server_connection.h"

namespace mcpio::http {
namespace {

using Pieces = std::vector<asio::const_buffer>;

}  // namespace

void Server::Exchange::step(State from, State to) {
  if (state_ != from) throw std::logic_error("a responder was used out of order");
  state_ = to;
}

awaitable<Result<void>> Server::Exchange::put(Pieces pieces) {
  if (connection_ == nullptr) co_return gone();
  co_return co_await connection_->write(std::move(pieces));
}

awaitable<Result<void>> Server::Exchange::send(int status, Fields fields,
                                               std::shared_ptr<const Buffer> body) {
  step(State::nothing, State::complete);
  if (connection_ == nullptr) co_return gone();
  if (connection_->is_retiring()) facts_.keeps_alive = false;

  Framing framing{.length = {}, .closes = !facts_.keeps_alive};
  if (allows_body(status)) framing.length = body ? body->size() : 0;
  const std::string head = response_head(status, fields, framing, std::chrono::system_clock::now());
  Pieces pieces;
  pieces.push_back(asio::buffer(head));
  if (body && allows_body(status) && !facts_.is_head) pieces.push_back(asio::buffer(body->view()));
  co_return co_await put(std::move(pieces));
}

awaitable<Result<void>> Server::Exchange::begin_stream(int status, Fields fields) {
  step(State::nothing, State::streaming);
  if (connection_ == nullptr) co_return gone();
  chunked_ = !facts_.is_http_1_0;
  if (!chunked_ || connection_->is_retiring()) facts_.keeps_alive = false;

  const Framing framing{.length = {}, .chunked = chunked_, .closes = !facts_.keeps_alive};
  const std::string head = response_head(status, fields, framing, std::chrono::system_clock::now());
  Pieces pieces(1, asio::buffer(head));
  co_return co_await put(std::move(pieces));
}

awaitable<Result<void>> Server::Exchange::write(std::string chunk) {
  step(State::streaming, State::streaming);
  if (chunk.empty() || facts_.is_head) co_return ok();  // an empty chunk would end the stream
  const std::string size = chunked_ ? fmt::format("{:x}\r\n", chunk.size()) : "";
  Pieces pieces;
  pieces.push_back(asio::buffer(size));
  pieces.push_back(asio::buffer(chunk));
  if (chunked_) pieces.push_back(asio::buffer(std::string_view("\r\n")));
  co_return co_await put(std::move(pieces));
}

awaitable<Result<void>> Server::Exchange::finish() {
  step(State::streaming, State::complete);
  if (!chunked_ || facts_.is_head) co_return ok();
  Pieces pieces(1, asio::buffer(std::string_view("0\r\n\r\n")));
  co_return co_await put(std::move(pieces));
}

}  // namespace mcpio::http
