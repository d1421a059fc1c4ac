// SPDX-License-Identifier: MIT
#include "bridge/cold_start.h"

#include <fmt/core.h>

#include <string>
#include <string_view>
#include <utility>

#include "base/log.h"
#include "codec/json_view.h"
#include "mcp/methods.h"
#include "mcp/protocol_version.h"

namespace mcpio::bridge {
namespace {

constexpr std::string_view kInitialize = "initialize";
constexpr std::string_view kInitialized = "notifications/initialized";
constexpr std::string_view kListsThatChange[] = {"tools", "resources", "prompts"};

// What the client asked for is promised, so that it goes on; most servers agree to it later.
std::string made_up_handshake(const Message& opening, std::string_view our_version) {
  const auto wanted = codec::find_member(opening.params().value_or("{}"), "protocolVersion");
  std::string version = fmt::format(R"("{}")", mcp::kNewestHandshake);
  if (wanted && codec::string_value(*wanted)) version = *wanted;
  std::string capabilities;
  for (const std::string_view name : kListsThatChange)
    capabilities +=
        fmt::format(R"({}"{}":{{"listChanged":true}})", capabilities.empty() ? "" : ",", name);
  return fmt::format(
      R"({{"protocolVersion":{},"capabilities":{{{}}},"serverInfo":{{"name":"mcp-stdio","version":"{}"}}}})",
      version, capabilities, our_version);
}

// No value: only the server can answer this.
std::optional<std::string> made_up_result(const Message& request) {
  if (request.method() == "ping") return "{}";
  const auto member = mcp::list_member(request.method());
  if (member) return fmt::format(R"({{"{}":[]}})", *member);
  return std::nullopt;
}

}  // namespace

ColdStart::ColdStart(asio::any_io_executor executor, std::unique_ptr<Upstream> inner,
                     std::string version, LoginEnd until_login_ends)
    : Layer(std::move(inner)),
      version_(std::move(version)),
      until_login_ends_(std::move(until_login_ends)),
      tasks_(std::move(executor)) {}

awaitable<Result<Message>> ColdStart::call(Call call) {
  if (gate_) return answer_here(std::move(call));
  if (call.request.is_request(kInitialize)) return open(std::move(call));
  return inner().call(std::move(call));
}

awaitable<Result<Message>> ColdStart::open(Call call) {
  const Message opening = call.request;
  auto answer = co_await inner().call(std::move(call));
  if (answer || answer.error().kind != ErrorKind::sign_in_pending) co_return answer;
  log::info("somebody has to sign in first; until then the client gets empty lists");
  gate_.emplace(Gate{.opening = opening, .reason = answer.error()});
  begin();
  co_return mcp::make_result(opening.id(), made_up_handshake(opening, version_));
}

awaitable<Result<Message>> ColdStart::answer_here(Call call) {
  if (call.request.is_request(kInitialize)) {
    gate_->opening = call.request;
    co_return mcp::make_result(call.request.id(), made_up_handshake(call.request, version_));
  }
  if (const auto result = made_up_result(call.request))
    co_return mcp::make_result(call.request.id(), *result);
  const Error reason = gate_->reason;
  begin();
  co_return std::unexpected(reason);
}

awaitable<Result<void>> ColdStart::tell(Message message, std::shared_ptr<const Origin> origin) {
  if (!gate_) co_return co_await inner().tell(std::move(message), std::move(origin));
  if (message.is_notification(kInitialized)) gate_->confirmation = std::move(message);
  co_return ok();
}

awaitable<Result<void>> ColdStart::run(std::shared_ptr<Hearer> own) {
  own_ = own;
  return inner().run(std::move(own));
}

void ColdStart::begin() {
  if (std::exchange(shaking_hands_, true)) return;
  tasks_.spawn("the handshake after the login", shake_hands());
}

awaitable<Result<void>> ColdStart::shake_hands() {
  for (;;) {
    auto ended = co_await until_login_ends_();
    if (!ended) co_return propagate(ended);
    Call call(gate_->opening, own_, nullptr, nullptr);
    auto answer = co_await inner().call(std::move(call));
    if (answer && answer->result()) co_return co_await lift();
    if (!answer && answer.error().kind == ErrorKind::cancelled) co_return propagate(answer);
    if (!answer && answer.error().kind == ErrorKind::sign_in_pending) {
      gate_->reason = answer.error();
      continue;
    }
    const std::string why = answer ? "the server refused the handshake" : answer.error().message;
    gate_->reason = Error{ErrorKind::sign_in_pending, "not signed in: " + log::redacted(why)};
    log::warning("{}", gate_->reason.message);
    shaking_hands_ = false;
    co_return ok();
  }
}

awaitable<Result<void>> ColdStart::lift() {
  shaking_hands_ = false;
  if (gate_->confirmation) {
    auto told = co_await inner().tell(*gate_->confirmation, nullptr);
    if (!told) log::warning("{}: {}", kInitialized, told.error().message);
  }
  gate_.reset();
  for (const std::string_view list : kListsThatChange)
    co_await own_->hear(mcp::make_notification(fmt::format("notifications/{}/list_changed", list)));
  co_return ok();
}

awaitable<void> ColdStart::close() {
  tasks_.cancel();
  co_await tasks_.join();
  co_await inner().close();
}

}  // namespace mcpio::bridge
