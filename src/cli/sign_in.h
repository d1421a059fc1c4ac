// SPDX-License-Identifier: MIT
// What signing in takes, put together: an HTTP client of its own, the stores, the token's keeper.
#pragma once

#include <filesystem>
#include <memory>

#include "auth/oauth_authorizer.h"
#include "auth/token_keeper.h"
#include "auth/token_refresh.h"
#include "base/clock.h"
#include "cli/config.h"
#include "cli/refresh_process.h"
#include "http/curl_client.h"
#include "store/credential_store.h"
#include "store/state.h"

namespace mcpio::cli {

// The store that the user chose; its folder is that of the profile, and memory needs none.
std::unique_ptr<store::CredentialStore> credential_store(const ConnectConfig& config,
                                                         const std::filesystem::path& folder);

// The settings of the client that talks to authorization servers.
http::ClientSettings sign_in_http(const ConnectConfig& config);

// The credentials, what else is known, and the locks: all in the folder of the profile, or all in
// memory and nothing on disk.
class Stores {
 public:
  // What older programs have left is brought to the folder first. Fails with config if there is no
  // place for one.
  static Result<std::unique_ptr<Stores>> open(const ConnectConfig& config);
  auth::Places& places() { return places_; }

 private:
  Stores(std::unique_ptr<store::CredentialStore> credentials, std::unique_ptr<store::State> state,
         std::filesystem::path locks);

  const std::unique_ptr<store::CredentialStore> credentials_;
  const std::unique_ptr<store::State> state_;
  auth::Places places_;
};

// The client is not the one of the relay: an authorization server's cookies are none of the MCP
// server's. One thread; close() before it is destroyed.
class SignIn {
 public:
  // All must outlive it. Fails with config if there is no place for tokens.
  static Result<std::unique_ptr<SignIn>> make(asio::any_io_executor executor,
                                              const ConnectConfig& config, const Clock& clock,
                                              auth::StaticCredentials& fields);

  http::Authorizer& authorizer() { return authorizer_; }
  auth::TokenKeeper& keeper() { return keeper_; }
  http::Client& client() { return client_; }
  auth::Places& places() { return stores_->places(); }
  awaitable<void> close() { return keeper_.close(); }

 private:
  SignIn(asio::any_io_executor executor, const ConnectConfig& config, const Clock& clock,
         auth::StaticCredentials& fields, std::unique_ptr<Stores> stores);
  auth::Refresher& refresher(const ConnectConfig& config);

  http::CurlClient client_;
  const std::unique_ptr<Stores> stores_;
  auth::TokenRefresh refresh_here_;
  RefreshProcess refresh_apart_;
  auth::TokenKeeper keeper_;
  auth::OAuthAuthorizer authorizer_;
};

}  // namespace mcpio::cli
