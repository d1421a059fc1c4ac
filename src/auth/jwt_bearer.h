// SPDX-License-Identifier: MIT
// A token for a JWT that somebody else vouches with (RFC 7523, section 2.1): workload identity.
#pragma once

#include <optional>

#include "auth/oauth_settings.h"
#include "auth/refused_assertions.h"
#include "auth/token_grant.h"
#include "base/clock.h"

namespace mcpio::auth {

// The JWT is read for each login, and sent only to an issuer or token endpoint that it names. One
// that was refused is not presented again until it changes. If finding out how to authenticate has
// used it up, a new one is presented once more. A client id is not needed (RFC 7521, section 4.1).
class JwtBearer final : public TokenGrant {
 public:
  // All must outlive it.
  JwtBearer(ClientRegistry& registry, TokenEndpoint& tokens, store::State& state,
            const Clock& clock, const OAuthSettings& settings);

  awaitable<Result<LoginResult>> run(LoginRequest request) override;

 private:
  awaitable<Result<Secret>> next_assertion(oauth::ServerMetadata server);

  ClientRegistry& registry_;
  const Clock& clock_;
  const OAuthSettings& settings_;
  GrantExchange exchange_;
  RefusedAssertions refused_;
};

}  // namespace mcpio::auth
