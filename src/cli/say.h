// SPDX-License-Identifier: MIT
// What the program says on stderr to the person who started it, beside the log.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mcpio::cli {

// "what: line" for each. Nothing that was set as a secret is shown, wherever it was put by mistake.
void say(std::string_view what, const std::vector<std::string>& lines);

}  // namespace mcpio::cli
