// SPDX-License-Identifier: MIT
#include "oauth/request_authentication.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "codec/base64.h"

namespace mcpio::oauth {
namespace {

using codec::FormField;

FormField id_field(const ClientCredentials& client) { return {"client_id", client.id}; }

FormField secret_field(const ClientCredentials& client) {
  return {"client_secret", std::string(client.secret.reveal())};
}

// An assertion as a grant may come from a client without an id (RFC 7521, section 4.1).
AuthenticationFields with_id_alone(const ClientCredentials& client) {
  if (client.id.empty()) return {};
  return {.authorization = {}, .body = {id_field(client)}, .warnings = {}};
}

AuthenticationFields without_secret(AuthMethod method, const ClientCredentials& client) {
  AuthenticationFields fields = with_id_alone(client);
  fields.warnings.push_back(
      fmt::format("{} without a client secret: only client_id is sent; give {}", name_of(method),
                  how_to_supply(Material::secret)));
  return fields;
}

AuthenticationFields with_secret_in_body(const ClientCredentials& client) {
  AuthenticationFields fields = with_id_alone(client);
  fields.body.push_back(secret_field(client));
  return fields;
}

// RFC 6749, section 2.3.1. Its form encoding has a space as `+`, which servers that decode with
// plain percent rules take for a plus; `%20` is read alike by both.
AuthenticationFields with_basic(const Authentication& how, const ClientCredentials& client) {
  const std::string pair =
      codec::percent_encode(client.id) + ":" + codec::percent_encode(client.secret.reveal());
  AuthenticationFields fields;
  fields.authorization = Secret("Basic " + codec::base64(pair));
  if (how.id_with_basic) fields.body.push_back(id_field(client));
  return fields;
}

// RFC 7521, section 4.2, has client_id optional; Entra ID and others ask for it.
AuthenticationFields with_assertion(const ClientCredentials& client, std::string assertion) {
  AuthenticationFields fields = with_id_alone(client);
  fields.body.push_back(
      {"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"});
  fields.body.push_back({"client_assertion", std::move(assertion)});
  return fields;
}

AssertionClaims claims_for(const Authentication& how, const ClientCredentials& client,
                           const AuthenticatedRequest& request) {
  const bool to_endpoint = how.endpoint_is_audience || request.endpoint_is_audience;
  return {.client_id = client.id,
          .audience = to_endpoint ? request.endpoint : request.issuer,
          .jti = request.jti,
          .now = request.now};
}

Result<AuthenticationFields> with_private_key(const Authentication& how,
                                              const ClientCredentials& client,
                                              const AuthenticatedRequest& request) {
  if (!client.assertion.empty()) {
    auto checked = check_foreign_assertion(AssertionUse::client, client.assertion.reveal(),
                                           request.audiences, request.now);
    if (!checked) return propagate(checked);
    return with_assertion(client, std::string(client.assertion.reveal()));
  }
  if (!client.key)
    return fail(ErrorKind::config,
                fmt::format("private_key_jwt needs {}", how_to_supply(Material::key)));
  auto algorithm = algorithm_for(*client.key, request.algorithms);
  if (!algorithm) return propagate(algorithm);
  return with_assertion(
      client, client_assertion(*client.key, *algorithm, claims_for(how, client, request)));
}

Result<AuthenticationFields> with_secret_jwt(const Authentication& how,
                                             const ClientCredentials& client,
                                             const AuthenticatedRequest& request) {
  if (client.secret.empty())
    return fail(ErrorKind::config,
                fmt::format("client_secret_jwt needs {}", how_to_supply(Material::secret)));
  const auto& accepted = request.algorithms;
  if (accepted && !accepted->empty() && std::ranges::find(*accepted, "HS256") == accepted->end())
    return fail(ErrorKind::config,
                "the authorization server does not accept HS256, which client_secret_jwt signs "
                "with: name another --token-endpoint-auth-method");
  return with_assertion(client, client_assertion(client.secret, claims_for(how, client, request)));
}

}  // namespace

Result<AuthenticationFields> authenticate(const Authentication& how,
                                          const ClientCredentials& client,
                                          const AuthenticatedRequest& request) {
  const bool has_secret = !client.secret.empty();
  switch (how.method) {
    case AuthMethod::none:
      return how.secret_with_none && has_secret ? with_secret_in_body(client)
                                                : with_id_alone(client);
    case AuthMethod::client_secret_post:
      return has_secret ? with_secret_in_body(client) : without_secret(how.method, client);
    case AuthMethod::client_secret_basic:
      return has_secret ? with_basic(how, client) : without_secret(how.method, client);
    case AuthMethod::client_secret_jwt:
      return with_secret_jwt(how, client, request);
    case AuthMethod::private_key_jwt:
      return with_private_key(how, client, request);
    case AuthMethod::tls_client_auth:
    case AuthMethod::self_signed_tls_client_auth:
      return with_id_alone(client);
  }
  std::unreachable();
}

std::string request_body(std::span<const FormField> fields,
                         const AuthenticationFields& authentication) {
  std::vector<FormField> all(fields.begin(), fields.end());
  for (const FormField& field : authentication.body)
    if (std::ranges::find(fields, field.name, &FormField::name) == fields.end())
      all.push_back(field);
  return codec::encode_form(all);
}

}  // namespace mcpio::oauth
