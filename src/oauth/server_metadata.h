// SPDX-License-Identifier: MIT
// What an authorization server says of itself (RFC 8414, OpenID Connect Discovery).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/url.h"

namespace mcpio::oauth {

// Byte for byte as published, and such that check_endpoint() accepts them.
struct Endpoints {
  std::optional<std::string> authorization;
  std::optional<std::string> token;
  std::optional<std::string> registration;
  std::optional<std::string> device_authorization;
  std::optional<std::string> revocation;
  std::optional<std::string> introspection;
  std::optional<std::string> pushed_authorization_request;
  friend bool operator==(const Endpoints&, const Endpoints&) = default;
};

// A list that is absent or no array has no value: that is not an empty list. A flag is true only if
// the document says `true`.
struct ServerMetadata {
  using List = std::optional<std::vector<std::string>>;

  std::string issuer;  // as the document has it; nothing is checked yet, see issuer.h
  Endpoints endpoints;
  Endpoints mtls_aliases;  // RFC 8705, section 5

  List scopes;                            // scopes_supported
  List grant_types;                       // grant_types_supported
  List code_challenge_methods;            // code_challenge_methods_supported
  List token_auth_methods;                // token_endpoint_auth_methods_supported
  List token_auth_signing_algs;           // token_endpoint_auth_signing_alg_values_supported
  List dpop_signing_algs;                 // dpop_signing_alg_values_supported
  List authorization_grant_profiles;      // authorization_grant_profiles_supported (id-jag)
  bool sends_iss = false;                 // authorization_response_iss_parameter_supported
  bool takes_metadata_documents = false;  // client_id_metadata_document_supported
  bool requires_par = false;              // require_pushed_authorization_requests
  bool binds_to_certificates = false;     // tls_client_certificate_bound_access_tokens

  // It is not its issuer that says all this, but another server, whom the user believes. What is
  // kept of that issuer is not for it.
  bool is_hearsay = false;
  // Nobody has published this, it is the guess of default_server_metadata(): what it names need not
  // be there.
  bool is_guessed = false;

  std::vector<std::string> warnings;  // endpoints that were left out, and why
};

// Reads a document. An endpoint that check_endpoint() refuses is left out with a warning. Fails
// with protocol if it is no JSON object or names no issuer.
Result<ServerMetadata> parse_server_metadata(std::string_view text);

// What the answer of one candidate means. No value: there is no document here (any status below 500
// but 200, or no JSON object), so the next candidate is asked. Fails with protocol if it names no
// issuer, with rejected for 5xx; the next one may still be good.
Result<std::optional<ServerMetadata>> read_server_metadata(int status, std::string_view body);

// Puts /authorize and /token behind `base` where the document names no such endpoint. Fails with
// protocol if check_endpoint() refuses the base.
Result<void> fill_in_endpoints(ServerMetadata& metadata, std::string_view base);

// What a server without any metadata is taken for (MCP 2025-03-26, fallbacks for servers without
// metadata discovery): /authorize, /token and /register on its origin, and PKCE, which that
// revision requires. Fails with protocol as fill_in_endpoints() does.
Result<ServerMetadata> default_server_metadata(const codec::Url& server);

// Where a client with a certificate sends its requests: the alias, else the endpoint itself. The
// authorization endpoint is for a browser and the registration endpoint for everybody: they stay.
Endpoints endpoints_for_mtls(const ServerMetadata& metadata);

// Those on another origin than the issuer's, for the user to see: "token_endpoint at
// https://api.example, ..."; empty: there are none.
std::string foreign_endpoints(const ServerMetadata& metadata);

// Are all that there are on one origin? If not, somebody may collect at one what is for another.
bool are_on_one_origin(const Endpoints& endpoints);

}  // namespace mcpio::oauth
