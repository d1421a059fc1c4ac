// SPDX-License-Identifier: MIT
// All the ways to get a token, and which one this run takes.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "auth/browser_login.h"
#include "auth/client_credentials.h"
#include "auth/device_login.h"
#include "auth/id_jag.h"
#include "auth/jwt_bearer.h"
#include "auth/oauth_settings.h"
#include "auth/token_grant.h"
#include "base/result.h"
#include "store/credential_store.h"
#include "store/state.h"

namespace mcpio::auth {

class TokenGrants {
 public:
  // What they share; all of it must outlive this.
  struct Parts {
    Fetcher& fetcher;
    ClientRegistry& registry;
    TokenEndpoint& tokens;
    store::CredentialStore& credentials;
    store::State& state;
    std::filesystem::path locks;
    const Clock& clock;
    const OAuthSettings& settings;
  };

  TokenGrants(Parts parts, std::function<void(std::string)> tell);

  // Nobody is asked then, and nobody has to be spared.
  bool needs_a_person() const { return auth::needs_a_person(settings_.grant); }

  // The one of --grant; else a browser, or a device code where no browser can be. Fails with
  // unauthorized, and the line to run, if there is no browser and the server knows no device codes.
  Result<Grant> choose(const oauth::ServerMetadata& server) const;
  // For more than the stored token is good for: the grant that got it, where that can be.
  Result<Grant> choose_again(const oauth::ServerMetadata& server) const;
  TokenGrant& of(Grant grant);

  // By which grant the stored credential of this server was got.
  void remember(Grant grant);
  // Does it do for this run? The Python program's entries do not say, and are a person's.
  bool may_use_stored() const;

 private:
  std::optional<std::string> remembered() const;

  const OAuthSettings& settings_;
  store::State& state_;
  BrowserLogin browser_;
  DeviceLogin device_;
  ClientCredentials client_credentials_;
  JwtBearer jwt_bearer_;
  IdJag id_jag_;
};

}  // namespace mcpio::auth
