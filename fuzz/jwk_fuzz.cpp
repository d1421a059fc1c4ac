// SPDX-License-Identifier: MIT
// A key that is read, from a JWK or from PEM, signs what it verifies, and is the same key when it
// is written down and read again.
#include <string>

#include "crypto/signing_key.h"
#include "property.h"

namespace mcpio::fuzz {
namespace {

void check_key(const crypto::SigningKey& key) {
  check(!key.algorithms().empty(), "a key can do something");
  const auto again = crypto::SigningKey::from_jwk(key.private_jwk());
  check(again.has_value(), "a key that is written is read");
  check(again->private_jwk() == key.private_jwk(), "and is the same one");
  check(again->thumbprint() == key.thumbprint(), "of the same thumbprint");
  check(again->key_id() == key.key_id(), "of the same name");
  for (const auto algorithm : key.algorithms()) {
    const std::string signature = key.sign(algorithm, "text");
    check(again->verify(algorithm, "text", signature), "its signatures hold");
    check(!again->verify(algorithm, "other", signature), "for what was signed");
  }
}

}  // namespace
}  // namespace mcpio::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace mcpio;
  const Secret text{std::string(fuzz::text_of(bytes, size))};
  if (const auto key = crypto::SigningKey::from_jwk(text)) fuzz::check_key(*key);
  if (const auto key = crypto::SigningKey::from_pem(text, Secret("p"))) fuzz::check_key(*key);
  return 0;
}
