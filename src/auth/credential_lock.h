// SPDX-License-Identifier: MIT
// Where the lock is that whoever changes a server's credential holds.
#pragma once

#include <filesystem>
#include <string_view>

namespace mcpio::auth {

// One for each server_key(); a digest, since a URL is no file name. Empty if `folder` is.
std::filesystem::path credential_lock(const std::filesystem::path& folder, std::string_view server);

}  // namespace mcpio::auth
