// SPDX-License-Identifier: MIT
#include "oauth/scopes.h"

#include <fmt/format.h>

#include <algorithm>

namespace mcpio::oauth {
namespace {

constexpr std::string_view kOfflineAccess = "offline_access";

// Takes the first scope off the text; empty: there is none.
std::string_view take_scope(std::string_view& text) {
  constexpr std::string_view kSeparators = " ,";
  text.remove_prefix(std::min(text.find_first_not_of(kSeparators), text.size()));
  const std::string_view scope = text.substr(0, text.find_first_of(kSeparators));
  text.remove_prefix(scope.size());
  return scope;
}

bool is_empty(std::string_view text) { return take_scope(text).empty(); }

ScopeChoice first_source(const ScopeSources& sources) {
  if (sources.option) {
    ScopeChoice choice{.scope = *sources.option, .warning = ""};
    if (!has_scopes(choice.scope, sources.challenge))
      choice.warning = fmt::format("the server wants the scope '{}', but --oauth-scope is '{}'",
                                   sources.challenge, choice.scope);
    return choice;
  }
  if (!is_empty(sources.challenge)) return {.scope = sources.challenge, .warning = ""};
  const auto listed = sources.resource_supported.value_or(std::vector<std::string>());
  return {.scope = fmt::format("{}", fmt::join(listed, " ")), .warning = ""};
}

}  // namespace

std::set<std::string> split_scopes(std::string_view text) {
  std::set<std::string> scopes;
  for (auto scope = take_scope(text); !scope.empty(); scope = take_scope(text))
    scopes.emplace(scope);
  return scopes;
}

bool has_scopes(std::string_view all, std::string_view part) {
  return std::ranges::includes(split_scopes(all), split_scopes(part));
}

bool are_same_scopes(std::string_view a, std::string_view b) {
  return split_scopes(a) == split_scopes(b);
}

std::string unite_scopes(std::string_view a, std::string_view b) {
  std::set<std::string_view> seen;
  std::string united;
  for (std::string_view text : {a, b}) {
    for (auto scope = take_scope(text); !scope.empty(); scope = take_scope(text)) {
      if (!seen.insert(scope).second) continue;
      if (!united.empty()) united += ' ';
      united += scope;
    }
  }
  return united;
}

ScopeChoice choose_scope(const ScopeSources& sources) {
  ScopeChoice choice = first_source(sources);
  const bool is_offered =
      sources.server_supported && std::ranges::count(*sources.server_supported, kOfflineAccess) > 0;
  if (is_empty(choice.scope)) choice.scope.clear();
  if (!sources.offline_access || !is_offered || choice.scope.empty()) return choice;
  if (!has_scopes(choice.scope, kOfflineAccess)) choice.scope.append(" ").append(kOfflineAccess);
  return choice;
}

}  // namespace mcpio::oauth
