// SPDX-License-Identifier: MIT
// Keys for tests, and a look into the tokens they sign.
#pragma once

#include <string>
#include <string_view>

#include "base/secret.h"
#include "codec/base64.h"
#include "crypto/key_fixture.h"
#include "crypto/signing_key.h"

namespace mcpio::test {

inline crypto::SigningKey key_of(std::string_view jwk) {
  return crypto::SigningKey::from_jwk(Secret(std::string(jwk))).value();
}

// The header (0) or the claims (1) of a JWS in compact form.
inline std::string jwt_part(std::string_view jwt, int part) {
  if (part == 1) jwt.remove_prefix(jwt.find('.') + 1);
  return codec::decode_base64url(jwt.substr(0, jwt.find('.'))).value();
}

}  // namespace mcpio::test
