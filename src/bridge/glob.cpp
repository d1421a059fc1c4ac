// SPDX-License-Identifier: MIT
#include "bridge/glob.h"

namespace mcpio::bridge {
namespace {

// Behind the character at `at`.
std::size_t next_character(std::string_view text, std::size_t at) {
  do ++at;
  while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80);
  return at;
}

}  // namespace

// What the last `*` stands for grows until the rest fits; earlier ones need no second look.
bool matches_glob(std::string_view pattern, std::string_view name) {
  constexpr std::size_t kNone = std::string_view::npos;
  std::size_t p = 0, n = 0;
  std::size_t behind_star = kNone, star_end = 0;
  while (n < name.size()) {
    const char wanted = p < pattern.size() ? pattern[p] : '\0';
    if (p < pattern.size() && wanted == '*') {
      behind_star = ++p;
      star_end = n;
    } else if (p < pattern.size() && wanted == '?') {
      ++p;
      n = next_character(name, n);
    } else if (p < pattern.size() && wanted == name[n]) {
      ++p;
      ++n;
    } else if (behind_star != kNone) {
      p = behind_star;
      n = ++star_end;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == kNone;
}

}  // namespace mcpio::bridge
