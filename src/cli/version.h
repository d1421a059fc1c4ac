// SPDX-License-Identifier: MIT
// The program's version, as CMakeLists.txt says it.
#pragma once

#include <string_view>

namespace mcpio::cli {

std::string_view version();

}  // namespace mcpio::cli
