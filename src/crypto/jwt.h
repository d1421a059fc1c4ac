// SPDX-License-Identifier: MIT
// JSON Web Tokens in compact form (RFC 7515, section 7.1; RFC 7519).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "codec/json_document.h"
#include "crypto/algorithm.h"
#include "crypto/signing_key.h"

namespace mcpio::crypto {

// `header` and `claims` are JSON objects as text; the header must already name `algorithm`.
std::string sign_jwt(const SigningKey& key, Algorithm algorithm, std::string_view header,
                     std::string_view claims);
// HS256; the secret's bytes are the key (OpenID Connect Core, section 9, client_secret_jwt).
std::string sign_jwt(const Secret& secret, std::string_view header, std::string_view claims);

// What a token of somebody else says. Nothing is verified: that is its receiver's business. Fails
// with protocol if it is no JWS in compact form.
Result<codec::JsonObject> peek_claims(std::string_view jwt);

// x5t#S256 of the first certificate in a PEM text (RFC 7515, section 4.1.8). Fails with config.
Result<std::string> certificate_thumbprint(std::string_view pem);

}  // namespace mcpio::crypto
