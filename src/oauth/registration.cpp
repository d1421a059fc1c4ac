// SPDX-License-Identifier: MIT
#include "oauth/registration.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "codec/json_document.h"
#include "oauth/token_error.h"
#include "oauth/token_response.h"

namespace mcpio::oauth {
namespace {

using codec::JsonObject;
using codec::JsonWriter;

const std::vector<std::string> kBrowserGrants = {"authorization_code", "refresh_token"};
const std::vector<std::string> kDeviceGrants = {"urn:ietf:params:oauth:grant-type:device_code",
                                                "refresh_token"};

// No server needs more, and all is kept.
constexpr std::size_t kMostMemberBytes = 8 * 1024;

JsonWriter with_members_of(std::string_view jwk) {
  JsonWriter writer;
  const auto members = JsonObject::parse(jwk, "public key");
  for (const std::string& name : members->keys()) writer.add_json(name, *members->text(name));
  return writer;
}

std::string set_of(const JsonWriter& jwk) {
  return JsonWriter().add_json("keys", "[" + jwk.text() + "]").text();
}

// "0" and garbage are what some servers write for "never" (RFC 7591, section 3.2.1, has 0).
std::optional<WallTime> expiry_of(const JsonObject& members) {
  constexpr double kLatest = 9'000'000'000;  // WallTime ends in the year 2262
  const auto at = members.number("client_secret_expires_at");
  if (!at || *at <= 0 || *at > kLatest) return std::nullopt;
  return WallTime(std::chrono::seconds(static_cast<long long>(*at)));
}

// Null is as good as nothing; anything else that is no string is a mistake of the server.
Result<std::string> string_or_empty(const JsonObject& members, std::string_view key) {
  auto value = members.string(key);
  if (value) return *std::move(value);
  if (!members.has(key) || members.text(key) == "null") return std::string();
  return fail(ErrorKind::protocol,
              fmt::format("the answer to the registration has a {} that is no string", key));
}

constexpr std::string_view kByHand = "register a client by hand and give its --client-id";

// RFC 7591, section 3.2.2; RFC 6750, section 3.1, for what the token is refused with.
std::string advice_after(const TokenError& refusal, InitialAccessToken token) {
  if (refusal.refusal == Refusal::unavailable)
    return fmt::format("try again later, or {}", kByHand);
  if (refusal.error == "invalid_redirect_uri")
    return fmt::format("see --callback-host, --callback-port and --redirect-uri, or {}", kByHand);
  if (refusal.error == "invalid_client_metadata")
    return fmt::format("see --token-endpoint-auth-method, or {}", kByHand);
  if (refusal.status != 401 && refusal.status != 403) return std::string(kByHand);
  if (token == InitialAccessToken::shown)
    return fmt::format("ask its administrator for another --oauth-initial-access-token, or {}",
                       kByHand);
  return fmt::format("{}, or see --oauth-initial-access-token", kByHand);
}

Result<Registration> read_client(std::string_view body) {
  auto members = JsonObject::parse(body, "answer to the registration");
  if (!members) return propagate(members);
  auto id = members->required_string("client_id");
  if (!id) return propagate(id, "the answer to the registration");
  auto secret = string_or_empty(*members, "client_secret");
  if (!secret) return propagate(secret);
  const std::string token = members->string("registration_access_token").value_or("");
  const std::string uri = members->string("registration_client_uri").value_or("");
  if (!fits_into_a_field(token))
    return fail(
        ErrorKind::protocol,
        "the answer to the registration has a registration_access_token that cannot be sent");
  for (const std::string& member : {*id, *secret, token, uri})
    if (member.size() > kMostMemberBytes)
      return fail(ErrorKind::protocol,
                  "the answer to the registration has a member of more than 8 KiB");
  return Registration{.client_id = *std::move(id),
                      .secret = Secret(*std::move(secret)),
                      .secret_expires_at = expiry_of(*members),
                      .auth_method = members->string("token_endpoint_auth_method"),
                      .management_uri = uri,
                      .management_token = Secret(token)};
}

}  // namespace

std::string registration_request(const ClientDescription& description) {
  JsonWriter body;
  body.add("client_name", "mcp-stdio").add("application_type", "native");
  if (description.flow == RegisteredFlow::browser) {
    body.add("redirect_uris", std::vector{description.redirect_uri});
    body.add("response_types", std::vector<std::string>{"code"});
    body.add("grant_types", kBrowserGrants);
  } else {
    // Left out, they would mean "code" (RFC 7591, section 2), which goes with another grant.
    body.add("response_types", std::vector<std::string>());
    body.add("grant_types", kDeviceGrants);
  }
  body.add("token_endpoint_auth_method", name_of(description.method));
  if (description.algorithm)
    body.add("token_endpoint_auth_signing_alg", crypto::name_of(*description.algorithm));
  if (!description.jwks.empty()) body.add_json("jwks", description.jwks);
  if (!description.certificate_subject.empty())
    body.add("tls_client_auth_subject_dn", description.certificate_subject);
  if (description.uses_dpop) body.add("dpop_bound_access_tokens", true);
  if (description.binds_to_certificate)
    body.add("tls_client_certificate_bound_access_tokens", true);
  return body.text();
}

std::string jwk_set(const ClientKey& key, crypto::Algorithm algorithm) {
  JsonWriter jwk = with_members_of(key.key.public_jwk());
  jwk.add("kid", key_id_of(key)).add("use", "sig").add("alg", crypto::name_of(algorithm));
  return set_of(jwk);
}

Result<std::string> jwk_set(const crypto::TlsCertificate& certificate) {
  if (certificate.public_jwk.empty())
    return fail(ErrorKind::config,
                "the key of --oauth-client-cert has no form that can be registered: use RSA, "
                "P-256, P-384 or Ed25519");
  JsonWriter jwk = with_members_of(certificate.public_jwk);
  jwk.add("x5c", std::vector{certificate.x5c});
  return set_of(jwk);
}

Result<Registration> read_registration(int status, std::string_view body,
                                       InitialAccessToken token) {
  if (status < 200 || status > 299) {
    const TokenError refusal = read_token_error(status, body);
    return fail(ErrorKind::rejected, fmt::format("the registration endpoint answered {}: {}",
                                                 to_string(refusal), advice_after(refusal, token)));
  }
  auto client = read_client(body);
  if (!client) client.error().message += fmt::format("; {}", kByHand);
  return client;
}

bool is_no_registration_endpoint(int status, std::string_view body) {
  if (status >= 500) return false;
  return status == 404 || status == 405 || !JsonObject::parse(body, "answer to the registration");
}

}  // namespace mcpio::oauth
