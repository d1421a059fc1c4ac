// SPDX-License-Identifier: MIT
// What the fuzz targets have in common: claims, and inputs in pieces.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace mcpio::fuzz {

// Stops the program, so that the fuzzer keeps the input.
inline void check(bool holds, const char* claim) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", claim);
  std::abort();
}

inline std::string_view text_of(const std::uint8_t* bytes, std::size_t size) {
  return std::string_view(reinterpret_cast<const char*>(bytes), size);
}

using Pieces = std::vector<std::string_view>;

// The same text cut up in several ways: whole, byte by byte, and in pieces of 0 to 7 bytes that
// depend on nothing but the text, so that a finding can be replayed.
inline std::vector<Pieces> cut_up(std::string_view text) {
  Pieces bytes;
  for (std::size_t i = 0; i < text.size(); ++i) bytes.push_back(text.substr(i, 1));

  Pieces uneven;
  std::uint32_t state = static_cast<std::uint32_t>(text.size());
  for (std::size_t at = 0; at < text.size();) {
    state = state * 1664525 + 1013904223 + static_cast<unsigned char>(text[at]);
    uneven.push_back(text.substr(at, state >> 29));
    at += uneven.back().size();
  }
  return {{text}, bytes, uneven};
}

}  // namespace mcpio::fuzz
