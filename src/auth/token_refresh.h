// SPDX-License-Identifier: MIT
// A refresh, made in this process.
#pragma once

#include "auth/client_registry.h"
#include "auth/fetcher.h"
#include "auth/oauth_settings.h"
#include "auth/places.h"
#include "auth/refresh_scope.h"
#include "auth/refresher.h"
#include "auth/token_endpoint.h"
#include "base/clock.h"
#include "http/client.h"

namespace mcpio::auth {

// Posts to the token endpoint that is stored with the refresh token, and to no other, as the client
// it was given to; what comes is saved before it is used.
class TokenRefresh final : public Refresher {
 public:
  // All must outlive it.
  TokenRefresh(http::Client& client, Places& places, const Clock& clock,
               const OAuthSettings& settings);

  awaitable<Result<std::optional<store::Credential>>> refresh(
      RefreshRequest request, const store::ProcessLock& lock) override;

 private:
  Places& places_;
  const OAuthSettings& settings_;
  Fetcher fetcher_;
  ClientRegistry registry_;
  TokenEndpoint tokens_;
  RefreshScope scope_;
};

}  // namespace mcpio::auth
