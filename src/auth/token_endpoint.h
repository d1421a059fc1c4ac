// SPDX-License-Identifier: MIT
// Posts to the endpoints of an authorization server that want to know who asks.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "auth/fetcher.h"
#include "auth/oauth_settings.h"
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
  oauth::Decision authentication;
  oauth::ClientOrigin origin = oauth::ClientOrigin::configured;
  bool is_kept = false;            // the registration is one of an earlier run
  bool was_re_registered = false;  // it has been renewed for this login already
};

// Where a request goes.
struct Endpoint {
  std::string url;
  std::string issuer;
  oauth::AdvertisedAlgorithms algorithms;  // for client assertions
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
class TokenEndpoint {
 public:
  // All must outlive it.
  TokenEndpoint(Fetcher& fetcher, const Clock& clock, const OAuthSettings& settings);

  // For the token endpoint: reads a token or a refusal out of the answer. Fails if there is
  // neither.
  awaitable<Result<TokenReply>> token(Endpoint endpoint, Client& client, oauth::Fields fields);

  // For the others: the answer as it is.
  awaitable<Result<PostReply>> post(Endpoint endpoint, Client& client, oauth::Fields fields);

 private:
  // What an answer refuses; no value: nothing.
  using Refused = std::optional<oauth::TokenError> (*)(const Document&);

  awaitable<Result<PostReply>> send(Endpoint endpoint, Client& client, oauth::Fields fields,
                                    Refused refused);
  awaitable<Result<Document>> attempt(Endpoint endpoint, const Client& client,
                                      oauth::Authentication how, oauth::Fields fields);
  void follow_clock(const http::Head& head);

  Fetcher& fetcher_;
  const Clock& clock_;
  const OAuthSettings& settings_;
  std::chrono::seconds correction_{0};  // how far our clock is behind the server's
};

}  // namespace mcpio::auth
