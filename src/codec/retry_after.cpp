// SPDX-License-Identifier: MIT
#include "codec/retry_after.h"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "codec/http_date.h"

namespace mcpio::codec {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// from_chars knows no locale; it does know "inf" and "nan", hence the first test.
std::optional<double> parse_seconds(std::string_view text) {
  if (text.find_first_not_of("0123456789.eE+-") != text.npos) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return std::max(0.0, value);
}

}  // namespace

std::optional<double> parse_retry_after(std::string_view value, WallTime now) {
  using Seconds = std::chrono::duration<double>;
  value = trimmed(value);
  if (const auto delta = parse_seconds(value)) return delta;
  const auto date = parse_http_date(value, now);
  if (!date) return std::nullopt;
  // In floating point from the start: the distance of two far dates does not fit nanoseconds.
  const Seconds delta = Seconds(date->time_since_epoch()) - Seconds(now.time_since_epoch());
  return std::max(0.0, delta.count());
}

}  // namespace mcpio::codec
