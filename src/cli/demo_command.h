// SPDX-License-Identifier: MIT
// `mcp-stdio demo`: a conversation through the bridge, with a server of its own.
#pragma once

namespace mcpio::cli {

// Returns the exit code: 0 if every answer is what it should be.
int run_demo();

}  // namespace mcpio::cli
