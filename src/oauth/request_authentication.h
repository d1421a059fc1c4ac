// SPDX-License-Identifier: MIT
// Puts the client's proof of who it is into a request to the authorization server.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "codec/percent.h"
#include "oauth/client_assertion.h"
#include "oauth/client_authentication.h"

namespace mcpio::oauth {

struct ClientCredentials {
  std::string id;
  Secret secret = {};                 // empty: none
  std::optional<ClientKey> key = {};  // of the user
  Secret assertion = {};  // a JWT made by somebody else, used instead of the key; empty: none
};

// The request that is to be authenticated. Only JWTs look at it.
struct AuthenticatedRequest {
  std::string endpoint;                // the exact URL it goes to
  std::string issuer;                  // as validated
  AdvertisedAlgorithms algorithms;     // what the server accepts there
  std::vector<std::string> audiences;  // a foreign assertion must name one of these
  WallTime now;                        // corrected, see clock_correction()
  std::string jti;                     // fresh for each attempt
  bool endpoint_is_audience = false;   // --client-assertion-audience endpoint
};

struct AuthenticationFields {
  Secret authorization;  // the value of the Authorization field; empty: no such field
  std::vector<codec::FormField> body;
  std::vector<std::string> warnings;
};

// What to add. With a TLS method the connection has to show the certificate besides, at the address
// in mtls_endpoint_aliases if there is one (RFC 8705, section 5).
//
// Fails with config: there is no key, no secret for HS256, or no algorithm in common; or a foreign
// assertion must not be sent.
Result<AuthenticationFields> authenticate(const Authentication& how,
                                          const ClientCredentials& client,
                                          const AuthenticatedRequest& request);

// The body of the request: `fields`, then those of the authentication that are not among them (a
// pushed authorization request names client_id anyway).
std::string request_body(std::span<const codec::FormField> fields,
                         const AuthenticationFields& authentication);

}  // namespace mcpio::oauth
