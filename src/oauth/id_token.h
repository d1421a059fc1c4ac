// SPDX-License-Identifier: MIT
// What a client looks at in an ID token of its own (OpenID Connect Core).
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace mcpio::oauth {

struct ExpectedIdToken {
  std::string issuer;
  std::string client_id;
};

// Was it made by this issuer, for this client, and is it still good at that time? Its signature is
// not looked at: it came from the token endpoint itself, over TLS (OpenID Connect Core, section
// 3.1.3.7, number 6), and is only handed back. Fails with protocol.
Result<void> check_id_token(std::string_view jwt, const ExpectedIdToken& expected, WallTime when);

}  // namespace mcpio::oauth
