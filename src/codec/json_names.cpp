// SPDX-License-Identifier: MIT
#include "codec/json_names.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "codec/json_view.h"

namespace mcpio::codec {
namespace {

// Beyond ASCII, only the long s and the Kelvin sign have an ASCII letter as their other case; other
// characters are not folded, since no name we know contains them.
char next_folded_beyond_ascii(std::string_view name, std::size_t& at) {
  if (name.substr(at, 2) == "\u017F") return at += 2, 's';
  if (name.substr(at, 3) == "\u212A") return at += 3, 'k';
  return name[at++];
}

// The character at `at`, as a reader sees it that does not tell capital letters from small ones,
// and moves `at` behind it.
inline char next_folded(std::string_view name, std::size_t& at) {
  const char c = name[at];
  if (static_cast<unsigned char>(c) >= 0x80) return next_folded_beyond_ascii(name, at);
  ++at;
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_same_folded(std::string_view a, std::string_view b) {
  std::size_t i = 0, j = 0;
  while (i < a.size() && j < b.size())
    if (next_folded(a, i) != next_folded(b, j)) return false;
  return i == a.size() && j == b.size();
}

// FNV-1a.
std::uint64_t folded_hash(std::string_view name) {
  std::uint64_t hash = 0xCBF29CE484222325;
  for (std::size_t at = 0; at < name.size();)
    hash = (hash ^ static_cast<unsigned char>(next_folded(name, at))) * 0x100000001B3;
  return hash;
}

// What readers disagree on in one (decoded) name.
std::string_view own_problem(std::string_view name, bool is_escaped,
                             std::span<const std::string_view> known) {
  // Readers in C take it for the end of the name.
  if (name.find('\0') != std::string_view::npos) return "a member's name contains a NUL";
  const bool is_known = std::find(known.begin(), known.end(), name) != known.end();
  if (is_known && !is_escaped) return {};
  const auto looks_alike = [&](std::string_view other) { return is_same_folded(name, other); };
  if (std::none_of(known.begin(), known.end(), looks_alike)) return {};
  if (is_escaped) return "a member's name of the protocol is written with an escape";
  return "a member's name differs from one of the protocol only in capital letters";
}

struct Name {
  std::uint64_t hash;     // of the name as a reader sees it that decodes and folds
  std::string_view text;  // not decoded
};

// By hashes only: long names with the same beginning would take seconds to be sorted themselves.
// Two others share a hash once in 2^64 times, or on purpose; they are refused as well.
std::string_view problem_between(std::vector<Name> names) {
  std::sort(names.begin(), names.end(),
            [](const Name& a, const Name& b) { return a.hash < b.hash; });
  const auto twice = std::adjacent_find(
      names.begin(), names.end(), [](const Name& a, const Name& b) { return a.hash == b.hash; });
  if (twice == names.end()) return {};
  return decoded(twice->text) == decoded(std::next(twice)->text)
             ? "a member is named twice"
             : "two members' names differ only in capital letters";
}

}  // namespace

std::string_view name_problem(std::string_view object, std::span<const std::string_view> known) {
  std::vector<Name> names;
  FieldReader fields(object);
  while (const auto field = fields.next()) {
    const bool is_escaped = field->name_is_escaped;
    const std::string plain = is_escaped ? decoded(field->name) : std::string();
    const std::string_view name = is_escaped ? plain : field->name;
    if (const auto problem = own_problem(name, is_escaped, known); !problem.empty()) return problem;
    if (names.size() == limits::kInspectedMembers) return "an object has too many members";
    if (names.empty()) names.reserve(8);
    names.push_back({.hash = folded_hash(name), .text = field->name});
  }
  return problem_between(std::move(names));
}

}  // namespace mcpio::codec
