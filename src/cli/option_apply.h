// SPDX-License-Identifier: MIT
// How the text of an option becomes a member of the configuration. For the tables of options.
#pragma once

#include <fmt/core.h>
#include <unistd.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/nearest.h"
#include "cli/option.h"
#include "cli/option_values.h"

namespace mcpio::cli {

using Config = ConnectConfig;

// A path of member pointers leads from the draft to where the value goes.

inline constexpr auto kConfig = &Draft::config;
inline constexpr auto kHttp = &Config::http;
inline constexpr auto kTls = &http::ClientSettings::tls;
inline constexpr auto kLog = &Config::log;

template <auto... Path>
auto& member(Draft& draft) {
  return (draft.*....*Path);
}

// Parse makes a Result of one text.
template <auto Parse, auto... Path>
Result<void> parsed(Draft& draft, Values values) {
  auto value = Parse(values.back());
  if (!value) return propagate(value);
  member<Path...>(draft) = *std::move(value);
  return ok();
}

inline Result<bool> parse_on(std::string_view text) {
  if (const auto on = parse_switch(text)) return *on;
  return fail(ErrorKind::config, fmt::format("'{}' is neither yes nor no", text));
}

inline Result<bool> parse_off(std::string_view text) {
  auto on = parse_on(text);
  if (!on) return propagate(on);
  return !*on;
}

inline Result<std::string> parse_text(std::string_view text) { return std::string(text); }

inline Result<std::string> parse_readable_file(std::string_view text) {
  std::string path(text);
  if (access(path.c_str(), R_OK) == 0) return path;
  return fail(ErrorKind::io, fmt::format("cannot read '{}', check the path and its rights", path));
}

template <class T>
using Choice = std::pair<std::string_view, T>;

template <class T, std::size_t N>
Result<T> choose(std::string_view text, const std::array<Choice<T>, N>& choices) {
  std::vector<std::string_view> names;
  for (const auto& [name, value] : choices) {
    if (name == text) return value;
    names.push_back(name);
  }
  if (const auto meant = nearest(text, names))
    return fail(ErrorKind::config,
                fmt::format("'{}' is not known, did you mean {}?", text, *meant));
  std::string list(names.front());
  for (std::size_t i = 1; i < names.size(); ++i)
    list += fmt::format("{}{}", i + 1 < names.size() ? ", " : " or ", names[i]);
  return fail(ErrorKind::config, fmt::format("'{}' is not known, use {}", text, list));
}

}  // namespace mcpio::cli
