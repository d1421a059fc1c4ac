// SPDX-License-Identifier: MIT
#include "oauth/peer_text.h"

#include <cstddef>

namespace mcpio::oauth {

std::string shown(std::string_view text) {
  constexpr std::size_t kLongest = 200;
  std::string out;
  for (const char c : text) {
    if (out.size() == kLongest) break;
    if (c >= ' ' && c <= '~' && c != '"' && c != '\\') out += c;
  }
  return out.empty() ? "<unspecified>" : out;
}

}  // namespace mcpio::oauth
