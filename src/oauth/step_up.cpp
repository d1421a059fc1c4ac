// SPDX-License-Identifier: MIT
#include "oauth/step_up.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/limits.h"
#include "oauth/peer_text.h"
#include "oauth/scopes.h"

namespace mcpio::oauth {

Result<std::string> StepUps::next(std::string_view operation, std::string_view granted,
                                  std::string_view challenged) {
  const auto refuse = [&](std::string_view why) {
    return fail(ErrorKind::rejected,
                fmt::format("the server wants more scope for {}: {}", shown(operation), why));
  };
  std::string wanted = unite_scopes(granted, challenged);
  if (wanted.size() > limits::kScopeBytes) return refuse("more than can be asked for");
  if (has_scopes(granted, challenged))
    return refuse(fmt::format("'{}', which the token already has", challenged));

  const bool is_known = tried_.contains(operation);
  if (!is_known && tried_.size() == limits::kStepUpOperations)
    return refuse("as for too many others before");
  auto& tried = tried_[std::string(operation)];
  auto scopes = split_scopes(wanted);
  const auto is_vain = [&](const Login& login) {
    return login.scopes == scopes && !login.brought_them;
  };
  if (std::ranges::any_of(tried, is_vain))
    return refuse(fmt::format("'{}', which a login has not brought", challenged));
  if (tried.size() == limits::kStepUps)
    return refuse(fmt::format("'{}', after {} logins for more", challenged, tried.size()));
  tried.push_back({.scopes = std::move(scopes)});
  return wanted;
}

void StepUps::brought(std::string_view operation, std::string_view granted) {
  const auto found = tried_.find(operation);
  if (found == tried_.end() || found->second.empty()) return;
  Login& last = found->second.back();
  last.brought_them = std::ranges::includes(split_scopes(granted), last.scopes);
}

}  // namespace mcpio::oauth
