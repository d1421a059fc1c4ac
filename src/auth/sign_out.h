// SPDX-License-Identifier: MIT
// The end of a login: the server is told, and what is stored goes.
#pragma once

#include <string>
#include <vector>

#include "auth/client_registry.h"
#include "auth/discovery.h"
#include "auth/fetcher.h"
#include "auth/oauth_settings.h"
#include "auth/places.h"
#include "auth/token_endpoint.h"
#include "base/clock.h"
#include "base/result.h"
#include "store/process_lock.h"

namespace mcpio::auth {

// Revokes the refresh token, then the access token (RFC 7009), with the method stored with them, at
// the revocation endpoint in the metadata of the issuer they came from. Whatever comes of it, the
// entry is removed. The lock of the credential is held meanwhile, so that no refresh brings it
// back.
class SignOut {
 public:
  struct Report {
    bool was_signed_in = false;  // there was an entry
    bool revoked = false;
    bool unregistered = false;
    std::vector<std::string> also_concerned;  // servers with a login by the registration that went
    std::vector<std::string> failures;        // what a server was not told, and why
  };

  // All must outlive it.
  SignOut(http::Client& client, Places& places, const Clock& clock, const OAuthSettings& settings);

  // `forget`: the registration at the issuer too, by RFC 7592 if it has a management address. Fails
  // if the store cannot be read or changed.
  awaitable<Result<Report>> run(bool forget);

 private:
  awaitable<Result<void>> revoke(store::Credential credential);
  awaitable<Result<void>> revoke_token(Endpoint endpoint, Client client, Secret token,
                                       std::string hint);
  awaitable<Result<std::string>> issuer_of(std::optional<store::Credential> credential);
  std::vector<std::string> others_of(const std::string& issuer, const std::string& client_id) const;
  awaitable<Result<bool>> unregister(std::optional<store::Credential> credential);
  awaitable<std::optional<store::ProcessLock>> take_lock();

  Places& places_;
  const OAuthSettings& settings_;
  Fetcher fetcher_;
  Discovery discovery_;
  ClientRegistry registry_;
  TokenEndpoint tokens_;
};

}  // namespace mcpio::auth
