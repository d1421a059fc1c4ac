// SPDX-License-Identifier: MIT
#include "cli/version.h"

namespace mcpio::cli {

std::string_view version() { return MCPIO_VERSION; }

}  // namespace mcpio::cli
