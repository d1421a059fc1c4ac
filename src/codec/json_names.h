// SPDX-License-Identifier: MIT
// Do all readers of a JSON object find the same members in it?
//
// JSON leaves open what a name that stands there twice means: some readers take the first member,
// some the last. Some see through escapes and some compare raw bytes. And Go's encoding/json and
// .NET's web defaults take `Method` for `method`. Whoever decides on a member must know that the
// next reader will not find another one in its place.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace mcpio::codec {

//   NameCheck check(known);
//   check.add(name, is_escaped);              // each name of one object
//   if (!check.problem().empty()) refuse();
//
// `known`: names that something is decided on; another spelling of one is a problem by itself. An
// escape in any other name is not: encoders write one for each slash, and `_meta` has names with
// slashes. Both they and the names added must outlive it. Holds at most limits::kInspectedMembers
// names.
class NameCheck {
 public:
  explicit NameCheck(std::span<const std::string_view> known) : known_(known) {}

  // `name` is not decoded.
  void add(std::string_view name, bool is_escaped);

  // What readers disagree on, in a few words that live for ever; empty: nothing.
  std::string_view problem();

 private:
  struct Name {
    std::uint64_t hash;     // of the name as a reader sees it that decodes and folds
    std::string_view text;  // not decoded
  };
  const std::span<const std::string_view> known_;
  std::vector<Name> names_;
  std::string_view problem_;
};

// The same for an object, at this level only; empty for what is no object.
std::string_view name_problem(std::string_view object, std::span<const std::string_view> known);

}  // namespace mcpio::codec
