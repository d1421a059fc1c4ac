// SPDX-License-Identifier: MIT
#include "oauth/client_assertion.h"

#include <fmt/format.h>

#include <algorithm>

#include "codec/json_document.h"
#include "crypto/jwt.h"
#include "oauth/peer_text.h"

namespace mcpio::oauth {
namespace {

using codec::JsonWriter;
using crypto::Algorithm;
using std::chrono::seconds;

constexpr seconds kLife{60};
constexpr seconds kLatency{30};
constexpr seconds kMostCorrection = std::chrono::days(2);

std::string names_of(const std::vector<Algorithm>& algorithms) {
  std::string names;
  for (const Algorithm algorithm : algorithms)
    names.append(names.empty() ? "" : ", ").append(crypto::name_of(algorithm));
  return names;
}

long long seconds_since_epoch(WallTime time) {
  return std::chrono::floor<seconds>(time).time_since_epoch().count();
}

std::string claims_text(const AssertionClaims& claims) {
  const long long now = seconds_since_epoch(claims.now);
  return JsonWriter()
      .add("iss", claims.client_id)
      .add("sub", claims.client_id)
      .add("aud", claims.audience)
      .add("jti", claims.jti)
      .add("iat", now)
      .add("exp", now + kLife.count())
      .text();
}

struct Wording {
  std::string_view what, whence;
};

Wording wording_of(AssertionUse use) {
  switch (use) {
    case AssertionUse::client:
      return {"the client assertion", "--client-assertion-file and --client-assertion-command"};
    case AssertionUse::authorization:
      return {"the assertion", "--assertion-file and --assertion-command"};
    case AssertionUse::identity:
      return {"the identity provider's grant", "--idp-token-endpoint"};
  }
  return {};
}

std::vector<std::string> audiences_of(const codec::JsonObject& claims) {
  if (auto one = claims.string("aud")) return {*std::move(one)};
  return claims.strings("aud").value_or(std::vector<std::string>());
}

}  // namespace

Result<Algorithm> algorithm_for(const ClientKey& key, const AdvertisedAlgorithms& advertised) {
  if (key.algorithm) {
    if (key.key.can(*key.algorithm)) return *key.algorithm;
    return fail(ErrorKind::config,
                fmt::format("the key of --client-key cannot sign with {}: "
                            "--client-key-alg can be {}",
                            crypto::name_of(*key.algorithm), names_of(key.key.algorithms())));
  }
  if (!advertised || advertised->empty()) return key.key.algorithms().front();
  for (const Algorithm ours : key.key.algorithms())
    if (std::ranges::find(*advertised, crypto::name_of(ours)) != advertised->end()) return ours;
  return fail(ErrorKind::config,
              fmt::format("the authorization server accepts signatures by {} only, and the key of "
                          "--client-key makes {}: use another key, or insist with --client-key-alg",
                          shown(fmt::format("{}", fmt::join(*advertised, ", "))),
                          names_of(key.key.algorithms())));
}

std::string key_id_of(const ClientKey& key) {
  if (!key.id.empty()) return key.id;
  return key.key.key_id() ? *key.key.key_id() : key.key.thumbprint();
}

std::string client_assertion(const ClientKey& key, Algorithm algorithm,
                             const AssertionClaims& claims) {
  JsonWriter header;
  header.add("alg", crypto::name_of(algorithm)).add("typ", "JWT").add("kid", key_id_of(key));
  if (!key.certificate_thumbprint.empty()) header.add("x5t#S256", key.certificate_thumbprint);
  return crypto::sign_jwt(key.key, algorithm, header.text(), claims_text(claims));
}

std::string client_assertion(const Secret& secret, const AssertionClaims& claims) {
  const std::string header = JsonWriter().add("alg", "HS256").add("typ", "JWT").text();
  return crypto::sign_jwt(secret, header, claims_text(claims));
}

Result<void> check_foreign_assertion(AssertionUse use, std::string_view jwt,
                                     std::span<const std::string> audiences, WallTime now) {
  const auto [what, whence] = wording_of(use);
  auto claims = crypto::peek_claims(jwt);
  if (!claims)
    return fail(ErrorKind::config,
                fmt::format("{} is no JSON Web Token, and is not sent: see {}", what, whence));
  const auto named = audiences_of(*claims);
  const bool is_meant = std::ranges::any_of(named, [&](const std::string& audience) {
    return std::ranges::find(audiences, audience) != audiences.end();
  });
  if (!is_meant)
    return fail(
        ErrorKind::config,
        fmt::format("{} is for {}, not for {}, and is not sent: have it made for that "
                    "audience",
                    what,
                    named.empty() ? "nobody" : shown(fmt::format("{}", fmt::join(named, ", "))),
                    fmt::format("{}", fmt::join(audiences, " or "))));
  const auto expiry = claims->number("exp");
  if (expiry && *expiry <= static_cast<double>(seconds_since_epoch(now)))
    return fail(ErrorKind::config,
                fmt::format("{} has expired, and is not sent: have a new one made", what));
  return ok();
}

seconds clock_correction(WallTime server_date, WallTime now) {
  const auto behind = std::chrono::floor<seconds>(server_date) - std::chrono::floor<seconds>(now);
  const auto off = std::chrono::abs(behind);
  return off > kLatency && off <= kMostCorrection ? behind : seconds::zero();
}

std::string clock_warning(seconds correction) {
  return fmt::format(
      "this machine's clock is {} s {} the authorization server's; following the "
      "server's",
      std::chrono::abs(correction).count(), correction > seconds::zero() ? "behind" : "ahead of");
}

}  // namespace mcpio::oauth
