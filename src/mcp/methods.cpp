// SPDX-License-Identifier: MIT
#include "mcp/methods.h"

#include <algorithm>
#include <array>
#include <utility>

#include "codec/json_view.h"
#include "mcp/message.h"

namespace mcpio::mcp {

bool is_replay_safe(std::string_view method) {
  static constexpr std::array<std::string_view, 16> kSafe{"completion/complete",
                                                          "initialize",
                                                          "logging/setLevel",
                                                          "notifications/cancelled",
                                                          "notifications/initialized",
                                                          "notifications/roots/list_changed",
                                                          "ping",
                                                          "prompts/get",
                                                          "prompts/list",
                                                          "resources/list",
                                                          "resources/read",
                                                          "resources/subscribe",
                                                          "resources/templates/list",
                                                          "resources/unsubscribe",
                                                          "server/discover",
                                                          "tools/list"};
  return std::find(kSafe.begin(), kSafe.end(), method) != kSafe.end();
}

bool is_replay_safe(const Message& message) {
  return message.is_response() || is_replay_safe(message.method());
}

std::optional<std::string_view> list_member(std::string_view method) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kLists{
      {{"tools/list", "tools"},
       {"resources/list", "resources"},
       {"resources/templates/list", "resourceTemplates"},
       {"prompts/list", "prompts"}}};
  for (const auto& [name, member] : kLists)
    if (name == method) return member;
  return std::nullopt;
}

std::string operation_of(std::string_view method, std::string_view text) {
  std::string_view member;
  if (method == "tools/call" || method == "prompts/get") member = "name";
  if (method.starts_with("resources/")) member = "uri";
  if (member.empty()) return std::string(method);
  const auto value = codec::find_member(text, "params", member);
  const auto name = value ? codec::string_value(*value) : std::nullopt;
  if (!name) return std::string(method);
  return std::string(method) + ' ' + name->substr(0, kOperationName);
}

std::span<const std::string_view> params_decided_on(std::string_view method) {
  static constexpr std::array<std::string_view, 1> kOfAny{"_meta"};
  static constexpr std::array<std::string_view, 3> kOfCall{"_meta", "name", "arguments"};
  static constexpr std::array<std::string_view, 2> kOfList{"_meta", "cursor"};
  static constexpr std::array<std::string_view, 2> kOfSubscription{"_meta", "uri"};
  static constexpr std::array<std::string_view, 2> kOfCancellation{"_meta", "requestId"};
  if (method == "tools/call") return kOfCall;
  if (method == "resources/subscribe" || method == "resources/unsubscribe") return kOfSubscription;
  if (method == "notifications/cancelled") return kOfCancellation;
  if (list_member(method)) return kOfList;
  return kOfAny;
}

}  // namespace mcpio::mcp
