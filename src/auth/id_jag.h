// SPDX-License-Identifier: MIT
// A token by the word of the organisation's identity provider: MCP's extension
// enterprise-managed-authorization.
//
// Two steps, nobody is asked: the identity provider exchanges the user's ID token for a grant that
// is good at the MCP server's authorization server (RFC 8693; draft-ietf-oauth-identity-assertion-
// authz-grant), and that one gives a token for it (RFC 7523, section 2.1). The ID token and the
// client's secret or key at the identity provider go to no other address.
#pragma once

#include "auth/discovery.h"
#include "auth/fetcher.h"
#include "auth/oauth_settings.h"
#include "auth/refused_assertions.h"
#include "auth/token_endpoint.h"
#include "auth/token_grant.h"
#include "base/clock.h"

namespace mcpio::auth {

class IdJag final : public TokenGrant {
 public:
  // All must outlive it. `tokens` is for the MCP server's authorization server.
  IdJag(Fetcher& fetcher, ClientRegistry& registry, TokenEndpoint& tokens, store::StateFile& state,
        const Clock& clock, const OAuthSettings& settings);

  awaitable<Result<LoginResult>> run(LoginRequest request) override;

 private:
  // What identifies us at the identity provider, and nothing else of the settings.
  static OAuthSettings at_provider(const OAuthSettings& settings);
  awaitable<Result<Endpoint>> provider_endpoint();
  Result<Client> client_at_provider() const;
  awaitable<Result<Secret>> exchange_id_token(LoginRequest request);
  awaitable<Result<Secret>> present_id_token(Secret id_token, LoginRequest request);

  ClientRegistry& registry_;
  const Clock& clock_;
  const OAuthSettings& settings_;
  GrantExchange exchange_;
  RefusedAssertions refused_;
  const OAuthSettings provider_settings_;
  Discovery provider_discovery_;
  TokenEndpoint provider_tokens_;
};

}  // namespace mcpio::auth
