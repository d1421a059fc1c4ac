// SPDX-License-Identifier: MIT
// When a 403 insufficient_scope is worth another login (MCP 2026-07-28, step-up authorization
// flow).
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace mcpio::oauth {

// Remembers what was tried, so that a server that is never content cannot keep us logging in: once
// for an operation and a set of scopes, and, with the login before it, three authorizations for one
// operation in all. Lives as long as the conversation with one server; what it holds
// is bounded by limits::kStepUpOperations and kScopeBytes.
class StepUps {
 public:
  // The scope to ask for: `granted` and `challenged` together. `operation` is what was refused, as
  // in "tools/call search". Fails with rejected, and says why, if a login would change nothing.
  Result<std::string> next(std::string_view operation, std::string_view granted,
                           std::string_view challenged);

  // The login for that has brought this. What was brought and is lost again, since a refresh token
  // was good for less, may be asked for once more, within the three.
  void brought(std::string_view operation, std::string_view granted);

 private:
  struct Login {
    std::set<std::string> scopes;
    bool brought_them = false;
  };
  std::map<std::string, std::vector<Login>, std::less<>> tried_;
};

}  // namespace mcpio::oauth
