// SPDX-License-Identifier: MIT
// The user's signing key, from the texts of the files that hold it.
#pragma once

#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "oauth/client_assertion.h"

namespace mcpio::oauth {

// Empty texts: not given.
struct ClientKeyTexts {
  Secret key;                    // PEM, or a private JWK
  Secret passphrase = {};        // of an encrypted PEM key; a line break at its end is none of it
  std::string certificate = {};  // PEM; its digest becomes x5t#S256
  std::string algorithm = {};    // RS256, PS256, ES256, ES384 or EdDSA
  std::string id = {};           // kid
};

// Fails with config: the key or the certificate cannot be read, or the key cannot do the algorithm.
Result<ClientKey> read_client_key(const ClientKeyTexts& texts);

}  // namespace mcpio::oauth
