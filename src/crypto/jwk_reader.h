// SPDX-License-Identifier: MIT
// Private keys from JSON Web Keys (RFC 7517; RFC 7518, section 6; RFC 8037, section 2).
#pragma once

#include "base/result.h"
#include "codec/json_document.h"
#include "crypto/evp.h"

namespace mcpio::crypto {

// Fails with config: it is no private key of a kind we sign with, it is not meant for that, or its
// parts make no key. Whether its halves belong together is for the caller to try.
Result<Key> key_from_jwk(const codec::JsonObject& jwk);

}  // namespace mcpio::crypto
