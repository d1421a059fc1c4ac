// SPDX-License-Identifier: MIT
// The options about signing in, a part of the table of options.
#pragma once

#include <span>

#include "cli/option.h"

namespace mcpio::cli {

std::span<const Option> oauth_options();

}  // namespace mcpio::cli
