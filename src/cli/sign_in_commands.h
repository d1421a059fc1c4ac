// SPDX-License-Identifier: MIT
// `mcp-stdio login`, `logout` and `token`: what the relay does about signing in, by hand.
#pragma once

#include "cli/config.h"

namespace mcpio::cli {

// Each returns the exit code. The log has been started.

// Signs in, whatever is stored, and says on stdout what was stored where.
int run_login(const ConnectConfig& config);
// Revokes and removes what is stored. Fails, having removed it, if a server could not be told.
int run_logout(const ConnectConfig& config);
// A token that is good now, on stdout.
int run_token(const ConnectConfig& config);

}  // namespace mcpio::cli
