// SPDX-License-Identifier: MIT
// What is kept for one server: tokens, and what a refresh needs.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace mcpio::store {

// Exactly the members that the Python program of the same name keeps; both read and write the same
// file. What it has no room for is in the state file.
struct Credential {
  Secret access_token;
  std::string token_type = "Bearer";
  std::optional<double> expires_at =
      {};  // Unix time; no value: it does not expire, as far as known
  std::optional<Secret> refresh_token = {};
  std::optional<Secret> id_token = {};
  std::optional<std::string> scope = {};
  std::optional<std::string> client_id = {};
  std::optional<Secret> client_secret = {};
  std::optional<double> client_secret_expires_at = {};
  std::optional<std::string> token_endpoint = {};
  std::optional<std::string> authorization_endpoint = {};
  std::optional<std::string> registration_endpoint = {};
  std::optional<std::string> issuer = {};
  std::string token_endpoint_auth_method = "none";
  bool no_resource_indicator = false;
  std::optional<std::string> oauth_resource = {};
  bool iss_parameter_supported = false;
};

// The JSON text of one entry, and back. Unknown members are passed over; a member of a wrong type,
// a number that is not finite, or an empty access token fail with protocol.
std::string to_json(const Credential& credential);
Result<Credential> credential_from_json(std::string_view json);

}  // namespace mcpio::store
