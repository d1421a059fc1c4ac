// SPDX-License-Identifier: MIT
// The options about the way to get a token, and about who asks for it: a part of the table of
// options.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/option.h"

namespace mcpio::cli {

std::span<const Option> grant_options();

// What the chosen grant lacks, or does not go with; one line each.
std::vector<std::string> mistakes_about_grant(const auth::OAuthSettings& settings);

}  // namespace mcpio::cli
