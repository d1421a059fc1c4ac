// SPDX-License-Identifier: MIT
// All options of `mcp-stdio [connect] URL`, each in one place.
//
// The command line, the environment, the configuration file, --help and the check of
// docs/options.md are made from this table and from nothing else.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/option.h"

namespace mcpio::cli {

std::span<const Option> option_table();

// No such option: null.
const Option* find_option(std::string_view name);

// The names people may be led to, in one of their forms.
std::vector<std::string_view> visible_names();

// For the hidden --list-options: name, environment variable and configuration key of each visible
// option in a line, separated by tabs; empty where there is none.
std::string option_list();

}  // namespace mcpio::cli
