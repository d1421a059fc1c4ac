// SPDX-License-Identifier: MIT
// Sets of scopes (RFC 6749, section 3.3), and which of them to ask for.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace mcpio::oauth {

// Split on spaces and, because of GitHub and Slack, on commas.
std::set<std::string> split_scopes(std::string_view text);

// Is all of `part` in `all`?
bool has_scopes(std::string_view all, std::string_view part);
// In whatever order.
bool are_same_scopes(std::string_view a, std::string_view b);
// The scopes of `a`, then what only `b` has, each once and in its order: to Entra ID the first one
// says which resource is meant.
std::string unite_scopes(std::string_view a, std::string_view b);

struct ScopeSources {
  std::optional<std::string> option;                           // --oauth-scope; "" asks for none
  std::string challenge;                                       // of the 401
  std::optional<std::vector<std::string>> resource_supported;  // the resource's scopes_supported
  // The authorization server's list: never asked for, only looked at for offline_access.
  std::optional<std::vector<std::string>> server_supported;
  bool offline_access = true;  // false: --no-offline-access, or a grant without refresh tokens
};

struct ScopeChoice {
  std::string scope;    // the value of the parameter; empty: leave it out
  std::string warning;  // empty: nothing to say
};

// The option, else the challenge, each word for word, else what the resource lists, else nothing
// (MCP 2026-07-28, scope selection strategy). offline_access joins what is not empty if the server
// lists it (MCP 2026-07-28, refresh tokens).
ScopeChoice choose_scope(const ScopeSources& sources);

}  // namespace mcpio::oauth
