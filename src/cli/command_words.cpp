// SPDX-License-Identifier: MIT
#include "cli/command_words.h"

namespace mcpio::cli {
namespace {

bool is_white(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

}  // namespace

Result<std::vector<std::string>> command_words(std::string_view text) {
  std::vector<std::string> words;
  bool in_word = false;
  char quote = 0;  // that we are in
  const auto word = [&]() -> std::string& {
    if (!in_word) words.emplace_back();
    in_word = true;
    return words.back();
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const bool escapes = c == '\\' && quote != '\'' && at + 1 < text.size();
    if (escapes) {
      word() += text[++at];
    } else if (quote != 0 && c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
      word();  // "" is a word
    } else if (quote == 0 && is_white(c)) {
      in_word = false;
    } else {
      word() += c;
    }
  }
  if (quote != 0) return fail(ErrorKind::config, "a quote is not closed");
  if (words.empty()) return fail(ErrorKind::config, "there is no program in it");
  return words;
}

}  // namespace mcpio::cli
