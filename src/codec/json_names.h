// SPDX-License-Identifier: MIT
// Do all readers of a JSON object find the same members in it?
//
// JSON leaves open what a name that stands there twice means: some readers take the first member,
// some the last. Some see through escapes and some compare raw bytes. And Go's encoding/json and
// .NET's web defaults take `Method` for `method`. Whoever decides on a member must know that the
// next reader will not find another one in its place.
#pragma once

#include <span>
#include <string_view>

namespace mcpio::codec {

// What readers disagree on in the names of an object, at this level only, in a few words that live
// for ever; empty: nothing, or it is no object.
//
// `known`: names that something is decided on; another spelling of one is a problem by itself. An
// escape in any other name is not: encoders write one for each slash, and `_meta` has names with
// slashes. Looks at no more than limits::kInspectedMembers names.
std::string_view name_problem(std::string_view object, std::span<const std::string_view> known);

}  // namespace mcpio::codec
