// SPDX-License-Identifier: MIT
#include "crypto/jwk_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "base/secret.h"
#include "codec/base64.h"
#include "codec/json_view.h"
#include "crypto/key_kind.h"
#include "crypto/key_recipe.h"
#include "crypto/rsa_members.h"

namespace mcpio::crypto {
namespace {

using codec::JsonObject;

Result<Secret> member(const JsonObject& jwk, std::string_view name) {
  const auto text = jwk.string(name);
  auto bytes = codec::decode_base64url(text.value_or("?"));  // which is none
  if (!bytes)
    return fail(ErrorKind::config, fmt::format("the JWK's {} is missing or no base64url", name));
  return Secret(*std::move(bytes));
}

// Leading zeros are kept (RFC 7518, section 6.2.1.2).
Result<Secret> member(const JsonObject& jwk, std::string_view name, std::size_t size) {
  auto bytes = member(jwk, name);
  if (bytes && bytes->reveal().size() != size)
    return fail(ErrorKind::config, fmt::format("the JWK's {} should have {} bytes", name, size));
  return bytes;
}

Result<void> add_member(KeyRecipe& recipe, const JsonObject& jwk, const RsaMember& part) {
  auto bytes = member(jwk, part.name);
  if (!bytes) return propagate(bytes);
  recipe.add_number(part.param, *bytes);
  return ok();
}

Result<Key> rsa_key(const JsonObject& jwk, const KeyKind& kind) {
  if (jwk.has("oth"))
    return fail(ErrorKind::config, "the JWK has an RSA key of more than two primes");
  std::vector<RsaMember> parts = {kRsaModulus, kRsaExponent, kRsaPrivate};
  if (std::ranges::any_of(kRsaFactors, [&](const auto& factor) { return jwk.has(factor.name); }))
    parts.insert(parts.end(), std::begin(kRsaFactors), std::end(kRsaFactors));
  KeyRecipe recipe;
  for (const RsaMember& part : parts)
    if (auto added = add_member(recipe, jwk, part); !added) return propagate(added);
  return recipe.make(kind.type);
}

Result<Key> ec_key(const JsonObject& jwk, const KeyKind& kind) {
  auto x = member(jwk, "x", kind.size);
  if (!x) return propagate(x);
  auto y = member(jwk, "y", kind.size);
  if (!y) return propagate(y);
  auto d = member(jwk, "d", kind.size);
  if (!d) return propagate(d);
  // SEC 1, section 2.3.3: a point that is not compressed.
  const std::string point = "\x04" + std::string(x->reveal()) + std::string(y->reveal());
  KeyRecipe recipe;
  recipe.add_text(OSSL_PKEY_PARAM_GROUP_NAME, kind.group);
  recipe.add_bytes(OSSL_PKEY_PARAM_PUB_KEY, point);
  recipe.add_number(OSSL_PKEY_PARAM_PRIV_KEY, *d);
  return recipe.make(kind.type);
}

Result<Key> okp_key(const JsonObject& jwk, const KeyKind& kind) {
  auto x = member(jwk, "x", kind.size);
  if (!x) return propagate(x);
  auto d = member(jwk, "d", kind.size);
  if (!d) return propagate(d);
  // OpenSSL works the public half out by itself.
  const auto* const bytes = bytes_of(d->reveal());
  Key key(EVP_PKEY_new_raw_private_key_ex(nullptr, kind.type, nullptr, bytes, kind.size));
  const bool is_its_public_half = key && raw_public_key(*key, kind.size) == x->reveal();
  return is_its_public_half ? std::move(key) : nullptr;
}

struct Reader {
  std::string_view kty;
  // Null: the parts make no key.
  Result<Key> (*read)(const JsonObject& jwk, const KeyKind& kind);
};

constexpr Reader kReaders[] = {{"RSA", rsa_key}, {"EC", ec_key}, {"OKP", okp_key}};

}  // namespace

Result<Key> key_from_jwk(const JsonObject& jwk) {
  if (jwk.has("keys"))
    return fail(ErrorKind::config, "the JWK is a set of keys: one of them alone is needed");
  const std::string kty = jwk.string("kty").value_or("");
  const std::string crv = jwk.string("crv").value_or("");
  if (kty == "oct")
    return fail(ErrorKind::config, "the JWK is a shared secret: --client-secret-file takes those");
  const KeyKind* const kind = find_kind(kty, crv);
  if (kind == nullptr)
    return unusable(fmt::format("has kty {} and crv {}", codec::quoted(kty), codec::quoted(crv)));
  if (!jwk.has("d"))
    return fail(ErrorKind::config, "the JWK is a public key, but a private one is needed");
  if (jwk.string("use") == "enc")
    return fail(ErrorKind::config,
                "the JWK is a key for encryption, but one for signatures is needed");
  auto key = std::ranges::find(kReaders, kind->kty, &Reader::kty)->read(jwk, *kind);
  if (key && *key == nullptr)
    return fail(ErrorKind::config, "the JWK is damaged: its parts make no key");
  return key;
}

}  // namespace mcpio::crypto
