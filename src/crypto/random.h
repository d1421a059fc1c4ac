// SPDX-License-Identifier: MIT
// Randomness that nobody can guess.
#pragma once

#include <cstddef>
#include <string>

namespace mcpio::crypto {

std::string random_bytes(std::size_t count);
// That many random bytes in base64url: 43 characters for 32 bytes. For state, jti, and names.
std::string random_token(std::size_t bytes = 32);

// From 0 up to, but not including, 1; in steps of 1/256. For pauses that differ.
double random_fraction();

}  // namespace mcpio::crypto
