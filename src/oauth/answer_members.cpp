// SPDX-License-Identifier: MIT
#include "oauth/answer_members.h"

#include <algorithm>
#include <set>
#include <string>

#include "codec/percent.h"

namespace mcpio::oauth {
namespace {

constexpr std::string_view kWhat = "answer";

// A page of HTML or a sentence would be a form of one odd field: a form is a line without white
// space that gives each field a plain name.
bool looks_like_form(std::string_view body) {
  const std::string_view name = body.substr(0, std::min(body.find('='), body.size()));
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return name.size() < body.size() && !name.empty() && std::ranges::all_of(name, is_plain) &&
         body.find_first_of(" \t\r\n<>\"") == body.npos;
}

Result<codec::JsonObject> form_members(std::string_view body) {
  codec::JsonWriter writer;
  std::set<std::string> seen;
  for (const codec::FormField& field : codec::decode_form(body))
    if (seen.insert(field.name).second) writer.add(field.name, field.value);
  return codec::JsonObject::parse(writer.text(), kWhat);
}

}  // namespace

Result<codec::JsonObject> answer_members(std::string_view body) {
  while (body.ends_with('\n') || body.ends_with('\r')) body.remove_suffix(1);
  if (looks_like_form(body)) return form_members(body);
  return codec::JsonObject::parse(body, kWhat);
}

}  // namespace mcpio::oauth
