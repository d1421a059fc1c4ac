// SPDX-License-Identifier: MIT
#include "store/credential.h"

#include <fmt/core.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace mcpio::store {
namespace {

using nlohmann::json;

// One visit names every member once, for reading and for writing.
template <class Entry, class Visitor>
void each_member(Entry& entry, Visitor&& visit) {
  visit("access_token", entry.access_token);
  visit("token_type", entry.token_type);
  visit("expires_at", entry.expires_at);
  visit("refresh_token", entry.refresh_token);
  visit("id_token", entry.id_token);
  visit("scope", entry.scope);
  visit("client_id", entry.client_id);
  visit("client_secret", entry.client_secret);
  visit("client_secret_expires_at", entry.client_secret_expires_at);
  visit("token_endpoint", entry.token_endpoint);
  visit("authorization_endpoint", entry.authorization_endpoint);
  visit("registration_endpoint", entry.registration_endpoint);
  visit("issuer", entry.issuer);
  visit("token_endpoint_auth_method", entry.token_endpoint_auth_method);
  visit("no_resource_indicator", entry.no_resource_indicator);
  visit("oauth_resource", entry.oauth_resource);
  visit("iss_parameter_supported", entry.iss_parameter_supported);
}

json value_of(const Secret& secret) { return std::string(secret.reveal()); }
json value_of(const std::string& text) { return text; }
json value_of(double number) { return number; }
json value_of(bool flag) { return flag; }
template <class T>
json value_of(const std::optional<T>& value) {
  return value ? value_of(*value) : json(nullptr);
}

bool take(const json& value, Secret& to) {
  if (value.is_string()) to = Secret(value.get<std::string>());
  return value.is_string();
}
bool take(const json& value, std::string& to) {
  if (value.is_string()) to = value.get<std::string>();
  return value.is_string();
}
bool take(const json& value, double& to) {
  if (value.is_number()) to = value.get<double>();
  return value.is_number() && std::isfinite(to);
}
bool take(const json& value, bool& to) {
  if (value.is_boolean()) to = value.get<bool>();
  return value.is_boolean();
}
template <class T>
bool take(const json& value, std::optional<T>& to) {
  if (value.is_null()) return true;
  return take(value, to.emplace());
}

}  // namespace

std::string to_json(const Credential& credential) {
  json entry = json::object();
  each_member(credential,
              [&](const char* name, const auto& member) { entry[name] = value_of(member); });
  return entry.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<Credential> credential_from_json(std::string_view text) {
  const json entry = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!entry.is_object()) return fail(ErrorKind::protocol, "the entry is no JSON object");
  Credential credential;
  std::string wrong;
  each_member(credential, [&](const char* name, auto& member) {
    const auto found = entry.find(name);
    if (found != entry.end() && !take(*found, member)) wrong = name;
  });
  if (!wrong.empty()) return fail(ErrorKind::protocol, fmt::format("{} has a wrong type", wrong));
  if (credential.access_token.empty()) return fail(ErrorKind::protocol, "access_token is missing");
  return credential;
}

}  // namespace mcpio::store
