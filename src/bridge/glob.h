// SPDX-License-Identifier: MIT
// Patterns for names: `*` stands for any text, `?` for one character, all else for itself.
#pragma once

#include <string_view>

namespace mcpio::bridge {

// Not fnmatch(3), for which `[` and `\` are special, a character is a byte (in our locale) and a
// NUL ends the name. Both texts are UTF-8.
bool matches_glob(std::string_view pattern, std::string_view name);

}  // namespace mcpio::bridge
