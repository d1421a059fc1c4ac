// SPDX-License-Identifier: MIT
#include "upstream/session.h"

#include <fmt/core.h>

#include <array>
#include <utility>

#include "base/limits.h"
#include "codec/json_view.h"
#include "mcp/methods.h"

namespace mcpio::upstream {
namespace {

constexpr std::array<std::string_view, 3> kListCapabilities{"tools", "resources", "prompts"};

}  // namespace

bool may_mean_lost_session(int status) { return status == 404 || status == 400 || status == 410; }

void Session::opened(const mcp::Message& request, const mcp::Message& answer,
                     const http::Head& head) {
  initialize_ = request;
  log_level_.reset();
  subscriptions_.clear();
  questions_.clear();
  id_.clear();
  capabilities_.clear();
  const auto capabilities = codec::find_member(*answer.result(), "capabilities");
  for (const auto name : kListCapabilities)
    if (capabilities && codec::find_member(*capabilities, name)) capabilities_.emplace(name);
  learn(answer, head);
}

void Session::reopened(const mcp::Message& answer, const http::Head& head) {
  id_.clear();
  learn(answer, head);
}

void Session::learn(const mcp::Message& answer, const http::Head& head) {
  ++epoch_;
  version_.clear();
  adopt_id(head);
  const auto version = codec::find_member(*answer.result(), "protocolVersion");
  if (!version) return;
  const auto name = codec::string_value(*version);
  if (name && name->size() <= limits::kProtocolVersionBytes && mcp::is_header_safe(*name))
    version_ = *name;
}

void Session::adopt_id(const http::Head& head) {
  if (std::string id = id_in(head); !id.empty()) id_ = std::move(id);
}

std::string Session::id_in(const http::Head& head) {
  const auto id = head.fields.find("mcp-session-id");
  if (!id || id->size() > limits::kSessionIdBytes || !mcp::is_header_safe(*id)) return {};
  return std::string(*id);
}

void Session::succeeded(const mcp::Message& request) {
  if (request.method() == "logging/setLevel") log_level_ = request;
  const bool subscribes = request.method() == "resources/subscribe";
  if (!subscribes && request.method() != "resources/unsubscribe") return;
  const auto uri = request.params() ? codec::find_member(*request.params(), "uri") : std::nullopt;
  if (!uri) return;
  if (subscribes)
    subscriptions_.insert_or_assign(std::string(*uri), request);
  else
    subscriptions_.erase(std::string(*uri));
}

void Session::add_to(http::Fields& fields) const {
  if (!id_.empty()) fields.set("Mcp-Session-Id", id_);
  if (!version_.empty()) fields.set("MCP-Protocol-Version", version_);
}

std::vector<mcp::Message> Session::replay() const {
  std::vector<mcp::Message> requests;
  if (log_level_) requests.push_back(*log_level_);
  for (const auto& [uri, subscription] : subscriptions_) requests.push_back(subscription);
  return requests;
}

std::vector<mcp::Message> Session::list_changes() const {
  std::vector<mcp::Message> changes;
  for (const std::string& list : capabilities_)
    changes.push_back(mcp::make_notification(fmt::format("notifications/{}/list_changed", list)));
  return changes;
}

bool Session::heard(const mcp::Message& message) {
  if (message.is_notification("notifications/cancelled") && message.params()) {
    const auto id = codec::find_member(*message.params(), "requestId");
    if (id) questions_.erase(mcp::canonical_id(*id));
  }
  if (!message.is_request()) return true;
  if (message.id().size() > limits::kQuestionIdBytes) return false;
  if (questions_.size() >= limits::kOpenQuestions) return false;
  questions_.insert_or_assign(mcp::canonical_id(message.id()), std::string(message.id()));
  return true;
}

std::optional<mcp::Message> Session::refusal_of(const mcp::Message& question) {
  if (question.id().size() > limits::kQuestionIdBytes) return std::nullopt;
  return mcp::make_error(question.id(), mcp::error_code::kInternalError,
                         "the client has too many open questions; ask again later");
}

bool Session::answered(const mcp::Message& answer) {
  return questions_.erase(mcp::canonical_id(answer.id())) > 0;
}

std::vector<mcp::Message> Session::withdraw_questions() {
  std::vector<mcp::Message> cancellations;
  for (const auto& [canonical, id] : questions_) {
    const std::string params =
        fmt::format(R"({{"requestId":{},"reason":"the server has lost the session"}})", id);
    cancellations.push_back(mcp::make_notification("notifications/cancelled", params));
  }
  questions_.clear();
  return cancellations;
}

}  // namespace mcpio::upstream
