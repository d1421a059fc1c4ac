// SPDX-License-Identifier: MIT
// A token by the word of the organisation's identity provider: MCP's extension
// enterprise-managed-authorization.
//
// Two steps: the identity provider exchanges the user's ID token for a grant that is good at the
// MCP server's authorization server (RFC 8693; draft-ietf-oauth-identity-assertion-authz-grant),
// and that one gives a token for it (RFC 7523, section 2.1). The ID token comes from the user, or
// from a login at the identity provider (auth/identity_login.h). It and the client's secret or key
// at the identity provider go to no other address.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "auth/discovery.h"
#include "auth/fetcher.h"
#include "auth/identity_login.h"
#include "auth/oauth_settings.h"
#include "auth/refused_assertions.h"
#include "auth/token_endpoint.h"
#include "auth/token_grant.h"
#include "base/clock.h"

namespace mcpio::auth {

class IdJag final : public TokenGrant {
 public:
  struct Parts {
    Fetcher& fetcher;
    ClientRegistry& registry;
    TokenEndpoint& tokens;  // for the MCP server's authorization server
    store::CredentialStore& credentials;
    store::State& state;
    std::filesystem::path locks;
    const Clock& clock;
    const OAuthSettings& settings;
  };
  // All must outlive it. `tell` shows a text to the person at the machine.
  IdJag(Parts parts, std::function<void(std::string)> tell);

  awaitable<Result<LoginResult>> run(LoginRequest request) override;

 private:
  struct Provider {
    Endpoint endpoint;
    oauth::AdvertisedMethods methods;  // no value: its metadata were not read, or do not say
  };
  awaitable<Result<Provider>> provider();
  Result<Client> client_at(const Provider& provider) const;
  awaitable<Result<Secret>> grant_for(LoginRequest request);
  awaitable<Result<Identity>> given_identity();
  awaitable<Result<Secret>> grant_by_login(LoginRequest request);
  awaitable<Result<Secret>> present(Identity identity, LoginRequest request);

  ClientRegistry& registry_;
  const Clock& clock_;
  const OAuthSettings& settings_;
  GrantExchange exchange_;
  RefusedAssertions refused_;
  const OAuthSettings provider_settings_;
  Discovery provider_discovery_;
  TokenEndpoint provider_tokens_;
  IdentityLogin login_;
};

}  // namespace mcpio::auth
