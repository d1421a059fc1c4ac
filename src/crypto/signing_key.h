// SPDX-License-Identifier: MIT
// A private key that signs: from a file of the user, or made for a DPoP proof.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "crypto/algorithm.h"

namespace mcpio::crypto {

// RSA from 2048 bits, P-256, P-384 or Ed25519. Copies share the key; it is wiped with the last one.
// Errors say what the key is and what would be accepted, and never show any of it.
class SigningKey {
 public:
  // PKCS#8, encrypted or not, and the older forms of RSA and EC keys. `passphrase` is only used if
  // the key is encrypted; that it is missing or wrong is said. Fails with config.
  static Result<SigningKey> from_pem(const Secret& pem, const Secret& passphrase);
  // A private JWK (RFC 7517, RFC 7518 section 6, RFC 8037 section 2). Its `alg`, if it has one, is
  // all that the key then does (RFC 7517, section 4.4). Fails with config.
  static Result<SigningKey> from_jwk(const Secret& jwk);
  // A new P-256 key.
  static SigningKey generate();

  // What it can sign with, best first; never empty. RSA begins with RS256, which is what a server
  // that lists no algorithms can be expected to know (RFC 8414, section 2).
  const std::vector<Algorithm>& algorithms() const;
  bool can(Algorithm algorithm) const;

  // The signature as JWS has it (RFC 7518, section 3.4: r and s side by side, not DER), raw bytes.
  // The algorithm must be one the key can do.
  std::string sign(Algorithm algorithm, std::string_view bytes) const;
  // Is it a signature of this key? Nothing that is passed here makes it fail otherwise.
  bool verify(Algorithm algorithm, std::string_view bytes, std::string_view signature) const;

  // The `kid` of the JWK it came from; no value: a PEM file, or none given.
  const std::optional<std::string>& key_id() const;
  // RFC 7638, SHA-256, base64url.
  std::string thumbprint() const;
  // The public half as JSON text, with the required members alone, in the order of RFC 7638.
  std::string public_jwk() const;
  // All of it, to be kept; from_jwk() reads it.
  Secret private_jwk() const;

 private:
  struct Parts;  // keeps OpenSSL out of this header
  static Result<SigningKey> examined(Parts parts);
  explicit SigningKey(std::shared_ptr<const Parts> parts) : parts_(std::move(parts)) {}

  std::shared_ptr<const Parts> parts_;
};

}  // namespace mcpio::crypto
