// SPDX-License-Identifier: MIT
#include "cli/nearest.h"

#include <algorithm>
#include <vector>

namespace mcpio::cli {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same(char a, char b) { return lower(a) == lower(b); }

// A third of the text may be wrong, and two characters of a short one.
std::size_t tolerance(std::string_view text) {
  return std::max<std::size_t>(text.size() / 3, std::min<std::size_t>(2, text.size() / 2));
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::swap(before_last, last);
    std::swap(last, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (same(a[i - 1], b[j - 1]) ? 0 : 1);
      row[j] = std::min({replaced, last[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return row[b.size()];
}

std::optional<std::string_view> nearest(std::string_view text,
                                        std::span<const std::string_view> candidates) {
  constexpr std::size_t kLongest = 64;  // nobody means an option by a longer text
  if (text.empty() || text.size() > kLongest) return std::nullopt;
  std::optional<std::string_view> best;
  std::size_t best_distance = tolerance(text) + 1;
  for (std::string_view candidate : candidates) {
    const bool begun = text.size() >= 3 && candidate.starts_with(text);
    const std::size_t distance = begun ? 1 : edit_distance(text, candidate);
    if (distance >= best_distance) continue;
    best = candidate;
    best_distance = distance;
  }
  return best;
}

}  // namespace mcpio::cli
