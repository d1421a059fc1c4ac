// SPDX-License-Identifier: MIT
// Private keys and certificates in PEM form (RFC 7468).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "crypto/evp.h"

namespace mcpio::crypto {

// The first private key of the text, of any type. Fails with config: there is none, it is damaged,
// or it is encrypted and the passphrase is missing or wrong.
Result<Key> key_from_pem(const Secret& pem, const Secret& passphrase);

}  // namespace mcpio::crypto
