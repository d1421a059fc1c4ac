// SPDX-License-Identifier: MIT
// The ways a client can prove who it is at an authorization server.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mcpio::oauth {

// The names registered for token_endpoint_auth_method (RFC 7591, RFC 8705, OpenID Connect Core).
enum class AuthMethod : std::uint8_t {
  none,
  client_secret_post,
  client_secret_basic,
  client_secret_jwt,
  private_key_jwt,
  tls_client_auth,
  self_signed_tls_client_auth,
};

// What a method cannot do without.
enum class Material : std::uint8_t { nothing, secret, key, certificate };

std::string_view name_of(AuthMethod method);
// Case counts, as in metadata. No value: a method we cannot do.
std::optional<AuthMethod> parse_auth_method(std::string_view name);
// All of them, for messages: "none, client_secret_post, ...".
std::string auth_method_names();

// `key` is a private key of ours or a foreign assertion: either makes a client_assertion.
Material material_of(AuthMethod method);
// What is missing, and the options that supply it: "a client secret (--client-secret-file ...)".
// Not for `nothing`.
std::string_view how_to_supply(Material material);

}  // namespace mcpio::oauth
