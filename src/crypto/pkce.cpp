// SPDX-License-Identifier: MIT
#include "crypto/pkce.h"

#include "codec/base64.h"
#include "crypto/random.h"
#include "crypto/sha256.h"

namespace mcpio::crypto {

Pkce make_pkce() {
  Secret verifier(random_token(64));
  std::string challenge = s256_challenge(verifier.reveal());
  return {.verifier = std::move(verifier), .challenge = std::move(challenge)};
}

std::string s256_challenge(std::string_view verifier) { return codec::base64url(sha256(verifier)); }

}  // namespace mcpio::crypto
