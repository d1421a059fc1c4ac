// SPDX-License-Identifier: MIT
// Makes a key from its parts.
#pragma once

#include <openssl/param_build.h>

#include <string>
#include <vector>

#include "base/secret.h"
#include "crypto/evp.h"

namespace mcpio::crypto {

// Parts are named as OpenSSL names them. Texts and bytes are not copied: they must still be there
// when the key is made.
class KeyRecipe {
 public:
  KeyRecipe();

  void add_text(const char* param, const char* text);
  void add_bytes(const char* param, const std::string& bytes);
  // From big-endian bytes.
  void add_number(const char* param, const Secret& bytes);

  // A private key of that type, with its public half. Null: these parts make none.
  Key make(const char* type) const;

 private:
  Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> builder_;
  std::vector<Number> numbers_;  // the builder refers to them
};

}  // namespace mcpio::crypto
