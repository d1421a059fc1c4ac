// SPDX-License-Identifier: MIT
// A way to get a token from an authorization server: with a person and a browser, or without.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "auth/client_registry.h"
#include "auth/discovery.h"
#include "auth/proof_key.h"
#include "auth/token_endpoint.h"
#include "base/result.h"
#include "io/task_scope.h"
#include "oauth/authentication_retry.h"
#include "oauth/token_response.h"

namespace mcpio::auth {

// What a login is to get.
struct LoginRequest {
  Discovered where;
  std::string scope = {};       // empty: none is asked for
  std::string acr_values = {};  // RFC 9470
  std::string max_age = {};
  std::shared_ptr<ProofKey> proof_key = {};  // to bind the tokens to; null: bearer tokens
  bool takes_bearer = false;                 // although there is a proof key
  bool may_ask = true;                       // false: a grant that can do without a person does
  // What goes on for a moment after the result, and ends early if it is cancelled; it must outlive
  // the request. Null: nothing does.
  io::TaskScope* afterwards = nullptr;
};

struct LoginResult {
  oauth::TokenSet tokens;
  Client client;
};

class TokenGrant {
 public:
  TokenGrant() = default;
  TokenGrant(const TokenGrant&) = delete;
  TokenGrant& operator=(const TokenGrant&) = delete;
  virtual ~TokenGrant() = default;

  // One token. Bounded in time. Fails with `rejected` if the server or the user said no, with
  // `config` if something is missing that the user can give, and with what the steps fail with.
  virtual awaitable<Result<LoginResult>> run(LoginRequest request) = 0;
};

// The client is to get tokens that are bound as the login wants them.
void bind_tokens(Client& client, const LoginRequest& request);

Endpoint endpoint_at(const oauth::ServerMetadata& server, std::string url);

// The text of a refused request, and what to do about it. `what` names the endpoint: "token
// endpoint".
Error refusal_text(std::string_view what, const oauth::TokenError& error, const std::string& url,
                   const oauth::AfterRefusal& next);

// Presents a grant at the token endpoint of a server, once but for what TokenEndpoint repeats.
class GrantExchange {
 public:
  struct Outcome {
    Result<LoginResult> result;
    // If it was refused: what that says of the client, and whether the grant is spent or bad.
    oauth::AfterRefusal next = oauth::NotAboutTheClient();
    bool grant_was_rejected = false;
    oauth::Decision how = {};  // that was tried last
  };

  // Both must outlive it.
  GrantExchange(TokenEndpoint& tokens, ClientRegistry& registry)
      : tokens_(tokens), registry_(registry) {}

  // What worked is remembered.
  awaitable<Outcome> run(oauth::ServerMetadata server, Client client, oauth::Fields fields);

 private:
  TokenEndpoint& tokens_;
  ClientRegistry& registry_;
};

}  // namespace mcpio::auth
