// SPDX-License-Identifier: MIT
#include "crypto/sha256.h"

#include <openssl/hmac.h>
#include <openssl/sha.h>

#include "crypto/evp.h"

namespace mcpio::crypto {

std::string sha256(std::string_view bytes) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  require(SHA256(bytes_of(bytes), bytes.size(), bytes_of(digest)) != nullptr, "SHA-256");
  return digest;
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
  std::string code(SHA256_DIGEST_LENGTH, '\0');
  const auto* const done = HMAC(EVP_sha256(), bytes_of(key), static_cast<int>(key.size()),
                                bytes_of(bytes), bytes.size(), bytes_of(code), nullptr);
  require(done != nullptr, "HMAC");
  return code;
}

}  // namespace mcpio::crypto
