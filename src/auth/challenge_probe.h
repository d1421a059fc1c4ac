// SPDX-License-Identifier: MIT
// Asks an MCP server what it wants of a login, before there is any request to be refused.
#pragma once

#include <string>

#include "auth/fetcher.h"
#include "auth/oauth_settings.h"
#include "base/result.h"
#include "oauth/challenges.h"

namespace mcpio::auth {

struct Probed {
  oauth::ServerChallenge challenge;  // empty: the server did not ask for a login
  // What the server did instead, for people; empty: it asked for a login.
  std::string instead = {};
};

// Sends a ping without a token: it begins no session and changes nothing, and a server that wants a
// login answers it with 401 and a challenge like any other request. Fails if the server cannot be
// reached.
awaitable<Result<Probed>> probe_challenge(Fetcher& fetcher, const OAuthSettings& settings);

}  // namespace mcpio::auth
