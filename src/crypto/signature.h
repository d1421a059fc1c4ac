// SPDX-License-Identifier: MIT
// Signatures as JWS has them (RFC 7518, sections 3.3 to 3.5; RFC 8037, section 3.1).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crypto/algorithm.h"
#include "crypto/evp.h"

namespace mcpio::crypto {

// The key must be of a kind that does the algorithm. No value: its parts contradict each other.
std::optional<std::string> sign(EVP_PKEY& key, Algorithm algorithm, std::string_view bytes);
bool verify(EVP_PKEY& key, Algorithm algorithm, std::string_view bytes, std::string_view signature);

}  // namespace mcpio::crypto
