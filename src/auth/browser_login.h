// SPDX-License-Identifier: MIT
// A login with the authorization code grant: a person, a browser, and a page on this machine.
//
// The problem is that the answer comes from outside, by a browser, to a port that anybody on this
// machine can call. So nothing of an answer is looked at before its `state` is ours, and nothing of
// what it says before its issuer is right (oauth/authorization_response.h). Whatever is not ours
// gets a 400, and the wait goes on.
//
// The steps: the listener is bound first, because its port is part of what is registered; then the
// client is found or registered; then the URL is printed, whole, and opened; then the answer is
// waited for, exchanged, and only then does the browser learn how it went. The listener is closed
// on every path.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "auth/callback_listener.h"
#include "auth/client_registry.h"
#include "auth/discovery.h"
#include "auth/oauth_settings.h"
#include "auth/token_endpoint.h"
#include "auth/token_grant.h"
#include "base/result.h"
#include "crypto/pkce.h"
#include "oauth/authorization_response.h"
#include "oauth/token_response.h"

namespace mcpio::auth {

class BrowserLogin final : public TokenGrant {
 public:
  // All must outlive it.
  // `tell` shows a text to the person at the machine: it holds the address, which no log may.
  BrowserLogin(Fetcher& fetcher, ClientRegistry& registry, TokenEndpoint& tokens,
               const OAuthSettings& settings, std::function<void(std::string)> tell);

  // One login, within --oauth-timeout; a second one if the server turned out to have forgotten a
  // registration of ours, or if finding out how to authenticate has used up the code. Fails with
  // `rejected` if the server or the user said no, with `timed_out`, and with what the steps fail
  // with.
  awaitable<Result<LoginResult>> run(LoginRequest request) override;

 private:
  using Listener = std::shared_ptr<CallbackListener>;

  // What this one login is recognised by.
  struct Pending {
    Secret state;
    crypto::Pkce pkce;
    Client client;
    // It failed in a way that another login mends: the server had forgotten us, or the code was
    // spent on a way to authenticate that it does not want.
    bool may_begin_again = false;
    bool is_forgotten = false;
  };

  awaitable<Result<LoginResult>> with_listener(LoginRequest request, Listener listener);
  awaitable<Result<LoginResult>> log_in(LoginRequest request, Listener listener,
                                        std::shared_ptr<Pending> pending);
  awaitable<bool> is_forgotten(std::string url, std::shared_ptr<const Pending> pending);
  awaitable<Result<Listener>> listen(std::string issuer);
  awaitable<void> leave(Listener listener, io::TaskScope* afterwards);
  awaitable<Result<std::string>> address_to_open(LoginRequest request, Listener listener,
                                                 std::shared_ptr<Pending> pending);
  awaitable<Result<std::string>> push(LoginRequest request, std::shared_ptr<Pending> pending,
                                      oauth::Fields fields);
  awaitable<Result<LoginResult>> wait(LoginRequest request, Listener listener,
                                      std::shared_ptr<Pending> pending);
  awaitable<Result<LoginResult>> exchange(LoginRequest request, std::string redirect_uri,
                                          std::shared_ptr<Pending> pending, Secret code);
  void begin_again(const std::string& issuer, const oauth::AfterRefusal& next, Pending& pending);
  void show(const std::string& url) const;

  Fetcher& fetcher_;
  ClientRegistry& registry_;
  TokenEndpoint& tokens_;
  const OAuthSettings& settings_;
  const std::function<void(std::string)> tell_;
  std::weak_ptr<CallbackListener> left_;  // of the last login: it may still have our port
};

}  // namespace mcpio::auth
