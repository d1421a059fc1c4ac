// SPDX-License-Identifier: MIT
// The other end of RefreshProcess: this program, started to refresh one token and end.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "process/launch.h"

namespace mcpio::cli {

// This program with its own arguments, told by a variable of its environment that it shall only
// refresh the access token of that digest.
Result<process::Command> refresh_command(const std::string& digest);

// True: we are that process; then run_refresh() is all that is to be done.
bool is_refresh_process();
int run_refresh(const std::vector<std::string>& arguments);

}  // namespace mcpio::cli
