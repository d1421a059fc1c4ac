// SPDX-License-Identifier: MIT
// Credentials that are got when they are needed: OAuth 2.1 as MCP has it.
#pragma once

#include "auth/server_clock.h"
#include "auth/static_credentials.h"
#include "auth/token_keeper.h"
#include "http/authorizer.h"
#include "oauth/step_up.h"

namespace mcpio::auth {

// The access token, or the ID token where the user wants that (--oauth-use-id-token).
const Secret& token_to_send(const store::Credential& credential, const OAuthSettings& settings);

// Puts the token of a TokenKeeper on every request to the server's origin, with a proof if it is
// bound to a key (RFC 9449, section 7), beside the user's own fields, and decides what a 401 or 403
// asks for: a refresh, a login, a login for more scope (RFC 9470 included), or nothing that a login
// could mend.
class OAuthAuthorizer final : public http::Authorizer {
 public:
  // Both must outlive it. `sign_in_first`: --oauth, do not wait to be asked.
  OAuthAuthorizer(TokenKeeper& keeper, StaticCredentials& fields,
                  const http::ProxySettings& proxies, const Clock& clock, bool allow_http,
                  bool sign_in_first);

  awaitable<Result<int>> authorize(http::Request& request) override;
  void answered(const http::Head& answer, const http::Exchange& exchange) override;
  awaitable<Result<bool>> challenged(http::Refusal refusal) override;

 private:
  Result<void> put_token(http::Request& request, const codec::Url& url,
                         const store::Credential& credential) const;
  awaitable<Result<bool>> step_up(http::Refusal refusal, oauth::ServerChallenge challenge);

  TokenKeeper& keeper_;
  StaticCredentials& fields_;
  const http::ProxySettings& proxies_;
  ServerClock server_clock_;
  const bool allow_http_;
  const bool sign_in_first_;
  oauth::StepUps step_ups_;
};

}  // namespace mcpio::auth
