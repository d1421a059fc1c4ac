// SPDX-License-Identifier: MIT
// Looks into JSON text that is already known to be well formed, without building anything.
//
// Every function here takes the text of one value as JsonScanner or another function of this file
// gave it; on anything else the result is unspecified (but no memory beyond the view is touched).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mcpio::codec {

struct JsonField {
  std::string_view name;   // between the quotes, not decoded
  std::string_view value;  // its JSON text
  bool name_is_escaped = false;
};

// Gives the members of an object, in order, duplicates included; none if it is not an object. One
// at a time, since an index of them can be many times as large as the text.
class FieldReader {
 public:
  explicit FieldReader(std::string_view object);
  std::optional<JsonField> next();

 private:
  const std::string_view object_;
  std::size_t at_;
};

// The same for the elements of an array.
class ElementReader {
 public:
  explicit ElementReader(std::string_view array);
  std::optional<std::string_view> next();

 private:
  const std::string_view array_;
  std::size_t at_;
};

// The first member of that (unescaped) name; no value: not an object, or no such member.
std::optional<std::string_view> find_member(std::string_view object, std::string_view name);

// find_member() along a path of names.
template <class... Names>
std::optional<std::string_view> find_member(std::string_view object, std::string_view name,
                                            Names... more) {
  auto inner = find_member(object, name);
  return inner ? find_member(*inner, more...) : std::nullopt;
}

// What stands between the quotes of a string or a name, decoded. Lone surrogates become U+FFFD.
std::string decoded(std::string_view text);

// A string value, decoded; no value: it is not a string.
std::optional<std::string> string_value(std::string_view json);

// The text as a JSON string with its quotes. Invalid UTF-8 becomes U+FFFD.
std::string quoted(std::string_view text);

inline bool is_object(std::string_view json) { return json.starts_with('{'); }
inline bool is_array(std::string_view json) { return json.starts_with('['); }
inline bool is_string(std::string_view json) { return json.starts_with('"'); }
inline bool is_null(std::string_view json) { return json == "null"; }

}  // namespace mcpio::codec
