// SPDX-License-Identifier: MIT
#include "oauth/server_metadata.h"

#include <fmt/core.h>

#include <set>
#include <string>
#include <utility>

#include "codec/json_document.h"
#include "oauth/endpoint_guard.h"

namespace mcpio::oauth {
namespace {

using codec::JsonObject;

constexpr std::string_view kWhat = "authorization server metadata";

template <class Owner, class Member>
struct Field {
  std::string_view name;
  Member Owner::* member;
};

constexpr Field<Endpoints, std::optional<std::string>> kEndpoints[] = {
    {"authorization_endpoint", &Endpoints::authorization},
    {"token_endpoint", &Endpoints::token},
    {"registration_endpoint", &Endpoints::registration},
    {"device_authorization_endpoint", &Endpoints::device_authorization},
    {"revocation_endpoint", &Endpoints::revocation},
    {"introspection_endpoint", &Endpoints::introspection},
    {"pushed_authorization_request_endpoint", &Endpoints::pushed_authorization_request},
};

constexpr Field<ServerMetadata, ServerMetadata::List> kLists[] = {
    {"scopes_supported", &ServerMetadata::scopes},
    {"grant_types_supported", &ServerMetadata::grant_types},
    {"code_challenge_methods_supported", &ServerMetadata::code_challenge_methods},
    {"token_endpoint_auth_methods_supported", &ServerMetadata::token_auth_methods},
    {"token_endpoint_auth_signing_alg_values_supported", &ServerMetadata::token_auth_signing_algs},
    {"dpop_signing_alg_values_supported", &ServerMetadata::dpop_signing_algs},
    {"authorization_grant_profiles_supported", &ServerMetadata::authorization_grant_profiles},
};

constexpr Field<ServerMetadata, bool> kFlags[] = {
    {"authorization_response_iss_parameter_supported", &ServerMetadata::sends_iss},
    {"client_id_metadata_document_supported", &ServerMetadata::takes_metadata_documents},
    {"require_pushed_authorization_requests", &ServerMetadata::requires_par},
    {"tls_client_certificate_bound_access_tokens", &ServerMetadata::binds_to_certificates},
};

Endpoints read_endpoints(const JsonObject& document, std::vector<std::string>& warnings) {
  Endpoints endpoints;
  for (const auto& [name, member] : kEndpoints) {
    auto text = document.string(name);
    if (!text) continue;
    if (const auto url = check_endpoint(*text, name); !url)
      warnings.push_back(url.error().message);
    else
      endpoints.*member = std::move(text);
  }
  return endpoints;
}

// What stands behind the base's path, which keeps no slash at its end.
std::string endpoint_behind(codec::Url base, std::string_view name) {
  while (base.path.ends_with('/')) base.path.pop_back();
  base.path.append("/").append(name);
  base.query.reset();
  return codec::to_string(base);
}

Result<ServerMetadata> metadata_in(const JsonObject& document) {
  auto issuer = document.required_string("issuer");
  if (!issuer) return propagate(issuer, kWhat);

  ServerMetadata metadata;
  metadata.issuer = *std::move(issuer);
  metadata.endpoints = read_endpoints(document, metadata.warnings);
  if (const auto aliases = document.object("mtls_endpoint_aliases"))
    metadata.mtls_aliases = read_endpoints(*aliases, metadata.warnings);
  for (const auto& [name, member] : kLists) metadata.*member = document.strings(name);
  for (const auto& [name, member] : kFlags) metadata.*member = document.is_true(name);
  return metadata;
}

}  // namespace

Result<ServerMetadata> parse_server_metadata(std::string_view text) {
  auto document = JsonObject::parse(text, kWhat);
  if (!document) return propagate(document);
  return metadata_in(*document);
}

Result<std::optional<ServerMetadata>> read_server_metadata(int status, std::string_view body) {
  if (status >= 500) return fail(ErrorKind::rejected, fmt::format("answered {}", status));
  if (status != 200) return std::nullopt;
  const auto document = JsonObject::parse(body, kWhat);
  if (!document) return std::nullopt;
  auto metadata = metadata_in(*document);
  if (!metadata) return propagate(metadata);
  return *std::move(metadata);
}

Result<void> fill_in_endpoints(ServerMetadata& metadata, std::string_view base) {
  auto url = check_endpoint(base, "authorization server");
  if (!url) return propagate(url);
  Endpoints& endpoints = metadata.endpoints;
  if (!endpoints.authorization) endpoints.authorization = endpoint_behind(*url, "authorize");
  if (!endpoints.token) endpoints.token = endpoint_behind(*url, "token");
  return ok();
}

Result<ServerMetadata> default_server_metadata(const codec::Url& server) {
  ServerMetadata metadata;
  metadata.is_guessed = true;
  metadata.issuer = codec::origin_of(server);
  metadata.endpoints.registration = metadata.issuer + "/register";
  metadata.code_challenge_methods = {"S256"};
  if (auto filled = fill_in_endpoints(metadata, metadata.issuer); !filled) return propagate(filled);
  return metadata;
}

Endpoints endpoints_for_mtls(const ServerMetadata& metadata) {
  Endpoints endpoints = metadata.mtls_aliases;
  for (const auto& [name, member] : kEndpoints)
    if (!(endpoints.*member)) endpoints.*member = metadata.endpoints.*member;
  endpoints.authorization = metadata.endpoints.authorization;
  endpoints.registration = metadata.endpoints.registration;
  return endpoints;
}

std::string foreign_endpoints(const ServerMetadata& metadata) {
  const auto home = codec::parse_url(metadata.issuer);
  std::string text;
  for (const auto& [name, member] : kEndpoints) {
    const auto url = codec::parse_url((metadata.endpoints.*member).value_or(""));
    if (!url || (home && codec::same_origin(*url, *home))) continue;
    text += fmt::format("{}{} at {}", text.empty() ? "" : ", ", name, codec::origin_of(*url));
  }
  return text;
}

bool are_on_one_origin(const Endpoints& endpoints) {
  std::set<std::string> origins;
  for (const auto& endpoint : {endpoints.authorization, endpoints.token, endpoints.registration,
                               endpoints.device_authorization, endpoints.revocation,
                               endpoints.introspection, endpoints.pushed_authorization_request})
    if (const auto url = codec::parse_url(endpoint.value_or("")))
      origins.insert(codec::origin_of(*url));
  return origins.size() <= 1;
}

}  // namespace mcpio::oauth
