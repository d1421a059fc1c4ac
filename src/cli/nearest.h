// SPDX-License-Identifier: MIT
// What somebody probably meant to type.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace mcpio::cli {

// How many single characters must be inserted, dropped, replaced or swapped with their neighbour to
// make one text of the other (optimal string alignment). Case does not count.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The candidate closest to `text`, unless all are so far from it that a hint would mislead. One
// that begins with what was typed counts as close.
std::optional<std::string_view> nearest(std::string_view text,
                                        std::span<const std::string_view> candidates);

}  // namespace mcpio::cli
