// SPDX-License-Identifier: MIT
// What a kept refresh token is good for, where that is less than the token in use.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "store/state.h"

namespace mcpio::auth {

// A login for more scope may come back without a refresh token. The one of before stays good, but
// "if omitted [the scope] is treated as equal to the scope originally granted" (RFC 6749, section
// 6): what it gets is for less again. Whoever took it for more would never ask for the rest.
//
// One is kept for each server, by the digest of its refresh token, over all runs.
class RefreshScope {
 public:
  // `state` must outlive it. `server` is the MCP server's URL.
  RefreshScope(store::State& state, std::string_view server);

  void remember(const Secret& refresh_token, std::string_view scope);
  // No value: that of the token in use.
  std::optional<std::string> of(const Secret& refresh_token);

 private:
  store::State& state_;
  const std::string key_;
};

}  // namespace mcpio::auth
