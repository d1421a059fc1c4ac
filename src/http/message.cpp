// SPDX-License-Identifier: MIT
#include "http/message.h"

#include <algorithm>

namespace mcpio::http {
namespace {

// Field names and media types are ASCII; the locale has no say in them.
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t";
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

}  // namespace

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  return std::equal(a.begin(), a.end(), b.begin(),
                    [](char x, char y) { return x == y || lower(x) == lower(y); });
}

std::string media_type(std::string_view content_type) {
  std::string type(trimmed(content_type.substr(0, content_type.find(';'))));
  std::ranges::transform(type, type.begin(), lower);
  return type;
}

void Fields::add(std::string_view name, std::string_view value) {
  if (fields_.empty()) fields_.reserve(8);
  fields_.push_back(Field{.name = std::string(name), .value = std::string(value)});
}

void Fields::set(std::string_view name, std::string_view value) {
  const auto same = [&](const Field& field) { return equals_ignoring_case(field.name, name); };
  const auto first = std::ranges::find_if(fields_, same);
  if (first == fields_.end()) return add(name, value);
  *first = Field{.name = std::string(name), .value = std::string(value)};
  fields_.erase(std::remove_if(first + 1, fields_.end(), same), fields_.end());
}

void Fields::remove(std::string_view name) {
  std::erase_if(fields_,
                [&](const Field& field) { return equals_ignoring_case(field.name, name); });
}

std::optional<std::string_view> Fields::find(std::string_view name) const {
  for (const Field& field : fields_)
    if (equals_ignoring_case(field.name, name)) return field.value;
  return std::nullopt;
}

std::vector<std::string_view> Fields::all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const Field& field : fields_)
    if (equals_ignoring_case(field.name, name)) values.push_back(field.value);
  return values;
}

}  // namespace mcpio::http
