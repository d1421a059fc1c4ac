// SPDX-License-Identifier: MIT
// Dynamic client registration (RFC 7591), and where to undo it (RFC 7592).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "crypto/certificate.h"
#include "oauth/auth_method.h"
#include "oauth/client_assertion.h"

namespace mcpio::oauth {

// What the client will log in with.
enum class RegisteredFlow : std::uint8_t { browser, device };

// What we say about ourselves. Members that the method does not call for stay empty.
struct ClientDescription {
  RegisteredFlow flow = RegisteredFlow::browser;
  AuthMethod method = AuthMethod::none;
  std::string redirect_uri = {};                    // browser
  std::string jwks = {};                            // private_key_jwt, self_signed_tls_client_auth
  std::optional<crypto::Algorithm> algorithm = {};  // private_key_jwt
  std::string certificate_subject = {};             // tls_client_auth (RFC 8705, section 2.1.2)
  bool uses_dpop = false;                           // RFC 9449, section 5.2
  bool binds_to_certificate = false;                // RFC 8705, section 3.4
};

// The body of the registration request. It names no scope: what a client may ask for later differs
// from server to server.
std::string registration_request(const ClientDescription& description);

// A JWK set of the public half, as JSON text (RFC 7517, section 5).
std::string jwk_set(const ClientKey& key, crypto::Algorithm algorithm);
// The same for a self-signed certificate (RFC 8705, section 2.2.2). Fails with config if there is
// no JWK for its key.
Result<std::string> jwk_set(const crypto::TlsCertificate& certificate);

struct Registration {
  std::string client_id;
  Secret secret;                              // empty: none
  std::optional<WallTime> secret_expires_at;  // no value: never
  std::optional<std::string> auth_method;     // as answered; the server may overrule us
  std::string management_uri;                 // RFC 7592, section 3; empty: none
  Secret management_token;
};

// What the request showed besides the description.
enum class InitialAccessToken : std::uint8_t { none, shown };

// Fails with rejected and what helps, if the server said no; with protocol if the answer has no
// client_id, or one or a secret that is no string.
Result<Registration> read_registration(int status, std::string_view body, InitialAccessToken token);

// Does nobody register clients at the address that answered so? A registration endpoint says yes or
// no in JSON (RFC 7591, section 3.2); a server in trouble may say anything.
bool is_no_registration_endpoint(int status, std::string_view body);

}  // namespace mcpio::oauth
