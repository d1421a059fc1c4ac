// SPDX-License-Identifier: MIT
// The kinds of private keys we sign with; all that is particular to one of them is in one table.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/algorithm.h"
#include "crypto/evp.h"

namespace mcpio::crypto {

struct KeyKind {
  const char* type;                       // OpenSSL's name
  const char* group;                      // OpenSSL's name of the curve, for EC
  std::string_view kty;                   // RFC 7518, section 6.1
  std::string_view crv;                   // RFC 7518, section 6.2.1.1; RFC 8037, section 2
  std::size_t size;                       // of a coordinate or of the key in bytes; 0 for RSA
  std::span<const Algorithm> algorithms;  // best first
};

// What can be done instead of the key that `what` describes. Always fails, with config.
std::unexpected<Error> unusable(std::string_view what);

// Fails with config if we do not sign with such a key, or if it is too weak.
Result<const KeyKind*> kind_of(const EVP_PKEY& key);

// By the members of a JWK; `crv` is ignored where the kind has none. Null: there is none.
const KeyKind* find_kind(std::string_view kty, std::string_view crv);

}  // namespace mcpio::crypto
