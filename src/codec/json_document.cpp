// SPDX-License-Identifier: MIT
#include "codec/json_document.h"

#include <fmt/core.h>

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "codec/json_view.h"

namespace mcpio::codec {
namespace {

using nlohmann::json;

constexpr std::size_t kDepth = 64;

// Deeply nested text would be read, and freed, by recursion; a NUL would be taken for the end.
json parse_bounded(std::string_view text) {
  if (text.contains('\0')) return json(json::value_t::discarded);
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (in_string) {
      if (c == '\\') ++at;
      if (c == '"') in_string = false;
      continue;
    }
    if (c == '"') in_string = true;
    if (c == '[' || c == '{') ++depth;
    if ((c == ']' || c == '}') && depth > 0) --depth;
    if (depth > kDepth) return json(json::value_t::discarded);
  }
  return json::parse(text, nullptr, /*allow_exceptions=*/false);
}

// Knows no locale; hexadecimal, white space and a plus are no number either.
std::optional<double> parse_number(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

struct JsonObject::Node {
  json value;

  const json* find(std::string_view key) const {
    const auto found = value.find(std::string(key));
    return found == value.end() ? nullptr : &*found;
  }
};

Result<JsonObject> JsonObject::parse(std::string_view text, std::string_view what) {
  auto node = std::make_shared<Node>(Node{parse_bounded(text)});
  if (node->value.is_discarded())
    return fail(ErrorKind::protocol, fmt::format("the {} is not JSON", what));
  if (!node->value.is_object())
    return fail(ErrorKind::protocol, fmt::format("the {} is not a JSON object", what));
  return JsonObject(std::move(node));
}

bool JsonObject::has(std::string_view key) const { return node_->find(key) != nullptr; }

Result<std::string> JsonObject::required_string(std::string_view key) const {
  auto text = string(key);
  if (!text || text->empty())
    return fail(ErrorKind::protocol, fmt::format("{} is missing or no string", key));
  return *std::move(text);
}

std::optional<std::string> JsonObject::string(std::string_view key) const {
  const json* const value = node_->find(key);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return value->get<std::string>();
}

std::optional<std::vector<std::string>> JsonObject::strings(std::string_view key) const {
  const json* const value = node_->find(key);
  if (value == nullptr || !value->is_array()) return std::nullopt;
  std::vector<std::string> strings;
  for (const json& item : *value)
    if (item.is_string()) strings.push_back(item.get<std::string>());
  return strings;
}

std::optional<double> JsonObject::number(std::string_view key) const {
  const json* const value = node_->find(key);
  if (value == nullptr) return std::nullopt;
  std::optional<double> number;
  if (value->is_number()) number = value->get<double>();
  if (value->is_string()) number = parse_number(value->get_ref<const std::string&>());
  return number && std::isfinite(*number) ? number : std::nullopt;
}

bool JsonObject::is_true(std::string_view key) const {
  const json* const value = node_->find(key);
  return value != nullptr && value->is_boolean() && value->get<bool>();
}

std::optional<JsonObject> JsonObject::object(std::string_view key) const {
  const json* const value = node_->find(key);
  if (value == nullptr || !value->is_object()) return std::nullopt;
  return JsonObject(std::make_shared<Node>(Node{*value}));
}

std::vector<JsonObject> JsonObject::objects(std::string_view key) const {
  std::vector<JsonObject> objects;
  const json* const value = node_->find(key);
  if (value == nullptr || !value->is_array()) return objects;
  for (const json& item : *value)
    if (item.is_object()) objects.push_back(JsonObject(std::make_shared<Node>(Node{item})));
  return objects;
}

std::vector<std::string> JsonObject::keys() const {
  std::vector<std::string> keys;
  for (const auto& [key, value] : node_->value.items()) keys.push_back(key);
  return keys;
}

std::string JsonObject::text() const { return dump(node_->value); }

std::optional<std::string> JsonObject::text(std::string_view key) const {
  const json* const value = node_->find(key);
  return value == nullptr ? std::nullopt : std::optional(dump(*value));
}

JsonWriter& JsonWriter::add(std::string_view key, std::string_view value) {
  return add_json(key, quoted(value));
}

JsonWriter& JsonWriter::add(std::string_view key, long long value) {
  return add_json(key, std::to_string(value));
}

JsonWriter& JsonWriter::add(std::string_view key, bool value) {
  return add_json(key, value ? "true" : "false");
}

JsonWriter& JsonWriter::add(std::string_view key, const std::vector<std::string>& values) {
  std::string list = "[";
  for (const std::string& value : values) {
    if (list.size() > 1) list += ',';
    list += codec::quoted(value);  // not std::quoted
  }
  return add_json(key, list + "]");
}

JsonWriter& JsonWriter::add_json(std::string_view key, std::string_view json_text) {
  if (!members_.empty()) members_ += ',';
  members_ += quoted(key);
  members_ += ':';
  members_ += json_text;
  return *this;
}

}  // namespace mcpio::codec
