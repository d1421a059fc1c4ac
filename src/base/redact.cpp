// SPDX-License-Identifier: MIT
#include "base/redact.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <vector>

namespace mcpio::log {
namespace {

// A run of text that must not be shown.
struct Span {
  std::size_t begin, end;
};

// memmem: its worst case is linear, and the text may be a peer's.
void find_all(std::string_view text, std::string_view value, std::vector<Span>& found) {
  for (std::size_t from = 0; from < text.size();) {
    const void* hit = memmem(text.data() + from, text.size() - from, value.data(), value.size());
    if (hit == nullptr) return;
    const auto begin = static_cast<std::size_t>(static_cast<const char*>(hit) - text.data());
    from = begin + value.size();
    found.push_back({begin, from});
  }
}

// All places are found before any is replaced: where two values overlap, both go entirely.
std::string mask_hidden(std::string_view text, std::span<const Secret> hidden) {
  std::vector<Span> found;
  for (const Secret& value : hidden) find_all(text, value.reveal(), found);
  std::ranges::sort(found, {}, &Span::begin);

  std::string out;
  std::size_t shown = 0;
  for (const Span& span : found) {
    if (span.begin >= shown) {
      out.append(text.substr(shown, span.begin - shown));
      out.append("***");
    }
    shown = std::max(shown, span.end);
  }
  return out.append(text.substr(shown));
}

// What ends a URL in a sentence. An apostrophe may stand in a query (RFC 3986); < and > are not
// here so that `?<redacted>` is one word when a text comes by twice.
bool ends_url(char c) { return static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '`'; }

// Appends the part of a word before any query, each authority in it without its userinfo.
void append_without_userinfo(std::string& out, std::string_view text) {
  std::size_t shown = 0;
  for (std::size_t at = text.find("://"); at != text.npos; at = text.find("://", at)) {
    at += 3;
    const std::size_t end = std::min(text.find_first_of("/#", at), text.size());
    const std::size_t sign = text.substr(at, end - at).rfind('@');
    if (sign == text.npos) continue;
    out.append(text.substr(shown, at - shown));
    shown = at + sign + 1;
    at = shown;
  }
  out.append(text.substr(shown));
}

void append_word(std::string& out, std::string_view word) {
  const std::size_t mark = word.find("://");
  const std::size_t query = mark == word.npos ? word.npos : word.find('?', mark);
  append_without_userinfo(out, word.substr(0, query));
  if (query == word.npos) return;
  // The rest of the word is the query, but for the punctuation of the sentence it stands in.
  out.append("?<redacted>").append(word.substr(word.find_last_not_of(":,.;)]}'") + 1));
}

std::string mask_urls(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto word = static_cast<std::size_t>(std::ranges::find_if(text, ends_url) - text.begin());
    append_word(out, text.substr(0, word));
    const std::size_t next = std::min(word + 1, text.size());
    out.append(text.substr(word, next - word));
    text.remove_prefix(next);
  }
  return out;
}

// The well-formed UTF-8 character at the start of the text: its length and code point; 0: none.
struct Character {
  std::size_t size;
  std::uint32_t code;
};
Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i]));
  };
  const std::uint32_t lead = byte(0);
  if (lead < 0x80) return {1, lead};
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return {0, 0};
  std::uint32_t code = lead & (0x7Fu >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {0, 0};
    code = code << 6 | (byte(i) & 0x3F);
  }
  constexpr std::array<std::uint32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  const bool valid =
      code >= kSmallest[size] && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
  return valid ? Character{size, code} : Character{0, 0};
}

// C0, DEL, C1, line and paragraph separators, and what reorders the text around it.
bool is_control(std::uint32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x2028 && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069);
}

void append_escape(std::string& out, std::uint32_t code) {
  const auto to = std::back_inserter(out);
  if (code == '\n') {
    out.append("\\n");
  } else if (code == '\r') {
    out.append("\\r");
  } else if (code == '\t') {
    out.append("\\t");
  } else if (code < 0x80) {
    fmt::format_to(to, "\\x{:02x}", code);
  } else {
    fmt::format_to(to, "\\u{:04x}", code);
  }
}

}  // namespace

std::string escape_controls(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto [size, code] = first_character(text);
    if (size == 0) {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(text[0]));
    } else if (is_control(code)) {
      append_escape(out, code);
    } else {
      out.append(text.substr(0, size));
    }
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return out;
}

// Once more at the end: an escape or a shortened URL may spell a value by chance.
std::string redact(std::string_view text, std::span<const Secret> hidden) {
  const std::string line = escape_controls(mask_urls(mask_hidden(text, hidden)));
  return mask_hidden(line, hidden);
}

}  // namespace mcpio::log
