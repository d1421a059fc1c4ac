// SPDX-License-Identifier: MIT
#include "codec/json_names.h"

#include <algorithm>

#include "base/limits.h"
#include "codec/json_view.h"

namespace mcpio::codec {
namespace {

// The character at `at`, as a reader sees it that does not tell capital letters from small ones,
// and moves `at` behind it. Beyond ASCII, only the long s and the Kelvin sign have an ASCII letter
// as their other case; other characters are not folded, since no name we know contains them.
char next_folded(std::string_view name, std::size_t& at) {
  const char c = name[at];
  if (c == '\xC5' && name.substr(at, 2) == "\u017F") return at += 2, 's';
  if (c == '\xE2' && name.substr(at, 3) == "\u212A") return at += 3, 'k';
  ++at;
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Less than, equal to or greater than 0, as memcmp().
int compare_folded(std::string_view a, std::string_view b) {
  std::size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    const char x = next_folded(a, i);
    const char y = next_folded(b, j);
    if (x != y) return x < y ? -1 : 1;
  }
  return (i < a.size() ? 1 : 0) - (j < b.size() ? 1 : 0);
}

bool is_less_folded(std::string_view a, std::string_view b) { return compare_folded(a, b) < 0; }
bool is_same_folded(std::string_view a, std::string_view b) { return compare_folded(a, b) == 0; }

}  // namespace

void NameCheck::add(std::string_view name, bool is_escaped) {
  if (!problem_.empty()) return;
  const auto looks_alike = [&](std::string_view known) { return is_same_folded(name, known); };
  const bool is_known = std::find(known_.begin(), known_.end(), name) != known_.end();
  if (is_escaped) {
    problem_ = "a member's name is written with an escape";
  } else if (!is_known && std::any_of(known_.begin(), known_.end(), looks_alike)) {
    problem_ = "a member's name differs from one of the protocol only in capital letters";
  } else if (names_.size() == limits::kInspectedMembers) {
    problem_ = "an object has too many members";
  } else {
    if (names_.empty()) names_.reserve(8);
    names_.push_back(name);
  }
}

std::string_view NameCheck::problem() {
  if (!problem_.empty()) return problem_;
  std::sort(names_.begin(), names_.end(), is_less_folded);
  const auto twice = std::adjacent_find(names_.begin(), names_.end(), is_same_folded);
  if (twice != names_.end())
    problem_ = *twice == *std::next(twice) ? "a member is named twice"
                                           : "two members' names differ only in capital letters";
  return problem_;
}

std::string_view name_problem(std::string_view object, std::span<const std::string_view> known) {
  NameCheck check(known);
  FieldReader fields(object);
  while (const auto field = fields.next()) check.add(field->name, field->name_is_escaped);
  return check.problem();
}

}  // namespace mcpio::codec
