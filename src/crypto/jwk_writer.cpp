// SPDX-License-Identifier: MIT
#include "crypto/jwk_writer.h"

#include <algorithm>
#include <string>
#include <utility>

#include "codec/base64.h"
#include "crypto/rsa_members.h"

namespace mcpio::crypto {
namespace {

using codec::JsonWriter;

// Null: the key does not have that part.
Number number_of(const EVP_PKEY& key, const char* param) {
  const ForgetErrors forget;
  BIGNUM* number = nullptr;
  return EVP_PKEY_get_bn_param(&key, param, &number) == 1 ? Number(number) : Number();
}

std::string wiped_base64url(std::string bytes) {
  std::string text = codec::base64url(bytes);
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return text;
}

// As many bytes as the curve has; 0: as few as it takes (RFC 7518, section 2, Base64urlUInt).
std::string encoded(const EVP_PKEY& key, const char* param, std::size_t size) {
  const Number number = number_of(key, param);
  require(number != nullptr, param);
  if (size == 0) size = static_cast<std::size_t>(BN_num_bytes(number.get()));
  std::string bytes(size, '\0');
  require(BN_bn2binpad(number.get(), bytes_of(bytes), static_cast<int>(size)) >= 0, param);
  return wiped_base64url(std::move(bytes));
}

std::string raw_private_key(const EVP_PKEY& key, std::size_t size) {
  std::string bytes(size, '\0');
  require(EVP_PKEY_get_raw_private_key(&key, bytes_of(bytes), &size) == 1, "private key");
  return bytes;
}

void add_member(JsonWriter& jwk, const EVP_PKEY& key, const RsaMember& part) {
  jwk.add(part.name, encoded(key, part.param, 0));
}

void add_rsa_public(JsonWriter& jwk, const EVP_PKEY& key, const KeyKind& kind) {
  add_member(jwk, key, kRsaExponent);
  jwk.add("kty", kind.kty);
  add_member(jwk, key, kRsaModulus);
}

void add_rsa_private(JsonWriter& jwk, const EVP_PKEY& key, const KeyKind& /*kind*/) {
  add_member(jwk, key, kRsaPrivate);
  if (number_of(key, kRsaFactors[0].param) == nullptr) return;
  for (const RsaMember& factor : kRsaFactors) add_member(jwk, key, factor);
}

void add_ec_public(JsonWriter& jwk, const EVP_PKEY& key, const KeyKind& kind) {
  jwk.add("crv", kind.crv).add("kty", kind.kty);
  jwk.add("x", encoded(key, OSSL_PKEY_PARAM_EC_PUB_X, kind.size));
  jwk.add("y", encoded(key, OSSL_PKEY_PARAM_EC_PUB_Y, kind.size));
}

void add_ec_private(JsonWriter& jwk, const EVP_PKEY& key, const KeyKind& kind) {
  jwk.add("d", encoded(key, OSSL_PKEY_PARAM_PRIV_KEY, kind.size));
}

void add_okp_public(JsonWriter& jwk, const EVP_PKEY& key, const KeyKind& kind) {
  jwk.add("crv", kind.crv).add("kty", kind.kty);
  jwk.add("x", codec::base64url(raw_public_key(key, kind.size)));
}

void add_okp_private(JsonWriter& jwk, const EVP_PKEY& key, const KeyKind& kind) {
  jwk.add("d", wiped_base64url(raw_private_key(key, kind.size)));
}

struct Writer {
  std::string_view kty;
  void (*add_public)(JsonWriter& jwk, const EVP_PKEY& key, const KeyKind& kind);
  void (*add_private)(JsonWriter& jwk, const EVP_PKEY& key, const KeyKind& kind);
};

constexpr Writer kWriters[] = {
    {"RSA", add_rsa_public, add_rsa_private},
    {"EC", add_ec_public, add_ec_private},
    {"OKP", add_okp_public, add_okp_private},
};

const Writer& writer_of(const KeyKind& kind) {
  return *std::ranges::find(kWriters, kind.kty, &Writer::kty);
}

}  // namespace

JsonWriter public_jwk(const EVP_PKEY& key, const KeyKind& kind) {
  JsonWriter jwk;
  writer_of(kind).add_public(jwk, key, kind);
  return jwk;
}

void add_private_members(JsonWriter& jwk, const EVP_PKEY& key, const KeyKind& kind) {
  writer_of(kind).add_private(jwk, key, kind);
}

}  // namespace mcpio::crypto
