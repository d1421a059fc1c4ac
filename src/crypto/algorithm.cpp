// SPDX-License-Identifier: MIT
#include "crypto/algorithm.h"

#include <algorithm>
#include <iterator>

namespace mcpio::crypto {
namespace {

// In the order of the enumeration.
constexpr std::string_view kNames[] = {"RS256", "PS256", "ES256", "ES384", "EdDSA", "HS256"};

}  // namespace

std::string_view name_of(Algorithm algorithm) { return kNames[static_cast<int>(algorithm)]; }

std::optional<Algorithm> parse_algorithm(std::string_view name) {
  const auto found = std::ranges::find(kNames, name);
  if (found == std::end(kNames)) return std::nullopt;
  return static_cast<Algorithm>(found - std::begin(kNames));
}

}  // namespace mcpio::crypto
