// SPDX-License-Identifier: MIT
#include "http/answer_head.h"

#include <charconv>

namespace mcpio::http {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string_view version_of(std::string_view status_line) {
  for (const std::string_view known : {"1.1", "2", "1.0", "3"})
    if (status_line.substr(5).starts_with(known)) return known;
  return {};
}

}  // namespace

bool AnswerHead::take(std::string_view line) {
  bytes_ += line.size();
  if (bytes_ > max_bytes_) return false;
  if (complete_ || line.empty()) return true;
  if (line.starts_with("HTTP/")) {
    begin(trimmed(line));
  } else if (trimmed(line).empty()) {
    end_field();
    complete_ = head_.status >= 200;
  } else if (line.front() == ' ' || line.front() == '\t') {
    if (!open_.value.empty()) open_.value += ' ';  // folded: RFC 9112, section 5.2
    open_.value += trimmed(line);
  } else {
    end_field();
    begin_field(line);
  }
  return true;
}

void AnswerHead::begin(std::string_view status_line) {
  head_ = Head{};
  open_ = Field{};
  head_.version = version_of(status_line);
  const auto blank = status_line.find(' ');
  if (blank == std::string_view::npos) return;
  const auto code = status_line.substr(blank + 1, 3);
  std::from_chars(code.data(), code.data() + code.size(), head_.status);
}

void AnswerHead::begin_field(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return;
  open_.name = trimmed(line.substr(0, colon));
  open_.value = trimmed(line.substr(colon + 1));
}

void AnswerHead::end_field() {
  if (!open_.name.empty()) head_.fields.add(open_.name, open_.value);
  open_.name.clear();
}

}  // namespace mcpio::http
