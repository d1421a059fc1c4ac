// SPDX-License-Identifier: MIT
#include "crypto/signing_key.h"

#include <fmt/core.h>
#include <openssl/ec.h>

#include <algorithm>
#include <utility>

#include "codec/base64.h"
#include "crypto/evp.h"
#include "crypto/jwk_reader.h"
#include "crypto/jwk_writer.h"
#include "crypto/key_kind.h"
#include "crypto/pem.h"
#include "crypto/sha256.h"
#include "crypto/signature.h"

namespace mcpio::crypto {
namespace {

constexpr std::string_view kProbe = "do the halves belong together?";

bool is_whole(EVP_PKEY& key, Algorithm algorithm) {
  const auto signature = crypto::sign(key, algorithm, kProbe);
  return signature && crypto::verify(key, algorithm, kProbe, *signature);
}

std::string names_of(const std::vector<Algorithm>& algorithms) {
  std::string names;
  for (const Algorithm algorithm : algorithms)
    names.append(names.empty() ? "" : " and ").append(name_of(algorithm));
  return names;
}

}  // namespace

struct SigningKey::Parts {
  Key key;
  std::optional<std::string> key_id = {};
  std::optional<std::string> alg = {};  // of the JWK it came from
  const KeyKind* kind = nullptr;
  std::vector<Algorithm> algorithms = {};
};

Result<SigningKey> SigningKey::examined(Parts parts) {
  const auto kind = kind_of(*parts.key);
  if (!kind) return std::unexpected(kind.error());
  parts.kind = *kind;
  parts.algorithms.assign(parts.kind->algorithms.begin(), parts.kind->algorithms.end());
  if (!is_whole(*parts.key, parts.algorithms.front()))
    return fail(ErrorKind::config, "the key is damaged: its parts contradict each other");

  if (parts.alg) {
    const std::string able = names_of(parts.algorithms);
    std::erase_if(parts.algorithms, [&](Algorithm other) { return name_of(other) != *parts.alg; });
    if (parts.algorithms.empty())
      return fail(ErrorKind::config,
                  fmt::format("the JWK's alg is not what the key can do: {}", able));
  }
  return SigningKey(std::make_shared<const Parts>(std::move(parts)));
}

Result<SigningKey> SigningKey::from_pem(const Secret& pem, const Secret& passphrase) {
  auto key = key_from_pem(pem, passphrase);
  if (!key) return propagate(key);
  return examined(Parts{.key = *std::move(key)});
}

Result<SigningKey> SigningKey::from_jwk(const Secret& text) {
  const auto jwk = codec::JsonObject::parse(text.reveal(), "JWK");
  if (!jwk) return fail(ErrorKind::config, jwk.error().message);
  auto key = key_from_jwk(*jwk);
  if (!key) return propagate(key);
  return examined(
      Parts{.key = *std::move(key), .key_id = jwk->string("kid"), .alg = jwk->string("alg")});
}

SigningKey SigningKey::generate() {
  Key key(EVP_EC_gen("P-256"));
  require(key != nullptr, "new key");
  return examined(Parts{.key = std::move(key)}).value();
}

const std::vector<Algorithm>& SigningKey::algorithms() const { return parts_->algorithms; }

bool SigningKey::can(Algorithm algorithm) const {
  return std::ranges::find(algorithms(), algorithm) != algorithms().end();
}

std::string SigningKey::sign(Algorithm algorithm, std::string_view bytes) const {
  if (!can(algorithm)) throw std::logic_error("an algorithm that the key cannot do");
  return crypto::sign(*parts_->key, algorithm, bytes).value();
}

bool SigningKey::verify(Algorithm algorithm, std::string_view bytes,
                        std::string_view signature) const {
  return can(algorithm) && crypto::verify(*parts_->key, algorithm, bytes, signature);
}

const std::optional<std::string>& SigningKey::key_id() const { return parts_->key_id; }

std::string SigningKey::thumbprint() const { return codec::base64url(sha256(public_jwk())); }

std::string SigningKey::public_jwk() const {
  return crypto::public_jwk(*parts_->key, *parts_->kind).text();
}

Secret SigningKey::private_jwk() const {
  codec::JsonWriter jwk = crypto::public_jwk(*parts_->key, *parts_->kind);
  add_private_members(jwk, *parts_->key, *parts_->kind);
  return Secret(jwk.add("kid", parts_->key_id).add("alg", parts_->alg).text());
}

}  // namespace mcpio::crypto
