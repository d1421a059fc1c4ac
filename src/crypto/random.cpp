// SPDX-License-Identifier: MIT
#include "crypto/random.h"

#include <openssl/rand.h>

#include "codec/base64.h"
#include "crypto/evp.h"

namespace mcpio::crypto {

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  require(RAND_bytes(bytes_of(bytes), static_cast<int>(count)) == 1, "randomness");
  return bytes;
}

std::string random_token(std::size_t bytes) { return codec::base64url(random_bytes(bytes)); }

double random_fraction() { return static_cast<unsigned char>(random_bytes(1).front()) / 256.0; }

}  // namespace mcpio::crypto
