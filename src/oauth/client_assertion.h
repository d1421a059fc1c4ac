// SPDX-License-Identifier: MIT
// The JWT by which a client proves who it is (RFC 7521, section 4.2; RFC 7523, section 2.2).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "crypto/signing_key.h"

namespace mcpio::oauth {

// A key of the user, and what the user says about it.
struct ClientKey {
  crypto::SigningKey key;
  std::optional<crypto::Algorithm> algorithm = {};  // --client-key-alg
  std::string id = {};                              // --client-key-id; empty: not given
  std::string certificate_thumbprint = {};  // x5t#S256 of --client-key-cert; empty: not given
};

// ..._signing_alg_values_supported (RFC 8414, section 2). No value: absent.
using AdvertisedAlgorithms = std::optional<std::vector<std::string>>;

// The user's; else the key's best one that is advertised, or its best if nothing is. Fails with
// config, naming both sides.
Result<crypto::Algorithm> algorithm_for(const ClientKey& key,
                                        const AdvertisedAlgorithms& advertised);

// `kid`: the user's, else the JWK's, else the thumbprint (RFC 7638).
std::string key_id_of(const ClientKey& key);

struct AssertionClaims {
  std::string client_id;  // `iss` and `sub`
  std::string audience;   // one string: an array has been abused to replay assertions elsewhere
  std::string jti;        // used once
  WallTime now;           // `iat`; `exp` is 60 s later
};

// private_key_jwt. The key must be able to do the algorithm.
std::string client_assertion(const ClientKey& key, crypto::Algorithm algorithm,
                             const AssertionClaims& claims);
// client_secret_jwt, HS256.
std::string client_assertion(const Secret& secret, const AssertionClaims& claims);

// What a JWT of somebody else (Kubernetes, GitHub, Entra ID) is to prove.
enum class AssertionUse : std::uint8_t {
  client,         // who the client is (RFC 7523, section 2.2)
  authorization,  // that a token is due (section 2.1)
  identity,       // the same, by the identity provider of an organisation
};

// May it be sent? Fails with config, before anything is sent: it is no JWT, it names none of the
// audiences, or it has expired.
Result<void> check_foreign_assertion(AssertionUse use, std::string_view jwt,
                                     std::span<const std::string> audiences, WallTime now);

// How far our clock is behind the server's `Date`; zero if that is 30 s or less, which is latency,
// or more than two days, with which no certificate would have been good: a server could have us
// make what is good for it years from now. What is added to `now` above, since servers refuse an
// `iat` in the future and an `exp` in the past.
std::chrono::seconds clock_correction(WallTime server_date, WallTime now);
// The warning that goes with a correction.
std::string clock_warning(std::chrono::seconds correction);

}  // namespace mcpio::oauth
