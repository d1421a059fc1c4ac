// SPDX-License-Identifier: MIT
// `mcp-stdio [connect] URL`: relays stdin and stdout to a remote MCP server, or checks it.
#pragma once

#include "cli/config.h"

namespace mcpio::cli {

// Returns the exit code. The log has been started.
int run_connect(const ConnectConfig& config);

}  // namespace mcpio::cli
