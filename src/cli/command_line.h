// SPDX-License-Identifier: MIT
// Reads argv.
#pragma once

#include <span>
#include <string>

#include "cli/command.h"
#include "cli/settings.h"

namespace mcpio::cli {

struct CommandLine {
  Command command = Command::connect;
  bool is_named = false;  // by the first argument
  Settings settings;
  Mistakes mistakes;  // unknown options, missing values; the values themselves are not looked at
};

// `arguments` is argv without the program's name. The first may be a command; without one it is
// connect. GNU rules: options and others may be mixed, names may be shortened while they are
// unambiguous, --name=value and -Hvalue work, and everything after -- is no option.
CommandLine parse_command_line(std::span<const std::string> arguments);

}  // namespace mcpio::cli
