// SPDX-License-Identifier: MIT
// The request that sends the user to the authorization server (RFC 6749, section 4.1.1), directly
// or pushed (RFC 9126).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "codec/percent.h"
#include "oauth/token_error.h"

namespace mcpio::oauth {

// An empty member is left out; the first four never are empty.
struct AuthorizationRequest {
  std::string client_id;
  std::string redirect_uri;
  std::string state;
  std::string code_challenge;  // S256
  std::string scope;
  std::string resource;    // RFC 8707, section 2.1
  std::string dpop_jkt;    // RFC 9449, section 10
  std::string acr_values;  // RFC 9470, section 4
  std::string max_age;
  std::vector<codec::FormField> more;  // of the user or a provider's; never replaces one of ours
};

// The parameters, in order: of the URL, or of the body of a pushed request. No `prompt`.
std::vector<codec::FormField> authorization_fields(const AuthorizationRequest& request);

// The URL to open. A query that the endpoint has stays, and comes first (RFC 6749, section 3.1).
// Fails with protocol: the endpoint is no URL, or has a fragment.
Result<std::string> authorization_url(std::string_view endpoint,
                                      const std::vector<codec::FormField>& fields);

// The URL to open after a push (RFC 9126, section 4): client_id and request_uri alone.
Result<std::string> pushed_authorization_url(std::string_view endpoint, std::string_view client_id,
                                             std::string_view request_uri);

// RFC 9126, section 2.2.
struct PushedRequest {
  std::string uri;  // its name
};

// The answer to a push; a refusal is a value, for code decides what follows it. Fails with protocol
// if it is neither.
Result<std::variant<PushedRequest, TokenError>> read_pushed_answer(int status,
                                                                   std::string_view body);

}  // namespace mcpio::oauth
