// SPDX-License-Identifier: MIT
// Where the store's files are, and how they got there from older places.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace mcpio::store {

// $XDG_CONFIG_HOME/mcp-stdio, or ~/.config/mcp-stdio. Empty `config_home`: not set. Fails with
// config if neither it nor `home` is an absolute path.
Result<std::filesystem::path> store_folder(const std::string& config_home, const std::string& home);

// What a profile keeps apart, in that folder: a folder like it. The folder itself, if `profile` is
// empty.
std::filesystem::path profile_folder(const std::filesystem::path& folder,
                                     const std::string& profile);
// Those there are, sorted.
std::vector<std::string> profiles_in(const std::filesystem::path& folder);
// Letters, digits, `.`, `_` and `-`, up to 64 of them, no dot in front: it is a folder's name.
bool is_profile_name(std::string_view name);

// Brings tokens.json to the folder once, if it has none yet (or one without entries, in the second
// case): from ~/.config/mcp-stdio, where the
// Python program keeps it whatever XDG_CONFIG_HOME says (a copy: it goes on using its own), else
// from ~/.mcp-stdio, where its first versions did (moved). Symbolic links and files that cannot be
// read are left alone, with a warning. Safe when several processes do it at once.
void import_older(const std::filesystem::path& folder, const std::string& home);

}  // namespace mcpio::store
