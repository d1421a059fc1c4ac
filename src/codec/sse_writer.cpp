// SPDX-License-Identifier: MIT
#include "codec/sse_writer.h"

#include <algorithm>
#include <iterator>

namespace mcpio::codec {
namespace {

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ");
  std::ranges::copy_if(value, std::back_inserter(out),
                       [](char c) { return c != '\r' && c != '\n' && c != '\0'; });
  out += '\n';
}

// Each line of the text on a line of its own. CR, LF and CRLF end a line, as they do for the
// reader.
void append_lines(std::string& out, std::string_view start, std::string_view text) {
  for (;;) {
    const std::size_t end = text.find_first_of("\r\n");
    out.append(start).append(text.substr(0, end)) += '\n';
    if (end == text.npos) return;
    text.remove_prefix(text.substr(end).starts_with("\r\n") ? end + 2 : end + 1);
  }
}

}  // namespace

std::string sse_event(std::string_view type, std::optional<std::string_view> id,
                      std::string_view data) {
  std::string out;
  out.reserve(data.size() + type.size() + 64);
  if (!type.empty()) append_field(out, "event", type);
  if (id) append_field(out, "id", *id);
  append_lines(out, "data: ", data);
  return out += '\n';
}

std::string sse_comment(std::string_view text) {
  std::string out;
  append_lines(out, ": ", text);
  return out += '\n';
}

std::string sse_retry(std::chrono::milliseconds wait) {
  return "retry: " + std::to_string(wait.count()) + "\n\n";
}

}  // namespace mcpio::codec
