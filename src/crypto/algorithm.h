// SPDX-License-Identifier: MIT
// Signature algorithms and their names (RFC 7518, section 3.1; RFC 8037, section 3.1).
#pragma once

#include <optional>
#include <string_view>

namespace mcpio::crypto {

enum class Algorithm { rs256, ps256, es256, es384, eddsa, hs256 };

std::string_view name_of(Algorithm algorithm);  // "RS256", ..., "EdDSA"
// No value: we cannot do it, or there is no such algorithm. Names are case-sensitive.
std::optional<Algorithm> parse_algorithm(std::string_view name);

}  // namespace mcpio::crypto
