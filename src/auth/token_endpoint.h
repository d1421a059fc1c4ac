// SPDX-License-Identifier: MIT
// Posts to the endpoints of an authorization server that want to know who asks.
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "auth/fetcher.h"
#include "auth/oauth_settings.h"
#include "auth/proof_key.h"
#include "auth/server_clock.h"
#include "base/clock.h"
#include "base/result.h"
#include "oauth/authentication_retry.h"
#include "oauth/client_authentication.h"
#include "oauth/request_authentication.h"
#include "oauth/token_request.h"
#include "oauth/token_response.h"

namespace mcpio::auth {

// Who we are at one authorization server.
struct Client {
  oauth::ClientCredentials credentials;
  std::shared_ptr<ProofKey> proof_key = {};  // what tokens are bound to; null: bearer tokens
  bool takes_bearer = false;                 // although there is a proof key
  // Shown by TLS with every request of the client, whatever its method: tokens may be bound to it
  // (RFC 8705, sections 3 and 4). Null: none.
  std::shared_ptr<const http::ClientCertificate> certificate = {};
  oauth::Decision authentication;
  oauth::ClientOrigin origin = oauth::ClientOrigin::configured;
  // Of a registered client; no value: its secret does not expire.
  std::optional<WallTime> secret_expires_at = {};
  bool is_kept = false;            // the registration is one of an earlier run
  bool was_re_registered = false;  // it has been renewed for this login already
  // What the server accepts of client assertions, where the endpoint does not say.
  oauth::AdvertisedAlgorithms algorithms = {};
};

// Where a request goes.
struct Endpoint {
  std::string url;
  std::string issuer;
  oauth::AdvertisedAlgorithms algorithms;  // for client assertions
  // Of the same server: an assertion that is for it does at the other endpoints, too (RFC 9126,
  // section 2).
  std::string token_endpoint = {};
};

struct TokenReply {
  std::variant<oauth::TokenSet, oauth::TokenError> answer;
  // What follows a refusal.
  oauth::AfterRefusal next = oauth::NotAboutTheClient();
};

struct PostReply : Document {
  // What follows a refusal.
  oauth::AfterRefusal next = oauth::NotAboutTheClient();
};

// A refusal of our way to authenticate is followed by the next way, as authentication_retry.h has
// it: same endpoint, at most two retries. What worked is put into the client, to be stored, and so
// is what another login is to be tried with.
//
// Requests carry a proof of the client's proof key, if it has one; a pushed authorization request
// may (RFC 9449, section 10.1). A demand for a nonce is answered at once with another proof, once,
// and is no refusal.
class TokenEndpoint {
 public:
  // All must outlive it.
  TokenEndpoint(Fetcher& fetcher, const Clock& clock, const OAuthSettings& settings);

  // For the token endpoint: reads a token or a refusal out of the answer. Fails if there is
  // neither, or a token that is not bound to the proof key. A client that takes such a one has no
  // proof key any more.
  awaitable<Result<TokenReply>> token(Endpoint endpoint, Client& client, oauth::Fields fields);

  // For the others: the answer as it is.
  awaitable<Result<PostReply>> post(Endpoint endpoint, Client& client, oauth::Fields fields);

  // Before a person is asked for what would then be of no use: with a foreign assertion, is there
  // one, and is it for this server? Fails with config.
  awaitable<Result<void>> check_assertion(Endpoint endpoint, const Client& client);

 private:
  // What an answer refuses; no value: nothing.
  using Refused = std::optional<oauth::TokenError> (*)(const Document&);

  awaitable<Result<PostReply>> send(Endpoint endpoint, Client& client, oauth::Fields fields,
                                    Refused refused);
  awaitable<Result<oauth::ClientCredentials>> credentials_of(const Client& client,
                                                             oauth::AuthMethod method);
  awaitable<Result<Document>> attempt(Endpoint endpoint, const Client& client,
                                      oauth::Authentication how, oauth::Fields fields);
  awaitable<Result<Document>> post_once(Endpoint endpoint, const Client& client,
                                        oauth::Authentication how, oauth::Fields fields);
  bool wants_another_proof(const Client& client, const Document& answer);

  Fetcher& fetcher_;
  const Clock& clock_;
  const OAuthSettings& settings_;
  ServerClock server_clock_;
};

}  // namespace mcpio::auth
