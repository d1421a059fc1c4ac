// SPDX-License-Identifier: MIT
// What is posted to the token endpoint for each grant, and to the revocation endpoint.
//
// Each function gives the fields of the form without those of client authentication, which
// request_authentication.h adds. An empty `scope` or `resource` is left out. They hold secrets.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "codec/percent.h"

namespace mcpio::oauth {

using Fields = std::vector<codec::FormField>;

struct CodeGrant {
  Secret code;
  std::string redirect_uri;  // as in the authorization request
  Secret verifier;
  std::string resource;
};
// RFC 6749, section 4.1.3; RFC 7636, section 4.5; RFC 8707, section 2.2.
Fields token_fields(const CodeGrant& grant);

struct RefreshGrant {
  Secret refresh_token;
  std::string resource;
};
// RFC 6749, section 6. No scope: what was granted stays granted.
Fields token_fields(const RefreshGrant& grant);

struct DeviceGrant {
  Secret device_code;
  std::string resource;
};
// RFC 8628, section 3.4; the resource is named in both requests (RFC 8707, section 2.2).
Fields token_fields(const DeviceGrant& grant);

struct ClientCredentialsGrant {
  std::string scope;
  std::string resource;
};
// RFC 6749, section 4.4.2.
Fields token_fields(const ClientCredentialsGrant& grant);

struct JwtBearerGrant {
  Secret assertion;
  std::string scope;
  std::string resource;
};
// RFC 7523, section 2.1.
Fields token_fields(const JwtBearerGrant& grant);

// What the user proves to the identity provider to be.
enum class SubjectToken : std::uint8_t { id_token, refresh_token };

struct IdJagGrant {
  Secret subject_token;
  SubjectToken type = SubjectToken::id_token;
  std::string audience;  // the issuer of the MCP server's authorization server
  std::string resource;  // the MCP server
  std::string scope;
};
// Asks an identity provider for a grant to use at another authorization server (RFC 8693, section
// 2.1; draft-ietf-oauth-identity-assertion-authz-grant, section 4.3).
Fields token_fields(const IdJagGrant& grant);

// RFC 7009, section 2.1; `hint` is "access_token" or "refresh_token".
Fields revocation_fields(const Secret& token, std::string_view hint);

struct DeviceRequest {
  std::string scope;
  std::string resource;
  std::string acr_values;  // RFC 9470, section 4
  std::string max_age;
  Fields more;  // of the user; never replaces one of ours
};
// RFC 8628, section 3.1: the authorization request of that grant, with the parameters of
// extensions.
Fields device_authorization_fields(const DeviceRequest& request);

}  // namespace mcpio::oauth
