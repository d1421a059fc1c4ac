// SPDX-License-Identifier: MIT
#include "codec/json_view.h"

#include <algorithm>
#include <cstdint>

#include "codec/json_bytes.h"

namespace mcpio::codec {
namespace {

std::size_t skip_space(std::string_view text, std::size_t at) {
  while (at < text.size() && (text[at] == ' ' || text[at] == '\t')) ++at;
  return at;
}

// `at` is the opening quote; the result is behind the closing one.
std::size_t skip_string(std::string_view text, std::size_t at) {
  const char* const end = text.data() + text.size();
  const char* byte = text.data() + at + 1;
  while (byte < end) {
    byte = find_quote_or_backslash(byte, end);
    if (byte == end || *byte == '"') break;
    byte += 2;
  }
  return static_cast<std::size_t>(std::min(byte + 1, end) - text.data());
}

bool ends_scalar(char c) { return c == ',' || c == ']' || c == '}' || c == ' ' || c == '\t'; }

// Behind the value that begins at `at`.
std::size_t skip_value(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = skip_string(text, at);
    } else if (c == '{' || c == '[') {
      ++depth;
      ++at;
      continue;
    } else if (depth > 0 && (c == '}' || c == ']')) {
      --depth;
      ++at;
    } else if (depth > 0) {
      ++at;
      continue;
    } else {
      while (at < text.size() && !ends_scalar(text[at])) ++at;
    }
    if (depth == 0) return at;
  }
  return text.size();
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return (c | 0x20) - 'a' + 10;
}

std::uint32_t hex4(std::string_view digits) {
  std::uint32_t value = 0;
  for (const char c : digits.substr(0, 4))
    value = value << 4 | static_cast<std::uint32_t>(hex_digit(c));
  return value;
}

void append_utf8(std::string& out, std::uint32_t c) {
  const auto put = [&](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | c >> 6);
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12);
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | c >> 18);
    put(0x80 | (c >> 12 & 0x3F));
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  }
}

constexpr std::uint32_t kReplacement = 0xFFFD;
bool is_high_surrogate(std::uint32_t c) { return c >= 0xD800 && c < 0xDC00; }
bool is_low_surrogate(std::uint32_t c) { return c >= 0xDC00 && c < 0xE000; }

// Decodes \uXXXX, whose digits begin at `at`, and the second half of a pair. Returns the last
// digit.
std::size_t append_escaped_unit(std::string& out, std::string_view text, std::size_t at) {
  const std::uint32_t unit = hex4(text.substr(at));
  std::size_t last = at + 3;
  if (is_high_surrogate(unit) && text.substr(last + 1).starts_with("\\u")) {
    const std::uint32_t second = hex4(text.substr(last + 3));
    if (is_low_surrogate(second)) {
      append_utf8(out, 0x10000 + ((unit - 0xD800) << 10) + (second - 0xDC00));
      return last + 6;
    }
  }
  append_utf8(out, unit >= 0xD800 && unit < 0xE000 ? kReplacement : unit);
  return last;
}

// The length of the well-formed UTF-8 sequence at the front, or 0 (RFC 3629, section 4).
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i)
    if ((byte(i) & 0xC0) != 0x80) return 0;
  const unsigned char second = byte(1);
  if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
      (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F))
    return 0;
  return size;
}

}  // namespace

FieldReader::FieldReader(std::string_view object)
    : object_(object), at_(is_object(object) ? skip_space(object, 1) : object.size()) {}

std::optional<JsonField> FieldReader::next() {
  if (at_ >= object_.size() || object_[at_] != '"') return std::nullopt;
  const std::size_t name_end = skip_string(object_, at_);
  JsonField field;
  field.name = object_.substr(at_ + 1, name_end - at_ - 2);
  field.name_is_escaped = field.name.find('\\') != std::string_view::npos;
  const std::size_t value_at = skip_space(object_, skip_space(object_, name_end) + 1);
  const std::size_t value_end = skip_value(object_, value_at);
  field.value = object_.substr(value_at, value_end - value_at);
  at_ = skip_space(object_, skip_space(object_, value_end) + 1);
  return field;
}

ElementReader::ElementReader(std::string_view array)
    : array_(array), at_(is_array(array) ? skip_space(array, 1) : array.size()) {}

std::optional<std::string_view> ElementReader::next() {
  if (at_ >= array_.size() || array_[at_] == ']') return std::nullopt;
  const std::size_t end = skip_value(array_, at_);
  const std::string_view element = array_.substr(at_, end - at_);
  at_ = skip_space(array_, end);
  if (at_ < array_.size() && array_[at_] == ',') at_ = skip_space(array_, at_ + 1);
  return element;
}

std::optional<std::string_view> find_member(std::string_view object, std::string_view name) {
  FieldReader fields(object);
  while (const auto field = fields.next())
    if (field->name == name) return field->value;
  return std::nullopt;
}

std::string decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\\') {
      out.push_back(text[at]);
      continue;
    }
    switch (text[++at]) {
      case 'b':
        out.push_back('\b');
        break;
      case 'f':
        out.push_back('\f');
        break;
      case 'n':
        out.push_back('\n');
        break;
      case 'r':
        out.push_back('\r');
        break;
      case 't':
        out.push_back('\t');
        break;
      case 'u':
        at = append_escaped_unit(out, text, at + 1);
        break;
      default:
        out.push_back(text[at]);
    }
  }
  return out;
}

std::optional<std::string> string_value(std::string_view json) {
  if (json.size() < 2 || !is_string(json)) return std::nullopt;
  return decoded(json.substr(1, json.size() - 2));
}

std::string quoted(std::string_view text) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::string out = "\"";
  out.reserve(text.size() + 2);
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = static_cast<unsigned char>(text[at]);
    const std::size_t size = utf8_length(text.substr(at));
    if (byte == '"' || byte == '\\') {
      out += {'\\', text[at]};
    } else if (byte < 0x20 || byte == 0x7F) {
      out += "\\u00";
      out += {kHex[byte >> 4], kHex[byte & 15]};
    } else if (size == 0) {
      append_utf8(out, kReplacement);
    } else {
      out += text.substr(at, size);
    }
    at += std::max<std::size_t>(size, 1);
  }
  out += '"';
  return out;
}

}  // namespace mcpio::codec
