// SPDX-License-Identifier: MIT
// A command in one text, as the words that a program is started with. No shell: nothing in it is
// expanded, and there are no pipes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace mcpio::cli {

// Words end at white space, but for what stands in 'single' or "double" quotes; a backslash outside
// of single quotes takes the next character as it is. Fails with config: no word, or a quote that
// does not end.
Result<std::vector<std::string>> command_words(std::string_view text);

}  // namespace mcpio::cli
