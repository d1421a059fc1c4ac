// SPDX-License-Identifier: MIT
#include "demo/demo_client.h"

#include <fmt/core.h>

#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

namespace mcpio::demo {
DemoClient::DemoClient(asio::any_io_executor executor, process::Child& server)
    : executor_(executor), server_(server), unasked_(executor, kUnasked) {}

awaitable<Result<void>> DemoClient::read() {
  ended_ = co_await read_lines();
  unasked_.close();
  for (auto& [id, pending] : pending_) pending->arrived.set();
  co_return ok();  // whoever waits for a message tells what was wrong
}

// Ended by the server's end, or by cancellation.
awaitable<Error> DemoClient::read_lines() {
  std::string text;
  for (;;) {
    const auto [error, size] = co_await asio::async_read_until(
        server_.output(), asio::dynamic_buffer(text, kLineBytes), '\n', as_result);
    if (error)
      co_return Error{.kind = ErrorKind::network, .message = "the gateway closed its output"};
    auto taken = take(std::string_view(text).substr(0, size - 1));
    if (!taken) co_return std::move(taken).error();
    text.erase(0, size);
  }
}

Result<void> DemoClient::take(std::string_view line) {
  Json message = Json::parse(line, nullptr, false);
  if (!message.is_object())
    return fail(ErrorKind::protocol,
                fmt::format("the gateway wrote a line that is no message: {}", line.substr(0, 80)));
  if (message.contains("method")) {
    if (!unasked_.try_put(std::move(message)))
      return fail(ErrorKind::too_large, "the gateway sends more messages than anybody asked for");
    return ok();
  }
  const Json id = message.value("id", Json());
  const auto found = id.is_number_integer() ? pending_.find(id.get<int>()) : pending_.end();
  if (found == pending_.end() || found->second->arrived.is_set())
    return fail(ErrorKind::protocol,
                fmt::format("the gateway answered what nobody asked (id {})", id.dump()));

  Pending& pending = *found->second;
  pending.answer.took = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - pending.asked);
  pending.answer.bytes = line.size();
  pending.answer.message = std::move(message);
  pending.arrived.set();
  return ok();
}

awaitable<Result<int>> DemoClient::ask(std::string method, Json params) {
  if (ended_) co_return std::unexpected(*ended_);
  const int id = static_cast<int>(pending_.size()) + 1;
  pending_[id] = std::make_shared<Pending>(executor_);
  Json request{{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", std::move(params)}};
  auto told = co_await tell(std::move(request));
  if (!told) co_return propagate(told);
  co_return id;
}

awaitable<Result<void>> DemoClient::tell(Json message) {
  const std::string line = message.dump() + "\n";
  const auto [error, size] =
      co_await asio::async_write(server_.input(), asio::buffer(line), as_result);
  if (error)
    co_return fail(ErrorKind::network, fmt::format("writing to the gateway: {}", error.message()));
  co_return ok();
}

awaitable<Result<Answer>> DemoClient::answer(int id) {
  auto pending = pending_.at(id);
  const bool arrived = co_await pending->arrived.wait();
  if (!arrived) co_return fail(ErrorKind::cancelled, "no longer waiting for an answer");
  if (pending->answer.message.is_null()) co_return std::unexpected(ended_.value());
  co_return std::move(pending->answer);
}

awaitable<Result<Json>> DemoClient::next() {
  auto message = co_await unasked_.take();
  if (!message && ended_) co_return std::unexpected(*ended_);
  if (!message) co_return fail(ErrorKind::cancelled, "no longer waiting for a message");
  co_return *std::move(message);
}

bool DemoClient::has_answer(int id) const { return pending_.at(id)->arrived.is_set(); }

}  // namespace mcpio::demo
