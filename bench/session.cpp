// SPDX-License-Identifier: MIT
#include "session.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <stdexcept>
#include <utility>

namespace bench {
namespace {

constexpr std::string_view kText =
    "a hundred characters of text, which is about what a tool is told when it is asked for "
    "something";

struct Id {
  long value;
  std::size_t digits;
};

// The id of an answer. It stands at the front or at the end: bridges differ.
std::optional<Id> id_of(std::string_view message) {
  constexpr std::string_view kName = "\"id\":";
  constexpr std::size_t kNear = 64;
  auto at = message.substr(0, kNear).find(kName);
  if (at == message.npos) {
    const auto tail = message.size() > kNear ? message.size() - kNear : 0;
    at = message.find(kName, tail);
  }
  if (at == message.npos) return std::nullopt;
  const char* first = message.data() + at + kName.size();
  Id id{};
  const auto [end, error] = std::from_chars(first, message.data() + message.size(), id.value);
  if (error != std::errc()) return std::nullopt;
  id.digits = static_cast<std::size_t>(end - first);
  return id;
}

std::size_t size_of_text_answer(std::string_view text) {
  return fmt::formatted_size(
      R"({{"jsonrpc":"2.0","id":,"result":{{"content":[{{"type":"text","text":"{}"}}]}}}})", text);
}

}  // namespace

Tool echo(bool sse) {
  return {.name = "echo",
          .arguments = fmt::format(R"({{"text":"{}","sse":{}}})", kText, sse),
          .answer_size = size_of_text_answer(kText)};
}

Tool sleep_100_ms() {
  return {.name = "sleep", .arguments = "{}", .answer_size = size_of_text_answer("awake")};
}

Tool large_result(std::size_t megabytes, bool rich, bool sse, std::size_t answer_size) {
  return {
      .name = "big",
      .arguments = fmt::format(R"({{"megabytes":{},"rich":{},"sse":{}}})", megabytes, rich, sse),
      .answer_size = answer_size};
}

Tool log_messages(std::size_t count) {
  constexpr std::string_view kAnswer = R"({"jsonrpc":"2.0","id":,"result":{"content":[]}})";
  return {.name = "notify",
          .arguments = fmt::format(R"({{"count":{}}})", count),
          .answer_size = kAnswer.size()};
}

void Session::ask(std::string_view method, std::string_view params) {
  const auto id = next_id_++;
  endpoint_.send(
      fmt::format(R"({{"jsonrpc":"2.0","id":{},"method":"{}","params":{}}})", id, method, params));
  const auto answered = id_of(endpoint_.receive());
  if (!answered || answered->value != id)
    throw std::runtime_error(fmt::format("{} was not answered", method));
}

void Session::initialize() {
  ask("initialize",
      R"({"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"bench","version":"1"}})");
}

void Session::get_ready() {
  endpoint_.send(R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
  ask("tools/list", "{}");
}

Outcome Session::run(const Load& load) {
  Outcome outcome{};
  const long first_id = next_id_;
  std::vector<Clock::time_point> started;
  const auto call = [&] {
    started.push_back(Clock::now());
    endpoint_.send(fmt::format(
        R"({{"jsonrpc":"2.0","id":{},"method":"tools/call","params":{{"name":"{}","arguments":{}}}}})",
        next_id_++, load.tool.name, load.tool.arguments));
  };

  const auto cpu_before = endpoint_.cpu_time();
  const auto start = Clock::now();
  while (started.size() < std::min(load.in_flight, load.calls)) call();
  auto now = start;
  while (outcome.latencies.size() < started.size()) {
    const auto message = endpoint_.receive();
    const auto id = id_of(message);
    if (!id) {
      ++outcome.notifications;
      continue;
    }
    now = Clock::now();
    const auto index = static_cast<std::size_t>(id->value - first_id);
    if (index >= started.size()) throw std::runtime_error("an answer to nothing that was asked");
    outcome.size_of_last_answer = message.size() - id->digits;
    if (load.tool.answer_size != 0 && outcome.size_of_last_answer != load.tool.answer_size)
      throw std::runtime_error(fmt::format("an answer of {} bytes instead of {}: {}",
                                           outcome.size_of_last_answer, load.tool.answer_size,
                                           message.substr(0, 200)));
    outcome.latencies.push_back(std::chrono::duration<double>(now - started[index]).count());
    if (started.size() < load.calls && now - start < load.time) call();
  }
  outcome.seconds = std::chrono::duration<double>(now - start).count();
  outcome.cpu_seconds = std::chrono::duration<double>(endpoint_.cpu_time() - cpu_before).count();
  return outcome;
}

}  // namespace bench
