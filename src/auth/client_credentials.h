// SPDX-License-Identifier: MIT
// A token for the client itself (RFC 6749, section 4.4): no person, no browser.
#pragma once

#include "auth/token_grant.h"

namespace mcpio::auth {

// Never registers: who registers itself has no rights of its own. Fails with config without a
// client id, or without anything that proves who the client is (section 4.4 wants that).
class ClientCredentials final : public TokenGrant {
 public:
  // Both must outlive it.
  ClientCredentials(ClientRegistry& registry, TokenEndpoint& tokens)
      : registry_(registry), exchange_(tokens, registry) {}

  awaitable<Result<LoginResult>> run(LoginRequest request) override;

 private:
  ClientRegistry& registry_;
  GrantExchange exchange_;
};

}  // namespace mcpio::auth
