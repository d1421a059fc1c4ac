// SPDX-License-Identifier: MIT
#include "bridge/glob.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string_view>

namespace mcpio::bridge {
namespace {

using namespace std::string_view_literals;

struct Case {
  std::string_view pattern, name;
  bool matches;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.pattern << " and " << c.name; }

class Globs : public testing::TestWithParam<Case> {};

TEST_P(Globs, Match) {
  EXPECT_EQ(matches_glob(GetParam().pattern, GetParam().name), GetParam().matches);
}

const Case kCases[] = {
    {"a", "a", true},
    {"a", "A", false},
    {"a", "ab", false},
    {"ab", "a", false},
    {"", "", true},
    {"", "a", false},
    {"*", "", true},
    {"*", "anything/at.all", true},
    {"*", ".hidden", true},
    {"a*", "a", true},
    {"*b*d", "abcbd", true},
    {"*b*d", "abcbde", false},
    {"a*b*c", "abbc", true},
    {"a**c", "abc", true},
    {"*.txt", ".txt.txt", true},
    {"*aab", "aaab", true},
    {"a?c", "abc", true},
    {"a?c", "ac", false},
    {"?", "", false},
    {"??", "ab", true},
    {"*?", "", false},
    {"*?", "ab", true},
    // A character, not a byte.
    {"?", "\u00E9", true},
    {"a?c", "a\u4E16c", true},
    {"?", "\U0001F600", true},
    {"??", "\u00E9", false},
    {"*\u00E9", "\u00E9\u00E9", true},
    // Nothing else is special.
    {"[ab]x", "ax", false},
    {"[ab]x", "[ab]x", true},
    {"\\*", "*", false},
    {"\\*", "\\x", true},
    {"safe", "safe\0rm"sv, false},
    {"safe?rm", "safe\0rm"sv, true},
};
INSTANTIATE_TEST_SUITE_P(Bridge, Globs, testing::ValuesIn(kCases));

}  // namespace
}  // namespace mcpio::bridge
