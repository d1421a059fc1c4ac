// SPDX-License-Identifier: MIT
// Keys for tests, and a look into the tokens they sign.
#pragma once

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "codec/base64.h"
#include "crypto/signing_key.h"

namespace mcpio::test {

// RFC 8037, appendix A.1.
inline crypto::SigningKey ed25519_key(std::string_view kid = "") {
  std::string jwk =
      R"({"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",)"
      R"("x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")";
  if (!kid.empty()) jwk.append(R"(,"kid":")").append(kid).append("\"");
  return crypto::SigningKey::from_jwk(Secret(jwk + "}")).value();
}

// A new one of 2048 bits, the same for the whole run.
inline crypto::SigningKey rsa_key() {
  static const crypto::SigningKey key = [] {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> made(EVP_RSA_gen(2048),
                                                                   EVP_PKEY_free);
    const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
    PEM_write_bio_PKCS8PrivateKey(out.get(), made.get(), nullptr, nullptr, 0, nullptr, nullptr);
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return crypto::SigningKey::from_pem(Secret(std::string(text, static_cast<std::size_t>(size))),
                                        Secret())
        .value();
  }();
  return key;
}

// The header (0) or the claims (1) of a JWS in compact form.
inline std::string jwt_part(std::string_view jwt, int part) {
  if (part == 1) jwt.remove_prefix(jwt.find('.') + 1);
  return codec::decode_base64url(jwt.substr(0, jwt.find('.'))).value();
}

}  // namespace mcpio::test
