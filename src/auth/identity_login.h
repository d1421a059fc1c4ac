// SPDX-License-Identifier: MIT
// Who the user is, by the word of the organisation's identity provider: an ID token from a login
// there.
//
// It is got in the cheapest way that works: the one of before while it lasts; by the refresh token
// of before; by a login, in a browser or with a code. What a login gave is kept in the store of
// credentials, under the address of the provider's metadata, for every MCP server that trusts this
// provider and for all processes: one of them refreshes or asks at a time, and the others read what
// it has stored. It is used only as the client and at the issuer it was given to, and goes only to
// the token endpoint that is stored with it.
//
// A refresh that was rejected leads to a login, one that failed does not. A person is asked once in
// ten minutes for all servers, and never by a timer.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "auth/browser_login.h"
#include "auth/client_registry.h"
#include "auth/device_login.h"
#include "auth/discovery.h"
#include "auth/fetcher.h"
#include "auth/login_offers.h"
#include "auth/oauth_settings.h"
#include "auth/token_endpoint.h"
#include "base/clock.h"
#include "base/result.h"
#include "store/credential_store.h"
#include "store/process_lock.h"
#include "store/state.h"

namespace mcpio::auth {

// A token that proves who the user is, and who may show it where.
struct Identity {
  Secret id_token;
  Endpoint endpoint;           // the provider's token endpoint
  Client client;               // of ours, there
  bool is_of_a_login = false;  // somebody has just signed in for it
};

class IdentityLogin {
 public:
  struct Parts {
    Fetcher& fetcher;
    store::CredentialStore& credentials;
    store::State& state;
    std::filesystem::path locks;
    const Clock& clock;
    const OAuthSettings& settings;  // of the MCP server, with `idp`
    std::function<void(std::string)> tell;
  };
  // All of it must outlive this.
  explicit IdentityLogin(Parts parts);

  // Our client at the identity provider, and how a person is asked; nothing that belongs to another
  // server.
  static OAuthSettings at_provider(const OAuthSettings& settings);

  // `is_refused`: an ID token that the provider does not take any more. Fails with unauthorized if
  // nobody may be asked, or has been a short while ago.
  using IsRefused = std::function<bool(const Secret& id_token)>;
  awaitable<Result<Identity>> prove(IsRefused is_refused, bool may_ask);

  // The provider does not take what it has just given: nobody is asked again for a while.
  void was_in_vain() { offers_.in_vain(); }

 private:
  awaitable<Result<store::ProcessLock>> take_turn();
  void tell(const std::string& text);
  std::optional<store::Credential> kept();
  bool is_good(const std::optional<Secret>& id_token, const std::string& issuer) const;
  Result<Identity> identity_of(const store::Credential& credential);
  // No value: the grant is spent.
  awaitable<Result<std::optional<Identity>>> refresh(store::Credential credential);
  awaitable<Result<Identity>> log_in();
  awaitable<Result<LoginResult>> ask(LoginRequest request);
  Result<Identity> keep(const LoginResult& result, store::Credential credential);

  store::CredentialStore& credentials_;
  const Clock& clock_;
  const std::string key_;  // in the store
  const std::filesystem::path lock_;
  const IdentityProvider& provider_;
  OAuthSettings settings_;  // at the provider; its issuer once it is known
  const std::function<void(std::string)> tell_;
  Discovery discovery_;
  ClientRegistry registry_;
  TokenEndpoint tokens_;
  LoginOffers offers_;
  BrowserLogin browser_;
  DeviceLogin device_;
};

}  // namespace mcpio::auth
