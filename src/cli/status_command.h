// SPDX-License-Identifier: MIT
// `mcp-stdio status`: who is signed in where.
#pragma once

#include "cli/config.h"

namespace mcpio::cli {

int run_status(const ConnectConfig& config);

}  // namespace mcpio::cli
