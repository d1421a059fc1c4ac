// SPDX-License-Identifier: MIT
// What --help shows, made from the option table.
#pragma once

#include <cstddef>
#include <string>

#include "cli/command.h"

namespace mcpio::cli {

// How a text will be looked at.
struct Page {
  std::size_t width = 80;   // columns
  bool has_colour = false;  // escape sequences are understood
};

// What the terminal behind a descriptor can do; a plain page of 80 columns if it is none. NO_COLOR
// in the environment is respected.
Page page_of(int descriptor);

// All commands and all options.
std::string help_text(const Page& page);
// One command, and the options it takes.
std::string help_text(const Page& page, Command command);

}  // namespace mcpio::cli
