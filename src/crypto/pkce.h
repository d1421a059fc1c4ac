// SPDX-License-Identifier: MIT
// Proof Key for Code Exchange (RFC 7636), method S256.
#pragma once

#include <string>
#include <string_view>

#include "base/secret.h"

namespace mcpio::crypto {

struct Pkce {
  Secret verifier;
  std::string challenge;
};

// A verifier of 86 characters, 512 random bits (section 4.1 allows 43 to 128).
Pkce make_pkce();

// Section 4.2.
std::string s256_challenge(std::string_view verifier);

}  // namespace mcpio::crypto
