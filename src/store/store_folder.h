// SPDX-License-Identifier: MIT
// Where the store's files are, and how they got there from older places.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace mcpio::store {

// $XDG_CONFIG_HOME/mcp-stdio, or ~/.config/mcp-stdio. Empty `config_home`: not set. Fails with
// config if neither it nor `home` is an absolute path.
Result<std::filesystem::path> store_folder(const std::string& config_home, const std::string& home);

// Brings tokens.json to the folder once, if it has none yet: from ~/.config/mcp-stdio, where the
// Python program keeps it whatever XDG_CONFIG_HOME says (a copy: it goes on using its own), else
// from ~/.mcp-stdio, where its first versions did (moved). Symbolic links and files that cannot be
// read are left alone, with a warning. Safe when several processes do it at once.
void import_older(const std::filesystem::path& folder, const std::string& home);

}  // namespace mcpio::store
