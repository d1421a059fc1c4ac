// SPDX-License-Identifier: MIT
// A login with a code that a person types on another device (RFC 8628).
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "auth/client_registry.h"
#include "auth/oauth_settings.h"
#include "auth/token_endpoint.h"
#include "auth/token_grant.h"
#include "base/clock.h"
#include "base/result.h"
#include "oauth/device.h"

namespace mcpio::auth {

// The client authenticates on the request for the code and on each poll alike. The code ends with
// its life or with --oauth-timeout, whichever is first; a poll that does not reach the server is
// repeated like one that came too early (section 3.5). A registration that the server has forgotten
// is renewed once, and the login begun once more.
class DeviceLogin final : public TokenGrant {
 public:
  // False: cancelled.
  using Pause = std::function<awaitable<bool>(std::chrono::nanoseconds)>;

  // All must outlive it. `tell` shows a text to the person at the machine; `pause` is io::pause().
  DeviceLogin(ClientRegistry& registry, TokenEndpoint& tokens, const Clock& clock,
              const OAuthSettings& settings, std::function<void(std::string)> tell, Pause pause);

  awaitable<Result<LoginResult>> run(LoginRequest request) override;

 private:
  // One attempt, as one client.
  struct Attempt {
    LoginRequest request;
    Client client;
    bool is_forgotten = false;  // the server does not know the registration any more
  };

  awaitable<Result<LoginResult>> log_in(Attempt& attempt);
  awaitable<Result<oauth::DeviceAuthorization>> ask_for_code(Attempt& attempt);
  void show(const oauth::DeviceAuthorization& code) const;
  awaitable<Result<LoginResult>> poll(Attempt& attempt, oauth::DeviceAuthorization code);

  ClientRegistry& registry_;
  TokenEndpoint& tokens_;
  const Clock& clock_;
  const OAuthSettings& settings_;
  const std::function<void(std::string)> tell_;
  const Pause pause_;
};

}  // namespace mcpio::auth
