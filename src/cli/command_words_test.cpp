// SPDX-License-Identifier: MIT
#include "cli/command_words.h"

#include <gmock/gmock.h>

#include "support/result_matchers.h"

namespace mcpio::cli {
namespace {

using test::FailsWith;
using testing::ElementsAre;

std::vector<std::string> words(std::string_view text) { return command_words(text).value(); }

TEST(CommandWords, EndAtWhiteSpace) {
  EXPECT_THAT(words("  get-token\t--audience  https://as.example\n"),
              ElementsAre("get-token", "--audience", "https://as.example"));
}

TEST(CommandWords, KeepWhatIsQuoted) {
  EXPECT_THAT(words(R"(a 'b c' "d \"e" f\ g '' x'y'"z")"),
              ElementsAre("a", "b c", "d \"e", "f g", "", "xyz"));
  EXPECT_THAT(words(R"(a '\')"), ElementsAre("a", "\\"));
}

TEST(CommandWords, ExpandNothing) {
  EXPECT_THAT(words("echo $HOME `id` | cat *"),
              ElementsAre("echo", "$HOME", "`id`", "|", "cat", "*"));
}

TEST(CommandWords, NeedAProgramAndClosedQuotes) {
  EXPECT_THAT(command_words(" \t"), FailsWith(ErrorKind::config, "there is no program"));
  EXPECT_THAT(command_words("a 'b"), FailsWith(ErrorKind::config, "a quote is not closed"));
}

}  // namespace
}  // namespace mcpio::cli
