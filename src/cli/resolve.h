// SPDX-License-Identifier: MIT
// Makes the configuration from everything that was set, and says everything that is wrong with it.
#pragma once

#include <string>
#include <vector>

#include "base/environment.h"
#include "cli/command_line.h"
#include "cli/config.h"

namespace mcpio::cli {

struct Resolved {
  ConnectConfig config;               // good only if there are no mistakes
  std::vector<std::string> warnings;  // what to say after "warning: "
  Mistakes mistakes;                  // those of the command line first
};

// The command line wins over the environment, that over the configuration file, and that over the
// defaults; only the winner's text is looked at. Values are whole: a list is not made from two
// sources. Every secret is given to log::hide().
Resolved resolve(CommandLine line, const Environment& environment);

}  // namespace mcpio::cli
