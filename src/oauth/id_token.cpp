// SPDX-License-Identifier: MIT
#include "oauth/id_token.h"

#include <fmt/core.h>

#include <algorithm>

#include "crypto/jwt.h"
#include "oauth/peer_text.h"

namespace mcpio::oauth {
namespace {

bool is_meant_for(const codec::JsonObject& claims, const std::string& client_id) {
  if (const auto one = claims.string("aud")) return *one == client_id;
  const auto several = claims.strings("aud");
  return several && std::ranges::find(*several, client_id) != several->end();
}

std::unexpected<Error> is_wrong(std::string_view why) {
  return fail(ErrorKind::protocol, fmt::format("the ID token {}", why));
}

}  // namespace

Result<void> check_id_token(std::string_view jwt, const ExpectedIdToken& expected, WallTime when) {
  const auto claims = crypto::peek_claims(jwt);
  if (!claims) return is_wrong("is no JSON Web Token");
  const std::string issuer = claims->string("iss").value_or("");
  if (issuer != expected.issuer)
    return is_wrong(fmt::format("is from {}, not from {}", shown(issuer), shown(expected.issuer)));
  if (!is_meant_for(*claims, expected.client_id)) return is_wrong("is for another client");
  const double now = std::chrono::duration<double>(when.time_since_epoch()).count();
  if (claims->number("exp").value_or(0) <= now) return is_wrong("has expired");
  return ok();
}

}  // namespace mcpio::oauth
