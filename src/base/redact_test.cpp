// SPDX-License-Identifier: MIT
#include "base/redact.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace mcpio::log {
namespace {

struct Case {
  std::string_view name, text, shown;
};

class Redact : public testing::TestWithParam<Case> {};

TEST_P(Redact, ShowsOnlyWhatMayBeSeen) { EXPECT_EQ(redact(GetParam().text, {}), GetParam().shown); }

TEST_P(Redact, DoneTwiceChangesNothingMore) {
  const std::string once = redact(GetParam().text, {});
  EXPECT_EQ(redact(once, {}), once);
}

const Case kUrls[] = {
    {"PlainText", "connected to the server: 200 OK?", "connected to the server: 200 OK?"},
    {"UrlWithoutSecrets", "POST https://a.example:8443/mcp", "POST https://a.example:8443/mcp"},
    {"Userinfo", "GET http://user:pass@a.example/x failed", "GET http://a.example/x failed"},
    {"UserOnly", "https://token@a.example", "https://a.example"},
    {"TwoAtSigns", "http://u:p@ss@a.example/", "http://a.example/"},
    {"AtSignInThePath", "https://a.example/@scope/pkg", "https://a.example/@scope/pkg"},
    {"AtSignInAFragment", "https://a.example#x@y", "https://a.example#x@y"},
    {"OtherSchemes", "socks5h://u:p@proxy:1080", "socks5h://proxy:1080"},
    {"TwoUrls", "http://u:p@a/ http://v:q@b/", "http://a/ http://b/"},
    {"TwoUrlsInOneWord", "http://a,http://v:q@b/c", "http://a,http://b/c"},
    {"UrlInAPath", "http://a/http://v:q@b/c", "http://a/http://b/c"},
    {"AuthorityInAnAuthority", "x://y://u:p@z", "x://y://z"},
    {"Query", "https://a.example/cb?code=1&state=2 seen", "https://a.example/cb?<redacted> seen"},
    {"QueryWithoutPath", "https://a.example?t=1", "https://a.example?<redacted>"},
    {"EmptyQuery", "https://a.example/?", "https://a.example/?<redacted>"},
    {"QueryThatHoldsAUrl", "https://a/?u=http://u:p@b/?x", "https://a/?<redacted>"},
    {"QueryWithAnApostrophe", "https://a/?q='secret'&b=1", "https://a/?<redacted>"},
    {"QueryInQuotes", R"({"url":"https://a/?t=1","n":2})",
     R"({"url":"https://a/?<redacted>","n":2})"},
    {"PunctuationAfterAQuery", "reading 'https://a/?t=1': timed out",
     "reading 'https://a/?<redacted>': timed out"},
    {"QuestionMarkBeforeAUrl", "why?https://u:p@a/", "why?https://a/"},
    {"QuestionMarkInUserinfo", "http://u?secret@a/", "http://u?<redacted>"},
    {"NothingAfterTheMark", "odd:// and ://", "odd:// and ://"},
    {"OnlyAnAtSign", "x://@", "x://"},
};
INSTANTIATE_TEST_SUITE_P(Urls, Redact, testing::ValuesIn(kUrls),
                         [](const auto& test) { return std::string(test.param.name); });

const Case kControls[] = {
    {"LineBreaks", "a\nb\r\nc", "a\\nb\\r\\nc"},
    {"Tab", "a\tb", "a\\tb"},
    {"TerminalEscape", "\x1b[31mred\x7f", "\\x1b[31mred\\x7f"},
    {"Nul", std::string_view("a\0b", 3), "a\\x00b"},
    {"C1",
     "\xC2\x9B"
     "2J",
     "\\u009b2J"},
    {"LineSeparators",
     "a\xE2\x80\xA8"
     "b\xE2\x80\xA9"
     "c",
     "a\\u2028b\\u2029c"},
    {"RightToLeftOverride",
     "\xE2\x80\xAE"
     "exe.txt",
     "\\u202eexe.txt"},
    {"OtherCharactersStay", "caf\xC3\xA9 \xF0\x9F\x98\x80 \xE6\xBC\xA2",
     "caf\xC3\xA9 \xF0\x9F\x98\x80 \xE6\xBC\xA2"},
    {"LoneContinuation",
     "a\x80"
     "b",
     "a\\x80b"},
    {"CutOff", "a\xE2\x82", "a\\xe2\\x82"},
    {"Overlong", "\xC0\x8A", "\\xc0\\x8a"},
    {"Surrogate", "\xED\xA0\x80", "\\xed\\xa0\\x80"},
    {"BeyondUnicode", "\xF4\x90\x80\x80\xFF", "\\xf4\\x90\\x80\\x80\\xff"},
};
INSTANTIATE_TEST_SUITE_P(Controls, Redact, testing::ValuesIn(kControls),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(RedactHidden, MasksEachOccurrence) {
  const std::vector<Secret> hidden = {Secret("s3cret"), Secret("other")};
  EXPECT_EQ(redact("s3cret and s3cret, other", hidden), "*** and ***, ***");
  EXPECT_EQ(redact("", hidden), "");
  EXPECT_EQ(redact(std::string_view(), hidden), "");
}

// Found by the fuzzer: the t of the escape and what follows it were the value.
TEST(RedactHidden, MasksAValueThatAnEscapeSpellsByChance) {
  const std::vector<Secret> hidden = {Secret("ter2:x")};
  EXPECT_EQ(redact("a\ter2:x", hidden), "a\\***");
}

TEST(RedactHidden, LeavesNothingOfOverlappingValues) {
  const std::vector<Secret> hidden = {Secret("abcd"), Secret("cdef"), Secret("abcdefgh")};
  EXPECT_EQ(redact("[abcdef]", hidden), "[***]");
  EXPECT_EQ(redact("[abcdefgh]", hidden), "[***]");
}

TEST(RedactHidden, MasksValuesWithControlCharactersAndUrls) {
  const std::vector<Secret> hidden = {Secret("a\nb\x01"), Secret("x://y?z")};
  EXPECT_EQ(redact("<a\nb\x01> x://y?z", hidden), "<***> ***");
}

TEST(RedactUrls, AQueryEndsWithItsLine) {
  EXPECT_EQ(redact("https://a/?t=1\nnext", {}), "https://a/?<redacted>\\nnext");
}

// What a peer can make us log must not cost more than its size. (Quadratic time would take
// minutes.)
TEST(RedactHidden, TakesLinearTime) {
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += "a://@";
  EXPECT_LT(redact(text, {}).size(), text.size());
  const std::vector<Secret> hidden = {Secret(std::string(5000, 'a') + "b")};
  EXPECT_EQ(redact(std::string(1'000'000, 'a'), hidden).size(), 1'000'000u);
}

}  // namespace
}  // namespace mcpio::log
