// SPDX-License-Identifier: MIT
#include "cli/option_values.h"

#include <fmt/core.h>

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>
#include <utility>

#include "http/message.h"

namespace mcpio::cli {

namespace {

using http::equals_ignoring_case;

// Thirty years: beyond it nobody means a number, and chrono would overflow at some point.
constexpr double kMostSeconds = 1e9;

std::optional<double> parse_number(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// How many bytes one unit is; no value: no such unit.
std::optional<std::size_t> unit_bytes(std::string_view unit) {
  constexpr std::array<std::pair<std::string_view, std::size_t>, 8> kUnits{{
      {"", 1},
      {"B", 1},
      {"K", 1024},
      {"KiB", 1024},
      {"M", 1024 * 1024},
      {"MiB", 1024 * 1024},
      {"G", 1024 * 1024 * 1024},
      {"GiB", 1024 * 1024 * 1024},
  }};
  for (const auto& [name, bytes] : kUnits)
    if (equals_ignoring_case(name, unit)) return bytes;
  return std::nullopt;
}

}  // namespace

std::optional<bool> parse_switch(std::string_view text) {
  for (std::string_view yes : {"1", "true", "yes", "on"})
    if (equals_ignoring_case(text, yes)) return true;
  for (std::string_view no : {"", "0", "false", "no", "off"})
    if (equals_ignoring_case(text, no)) return false;
  return std::nullopt;
}

Result<std::chrono::milliseconds> parse_seconds(std::string_view text) {
  const auto number = parse_number(text);
  if (!number || !(*number >= 0 && *number <= kMostSeconds))
    return fail(ErrorKind::config,
                fmt::format("'{}' is not a number of seconds, such as 10 or 0.5", text));
  return std::chrono::milliseconds(static_cast<long long>(std::ceil(*number * 1000)));
}

Result<std::chrono::milliseconds> parse_seconds_above_zero(std::string_view text) {
  auto seconds = parse_seconds(text);
  if (seconds && seconds->count() == 0)
    return fail(ErrorKind::config, "must be above 0: it cannot be switched off");
  return seconds;
}

Result<std::size_t> parse_bytes(std::string_view text) {
  const auto wrong = [text] {
    return fail(ErrorKind::config,
                fmt::format("'{}' is not a size, such as 1048576, 512K or 64M", text));
  };
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return wrong();
  const auto unit = unit_bytes(text.substr(static_cast<std::size_t>(end - text.data())));
  if (!unit || number > std::numeric_limits<std::size_t>::max() / *unit) return wrong();
  return number * *unit;
}

}  // namespace mcpio::cli
