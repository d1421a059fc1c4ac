// SPDX-License-Identifier: MIT
// Reads WWW-Authenticate (RFC 9110, section 11.6.1).
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mcpio::codec {

struct Challenge {
  std::string scheme;                         // as it was written
  std::string token68;                        // "Negotiate dG9rZW4=" and the like; mostly empty
  std::map<std::string, std::string> params;  // names in lower case, values without their quotes

  // The value of a parameter; the name in lower case. No value: there is none.
  std::optional<std::string_view> param(std::string_view name) const;
};

// All challenges of all field lines, in order; a line may hold several. What cannot be understood
// is skipped up to the next comma: a peer's mistake never hides a challenge that is well formed.
// A parameter named twice counts the first time. At most 64 challenges of 64 parameters are read.
std::vector<Challenge> parse_challenges(std::span<const std::string_view> lines);

// The first one of that scheme, in any case; null: there is none.
const Challenge* find_challenge(std::span<const Challenge> challenges, std::string_view scheme);

}  // namespace mcpio::codec
