// SPDX-License-Identifier: MIT
#include "codec/percent.h"

#include <algorithm>
#include <optional>

namespace mcpio::codec {
namespace {

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The byte a text starting with `%` begins with; no value: it is no code.
std::optional<char> first_code(std::string_view text) {
  if (text.size() < 3) return std::nullopt;
  const int high = digit_value(text[1]);
  const int low = digit_value(text[2]);
  if (high < 0 || low < 0) return std::nullopt;
  return static_cast<char>(high << 4 | low);
}

void append_code(std::string& out, char c) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  out += '%';
  out += kDigits[byte >> 4];
  out += kDigits[byte & 15];
}

std::string form_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto code = text[i] == '%' ? first_code(text.substr(i)) : std::nullopt;
    out += code ? *code : text[i] == '+' ? ' ' : text[i];
    if (code) i += 2;
  }
  return out;
}

}  // namespace

std::string percent_encode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~') {
      out += c;
    } else {
      append_code(out, c);
    }
  }
  return out;
}

Result<std::string> percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const auto code = first_code(text.substr(i));
    if (!code) return fail(ErrorKind::protocol, "a % is not followed by two hexadecimal digits");
    out += *code;
    i += 2;
  }
  return out;
}

bool is_percent_encoded(std::string_view text) {
  for (std::size_t at = text.find('%'); at != text.npos; at = text.find('%', at + 1))
    if (!first_code(text.substr(at))) return false;
  return true;
}

std::string form_encode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (is_alphanumeric(c) || c == '*' || c == '-' || c == '.' || c == '_') {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      append_code(out, c);
    }
  }
  return out;
}

std::string encode_form(std::span<const FormField> fields) {
  std::string out;
  for (const FormField& field : fields) {
    if (!out.empty()) out += '&';
    out.append(form_encode(field.name)).append("=").append(form_encode(field.value));
  }
  return out;
}

std::vector<FormField> decode_form(std::string_view text) {
  std::vector<FormField> fields;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view field = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (field.empty()) continue;
    const std::size_t equals = std::min(field.find('='), field.size());
    const std::string_view value = field.substr(std::min(equals + 1, field.size()));
    fields.push_back({form_decode(field.substr(0, equals)), form_decode(value)});
  }
  return fields;
}

}  // namespace mcpio::codec
