// SPDX-License-Identifier: MIT
// Keys as JSON Web Keys (RFC 7517; RFC 7518, section 6; RFC 8037, section 2).
#pragma once

#include "codec/json_document.h"
#include "crypto/evp.h"
#include "crypto/key_kind.h"

namespace mcpio::crypto {

// The members that RFC 7638 (section 3.2) asks for, in its order, and no others.
codec::JsonWriter public_jwk(const EVP_PKEY& key, const KeyKind& kind);
// Those of the private half.
void add_private_members(codec::JsonWriter& jwk, const EVP_PKEY& key, const KeyKind& kind);

}  // namespace mcpio::crypto
