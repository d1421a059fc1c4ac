// SPDX-License-Identifier: MIT
#include "cli/say.h"

#include <fmt/core.h>

#include <cstdio>

#include "base/log.h"

namespace mcpio::cli {

void say(std::string_view what, const std::vector<std::string>& lines) {
  for (const std::string& line : lines) fmt::print(stderr, "{}: {}\n", what, log::redacted(line));
}

}  // namespace mcpio::cli
