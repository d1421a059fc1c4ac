// SPDX-License-Identifier: MIT
// Proof of possession of the key that a token is bound to (RFC 9449).
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "crypto/signing_key.h"

namespace mcpio::oauth {

struct DpopRequest {
  std::string method;   // "POST"
  std::string url;      // where it goes; the proof leaves out query and fragment
  Secret access_token;  // what it carries; empty towards the authorization server
  std::string nonce;    // the last one this server gave; empty: none
  std::string jti;      // fresh for each request and each retry
  WallTime now;
};

// The value of the DPoP field (section 4.2), signed with ES256; the key must be able to. Fails with
// config if the URL is none.
Result<std::string> dpop_proof(const crypto::SigningKey& key, const DpopRequest& request);

}  // namespace mcpio::oauth
