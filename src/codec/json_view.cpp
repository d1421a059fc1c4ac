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

// Calls `visit` for each member until it returns false.
template <class Visit>
void each_field(std::string_view object, Visit visit) {
  if (!is_object(object)) return;
  std::size_t at = skip_space(object, 1);
  while (at < object.size() && object[at] == '"') {
    const std::size_t name_end = skip_string(object, at);
    JsonField field;
    field.name = object.substr(at + 1, name_end - at - 2);
    field.name_is_escaped = field.name.find('\\') != std::string_view::npos;
    at = skip_space(object, skip_space(object, name_end) + 1);
    const std::size_t value_end = skip_value(object, at);
    field.value = object.substr(at, value_end - at);
    if (!visit(field)) return;
    at = skip_space(object, skip_space(object, value_end) + 1);
  }
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

std::vector<JsonField> object_fields(std::string_view object) {
  std::vector<JsonField> fields;
  each_field(object, [&](const JsonField& field) {
    fields.push_back(field);
    return true;
  });
  return fields;
}

std::vector<std::string_view> array_elements(std::string_view array) {
  std::vector<std::string_view> elements;
  if (!is_array(array)) return elements;
  std::size_t at = skip_space(array, 1);
  while (at < array.size() && array[at] != ']') {
    const std::size_t end = skip_value(array, at);
    elements.push_back(array.substr(at, end - at));
    at = skip_space(array, end);
    if (at < array.size() && array[at] == ',') at = skip_space(array, at + 1);
  }
  return elements;
}

std::optional<std::string_view> find_member(std::string_view object, std::string_view name) {
  std::optional<std::string_view> found;
  each_field(object, [&](const JsonField& field) {
    if (field.name == name) found = field.value;
    return !found;
  });
  return found;
}

std::optional<std::string> string_value(std::string_view json) {
  if (json.size() < 2 || !is_string(json)) return std::nullopt;
  const std::string_view text = json.substr(1, json.size() - 2);
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

bool has_ambiguous_names(std::string_view object) {
  std::vector<std::string_view> names;
  bool escaped = false;
  each_field(object, [&](const JsonField& field) {
    names.push_back(field.name);
    escaped = field.name_is_escaped;
    return !escaped;
  });
  if (escaped) return true;
  std::sort(names.begin(), names.end());
  return std::adjacent_find(names.begin(), names.end()) != names.end();
}

}  // namespace mcpio::codec
