// SPDX-License-Identifier: MIT
#include "codec/json_scanner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "support/result_matchers.h"

namespace mcpio::codec {
namespace {

using namespace std::string_view_literals;
using test::FailsWith;
using test::IsOk;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr std::size_t kRoomy = 1024 * 1024;

Result<std::string> finished(JsonScanner& scanner) {
  auto text = scanner.finish();
  if (!text) return propagate(text);
  return std::string(text->bytes.view());
}

// The line that comes out when the text goes in as these pieces.
Result<std::string> scan(const std::vector<std::string_view>& pieces) {
  JsonScanner scanner(kRoomy);
  for (const std::string_view piece : pieces) {
    auto fed = scanner.feed(piece);
    if (!fed) return propagate(fed);
  }
  return finished(scanner);
}

std::vector<std::string_view> bytes_of(std::string_view text) {
  std::vector<std::string_view> pieces;
  for (std::size_t at = 0; at < text.size(); ++at) pieces.push_back(text.substr(at, 1));
  return pieces;
}

// Members as "name=value", whatever pieces the text came in.
Result<std::vector<std::string>> members(const std::vector<std::string_view>& pieces) {
  JsonScanner scanner(kRoomy);
  for (const std::string_view piece : pieces) {
    auto fed = scanner.feed(piece);
    if (!fed) return propagate(fed);
  }
  auto text = scanner.finish();
  if (!text) return propagate(text);
  std::vector<std::string> found;
  for (const JsonMember& member : text->members) {
    found.push_back(std::string(text->name(member)) + "=" + std::string(text->value(member)));
    if (member.name_is_escaped) found.back() += " (escaped)";
  }
  return found;
}

// ---- What is taken, and what is not -------------------------------------------------------------

class AcceptedJson : public testing::TestWithParam<std::string_view> {};

// Invariant 2: the bytes of a message reach the other side unchanged.
TEST_P(AcceptedJson, KeepsItsBytes) {
  const std::string_view text = GetParam();
  EXPECT_THAT(scan({text}), test::HoldsOk(text));
}

TEST_P(AcceptedJson, MayBeSplitAnywhere) {
  const std::string_view text = GetParam();
  for (std::size_t at = 0; at <= text.size(); ++at)
    EXPECT_THAT(scan({text.substr(0, at), text.substr(at)}), test::HoldsOk(text)) << "at " << at;
  EXPECT_THAT(scan(bytes_of(text)), test::HoldsOk(text)) << "byte by byte";
}

TEST_P(AcceptedJson, MayHaveWhiteSpaceAround) {
  const std::string around = " \t\r\n " + std::string(GetParam()) + "\r\n\t ";
  EXPECT_THAT(scan({around}), test::HoldsOk(GetParam()));
  EXPECT_THAT(scan(bytes_of(around)), test::HoldsOk(GetParam()));
}

constexpr std::string_view kAccepted[] = {
    // RFC 8259, section 3: any value is a text.
    "null", "true", "false", "0", "-0", "7", R"("")", R"("a")", "[]", "{}",
    // Section 6: numbers. Those beyond 2^53 and of any precision keep every digit.
    "9007199254740993", "-9223372036854775809", "123456789012345678901234567890", "1.0", "0.1",
    "-0.0", "1e5", "1E5", "1e+5", "1e-5", "0e1", "0E+1", "1.5e300", "1e9999",
    "0.30000000000000000000000000000000000001", "[1,-2,3.5,0]",
    R"({"n":18446744073709551616,"m":1.10})",
    // Sections 4 and 5: structure.
    "[[]]", "[[],{}]", "[1]", "[null,true,false]", R"({"a":1})", R"({"":0})",
    R"({"a":{"b":{"c":[1,{"d":null}]}}})", R"({"a":1,"a":2})", R"({"z":1,"a":2,"m":3})",
    R"([{"a":[]},[{"b":{}}]])",
    // White space other than line breaks stays between tokens.
    "[1 , 2]", "{ \"a\" : 1 }", "[\t1\t]", "[ ]", "{ }", "{\"a\"\t:\t\"b\"\t}",
    R"([[1, 2,  3], {"a": {"b": "c", "d":  [ ]}, "e": 1.5} ])",
    // Section 7: strings.
    R"("\"\\\/\b\f\n\r\t")", R"("\u0041\u00e9\u20AC")", R"("\ud834\udd1e")", R"("\ud800")",
    R"("\udc00\ud800")", R"("\u0000")", R"("\u2028\u2029")", "\"\x7f\"", R"("a/b")", R"("{[,:]}")",
    R"("a string longer than one SSE register")", R"("0123456789abcde\"0123456789abcdef0")",
    R"({"a\"b":"c\\"})", R"(["\\",""," ","  x  "])"};
INSTANTIATE_TEST_SUITE_P(Rfc8259, AcceptedJson, testing::ValuesIn(kAccepted));

// RFC 3629, section 4: the first and the last of each kind of sequence.
constexpr std::string_view kWellFormedUtf8[] = {
    "\"\xC2\x80\"",
    "\"\xDF\xBF\"",
    "\"\xE0\xA0\x80\"",
    "\"\xE0\xBF\xBF\"",
    "\"\xE1\x80\x80\"",
    "\"\xEC\xBF\xBF\"",
    "\"\xED\x80\x80\"",
    "\"\xED\x9F\xBF\"",
    "\"\xEE\x80\x80\"",
    "\"\xEF\xBF\xBF\"",
    "\"\xF0\x90\x80\x80\"",
    "\"\xF0\xBF\xBF\xBF\"",
    "\"\xF1\x80\x80\x80\"",
    "\"\xF3\xBF\xBF\xBF\"",
    "\"\xF4\x80\x80\x80\"",
    "\"\xF4\x8F\xBF\xBF\"",
    "{\"\xC3\xA9\":\"\xE2\x82\xAC\"}",
    "\"\xE2\x80\xA7\"",
    "\"\xE2\x80\xAA\"",  // the neighbours of U+2028 and U+2029
    "\"\xC2\x85\"",      // U+0085 ends no line that anybody reads
    "\"\xEF\xBB\xBF\"",  // a byte order mark inside a string is text
    "\"0123456789abcde\xC3\xA9"
    "0123456789abcdef\""};
INSTANTIATE_TEST_SUITE_P(Rfc3629, AcceptedJson, testing::ValuesIn(kWellFormedUtf8));

class RefusedJson : public testing::TestWithParam<std::string_view> {};

TEST_P(RefusedJson, IsAProtocolError) {
  EXPECT_THAT(scan({GetParam()}), FailsWith(ErrorKind::protocol, ""));
}

TEST_P(RefusedJson, IsRefusedHoweverItIsSplit) {
  const std::string_view text = GetParam();
  for (std::size_t at = 0; at <= text.size(); ++at)
    EXPECT_THAT(scan({text.substr(0, at), text.substr(at)}), FailsWith(ErrorKind::protocol, ""))
        << "at " << at;
  EXPECT_THAT(scan(bytes_of(text)), FailsWith(ErrorKind::protocol, "")) << "byte by byte";
}

constexpr std::string_view kRefused[] = {
    // Nothing at all.
    "", " ", "\t\r\n", "\xEF\xBB\xBF", "\xEF\xBB\xBF ",
    // Words that are none.
    "nul", "nulll", "NULL", "True", "tru", "truee", "falsey", "fals", "NaN", "Infinity",
    "-Infinity", "undefined", "abc", "[nul]", "{\"a\":tru}",
    // Numbers that are none.
    "01", "-01", "-", "+1", ".5", "1.", "1.e5", "1e", "1e+", "1E-", "-a", "1.2.3", "1e5.5", "1e5e5",
    "0x10", "1_000", "--1", "1-", "1+1", "00", "[1.]", "[-]", "[01]", "{\"a\":1e}", "1 2",
    "\xEF\xBC\x91",
    // Arrays.
    "[", "]", "[1", "[1,", "[,1]", "[1,]", "[1,,2]", "[1 2]", "[1:2]", "[1}", "[]]", "[\"a\"",
    "[[]", "[1][2]", "[*]", "[\"a\" \"b\"]",
    // Objects.
    "{", "}", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{,}", "{\"a\"}",
    "{\"a\" 1}", "{\"a\",1}", "{\"a\"::1}", "{a:1}", "{'a':1}", "{1:1}", "{\"a\":1 \"b\":2}",
    "{\"a\":1]", "{\"a\":1}}", "{}{}", "{} x", "{null:1}", "{\"a\":1,,\"b\":2}", "{[]:1}",
    "{\"a\":}", "{:1}",
    // Comments and other extensions.
    "// x\n1", "/* x */1", "[1] // x", "#1", "1;", "{\"a\":1,/**/\"b\":2}",
    // Strings.
    "\"", "\"abc", "'abc'", "\"a\"b\"", "\"\\", "\"\\\"", R"("\a")", R"("\x41")", R"("\0")",
    R"("\'")", R"("\U0041")", R"("\u")", R"("\u12")", R"("\u123")", R"("\u123g")", R"("\u 123")",
    R"("\uD834\u")", "\"\\\n\"", "\"\\\xC3\xA9\"",
    // Control characters must be escaped, line breaks in strings above all.
    "\"\0\""sv, "\"a\nb\"", "\"a\rb\"", "\"a\tb\"", "\"\x1f\"", "\"\x01\"", "{\"a\nb\":1}",
    // Bytes outside strings that are no JSON white space.
    "\0"sv, "1\0"sv, "[1,\0 2]"sv, "\v1", "\f1",
    "\xC2\xA0"
    "1",
    "1\x1a", "\x1b[0m",
    "\xE2\x80\xA8"
    "1",
    "[\xE2\x80\xA8]",
    // A byte order mark counts once, and at the beginning only.
    "\xEF\xBB\xBF\xEF\xBB\xBF"
    "1",
    " \xEF\xBB\xBF"
    "1x",
    "1\xEF\xBB\xBF",
    "\xEF\xBB"
    "1",
    "\xEF"
    "1",
    "\xEF\xBB", "\xFE\xFF\0001"sv, "[\xEF\xBB\xBF]"};
INSTANTIATE_TEST_SUITE_P(Rfc8259, RefusedJson, testing::ValuesIn(kRefused));

constexpr std::string_view kIllFormedUtf8[] = {"\"\x80\"",
                                               "\"\xBF\"",
                                               "\"a\x80\"",  // no lead byte
                                               "\"\xC0\x80\"",
                                               "\"\xC1\xBF\"",
                                               "\"\xE0\x80\x80\"",  // overlong
                                               "\"\xE0\x9F\xBF\"",
                                               "\"\xF0\x80\x80\x80\"",
                                               "\"\xF0\x8F\xBF\xBF\"",
                                               "\"\xED\xA0\x80\"",
                                               "\"\xED\xBF\xBF\"",
                                               "\"\xED\xA0\xB4\xED\xB4\x9E\"",  // surrogates
                                               "\"\xF4\x90\x80\x80\"",
                                               "\"\xF5\x80\x80\x80\"",
                                               "\"\xFF\"",
                                               "\"\xFE\"",  // too high
                                               "\"\xF8\x88\x80\x80\x80\"",
                                               "\"\xFC\x84\x80\x80\x80\x80\"",
                                               "\"\xC3\"",
                                               "\"\xE2\x82\"",
                                               "\"\xF0\x9F\x98\"",
                                               "\"\xE2\"",
                                               "\"\xC3",  // cut short
                                               "\"\xC3\xC3\xA9\"",
                                               "\"\xE2\x82\x22\"",
                                               "\"\xE9\"",  // Latin-1
                                               "{\"\xFF\":1}",
                                               "\"0123456789abcdef\xFF\""};
INSTANTIATE_TEST_SUITE_P(Rfc3629, RefusedJson, testing::ValuesIn(kIllFormedUtf8));

// ---- What is changed ----------------------------------------------------------------------------

struct Change {
  std::string_view before, after;
};
void PrintTo(const Change& c, std::ostream* out) { *out << testing::PrintToString(c.before); }

class ChangedJson : public testing::TestWithParam<Change> {};

TEST_P(ChangedJson, ComesOutAsOneLineHoweverItIsSplit) {
  const auto& [before, after] = GetParam();
  EXPECT_THAT(scan({before}), test::HoldsOk(after));
  for (std::size_t at = 0; at <= before.size(); ++at)
    EXPECT_THAT(scan({before.substr(0, at), before.substr(at)}), test::HoldsOk(after))
        << "at " << at;
  EXPECT_THAT(scan(bytes_of(before)), test::HoldsOk(after)) << "byte by byte";
}

const Change kChanges[] = {
    // A line break between tokens goes, with the white space behind it.
    {"[\n1\n]", "[1]"},
    {"{\n  \"a\": 1,\n  \"b\": [\n    true\n  ]\n}", "{\"a\": 1,\"b\": [true]}"},
    {"{\r\n\t\"a\"\r\n:\r\n1\r\n}", "{\"a\":1}"},
    {"[1, \n 2]", "[1, 2]"},
    {"[1,\n\n \r \n2]", "[1,2]"},
    {"[\n]", "[]"},
    {"{\n}", "{}"},
    {"\n\n{\"a\":\n\"b\"}\n\n", "{\"a\":\"b\"}"},
    {"[1\n,2 , 3]", "[1,2 , 3]"},  // only the space behind a break goes
    {"[[1\n, 2,\n 3, 4]]", "[[1, 2,3, 4]]"},
    {"{\"a\": {\"b\":\n 1, \"c\"\n : 2}}", "{\"a\": {\"b\":1, \"c\": 2}}"},
    // A number ends at a line break as well.
    {"12\n", "12"},
    {"[12\n]", "[12]"},
    // The escape of a line break in a string is no line break.
    {"[\"\\n\",\n\"\\r\"]", "[\"\\n\",\"\\r\"]"},
    // Raw U+2028 and U+2029 become their escapes.
    {"\"\xE2\x80\xA8\"", R"("\u2028")"},
    {"\"\xE2\x80\xA9\"", R"("\u2029")"},
    {"\"a\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xA8z\"", R"("a\u2028\u2029\u2028z")"},
    {"{\"\xE2\x80\xA8\":[\"\xE2\x80\xA9\",\n1]}", R"({"\u2028":["\u2029",1]})"},
    {"[\"\\\\\xE2\x80\xA8\"]", R"(["\\\u2028"])"},
    // One byte order mark is dropped.
    {"\xEF\xBB\xBF{}", "{}"},
    {"\xEF\xBB\xBF\n [1]\n", "[1]"},
    {"\xEF\xBB\xBF"
     "17",
     "17"},
};
INSTANTIATE_TEST_SUITE_P(Line, ChangedJson, testing::ValuesIn(kChanges));

// ---- Members ------------------------------------------------------------------------------------

struct Members {
  std::string_view text;
  std::vector<std::string> found;
};
void PrintTo(const Members& c, std::ostream* out) { *out << testing::PrintToString(c.text); }

class OutermostMembers : public testing::TestWithParam<Members> {};

TEST_P(OutermostMembers, AreFoundWhereTheyStandInTheLine) {
  const std::string_view text = GetParam().text;
  EXPECT_THAT(members({text}), test::HoldsOk(GetParam().found));
  for (std::size_t at = 0; at <= text.size(); ++at)
    EXPECT_THAT(members({text.substr(0, at), text.substr(at)}), test::HoldsOk(GetParam().found))
        << "at " << at;
  EXPECT_THAT(members(bytes_of(text)), test::HoldsOk(GetParam().found)) << "byte by byte";
}

const Members kMembers[] = {
    {R"({})", {}},
    {R"([{"a":1}])", {}},
    {R"("a")", {}},
    {"17", {}},
    {R"({"a":1})", {"a=1"}},
    {R"({"a":1,"b":"x","c":[1,2],"d":{"e":1},"f":null,"g":true,"h":-1.5e3})",
     {"a=1", "b=\"x\"", "c=[1,2]", R"(d={"e":1})", "f=null", "g=true", "h=-1.5e3"}},
    {R"({ "a" : 1 , "b" : "x" })", {"a=1", "b=\"x\""}},
    {R"({"a":{"a":{"a":0}},"b":[{"a":1}]})", {R"(a={"a":{"a":0}})", R"(b=[{"a":1}])"}},
    {R"({"":"","a":[]})", {R"(="")", "a=[]"}},
    {R"({"a":1,"a":2})", {"a=1", "a=2"}},
    {R"({"\u0061":1})", {R"(\u0061=1 (escaped))"}},
    {R"({"a\"":1,"b\\":"\"","c":2})", {R"(a\"=1 (escaped))", R"(b\\="\"" (escaped))", "c=2"}},
    {R"({"x":{"\u0061":1},"y":"\u0061"})", {R"(x={"\u0061":1})", R"(y="\u0061")"}},
    {"{\n  \"a\": 1,\r\n  \"b\"\n:\n{\n\"c\" : 2\n}\n}", {"a=1", "b={\"c\" : 2}"}},
    {"{\"a\":\"\xE2\x80\xA8\",\"b\":\"\xE2\x80\xA9!\",\"c\":3}",
     {R"(a="\u2028")", R"(b="\u2029!")", "c=3"}},
    // The line that is handed on has a backslash in the name, though the one that came in had none.
    {"{\"\xE2\x80\xA8\":1}", {R"(\u2028=1 (escaped))"}},
    {"\xEF\xBB\xBF\n{\"a\":1}", {"a=1"}},
};
INSTANTIATE_TEST_SUITE_P(JsonScanner, OutermostMembers, testing::ValuesIn(kMembers));

TEST(JsonText, KnowsAnObjectFromAnArrayFromOther) {
  const auto text_of = [](std::string_view json) {
    JsonScanner scanner(kRoomy);
    EXPECT_THAT(scanner.feed(json), IsOk());
    return *scanner.finish();
  };
  EXPECT_TRUE(text_of(" {}").is_object());
  EXPECT_FALSE(text_of(" {}").is_array());
  EXPECT_TRUE(text_of("[]").is_array());
  EXPECT_FALSE(text_of("[]").is_object());
  EXPECT_FALSE(text_of("\"{\"").is_object());
  EXPECT_FALSE(JsonText().is_object());
  EXPECT_FALSE(JsonText().is_array());
}

// ---- Bounds -------------------------------------------------------------------------------------

std::string nested(std::size_t depth, std::string_view open, std::string_view close) {
  std::string text;
  for (std::size_t i = 0; i < depth; ++i) text += open;
  for (std::size_t i = 0; i < depth; ++i) text += close;
  return text;
}

TEST(JsonScanner, TakesNestingUpToTheLimit) {
  EXPECT_THAT(scan({nested(limits::kJsonDepth, "[", "]")}), IsOk());
  const std::string objects = nested(limits::kJsonDepth - 1, "{\"a\":", "}");
  const std::size_t middle = objects.find('}');
  EXPECT_THAT(scan({objects.substr(0, middle) + "{}" + objects.substr(middle)}), IsOk());
}

TEST(JsonScanner, RefusesDeeperNesting) {
  EXPECT_THAT(scan({nested(limits::kJsonDepth + 1, "[", "]")}),
              FailsWith(ErrorKind::too_large, "deep"));
  EXPECT_THAT(scan({nested(limits::kJsonDepth + 1, "{\"a\":", "}")}),
              FailsWith(ErrorKind::too_large, "deep"));
  EXPECT_THAT(scan({nested(100'000, "[", "")}), FailsWith(ErrorKind::too_large, "deep"));
}

// Which of the open things are objects must survive every depth.
TEST(JsonScanner, MatchesEachBracketAtEveryDepth) {
  std::string open, close;
  for (std::size_t depth = 1; depth <= 200; ++depth) {
    const bool object = depth % 3 == 0;
    open += object ? "{\"a\":" : "[";
    close.insert(0, object ? "}" : "]");
    EXPECT_THAT(scan({open + "0" + close}), IsOk()) << depth;
    std::string wrong = close;
    wrong.front() = object ? ']' : '}';
    EXPECT_THAT(scan({open + "0" + wrong}), FailsWith(ErrorKind::protocol, "")) << depth;
  }
}

// Each member costs an entry many times as large as the shortest member.
TEST(JsonScanner, RefusesAnObjectOfTooManyMembers) {
  std::string object = R"({"id":7)";
  for (std::size_t i = 1; i < limits::kTopMembers; ++i) object += R"(,"":1)";
  EXPECT_THAT(scan({object + "}"}), IsOk());
  const std::string more = object + R"(,"":1})";
  for (const auto& pieces : {std::vector<std::string_view>{more}, bytes_of(more)})
    EXPECT_THAT(scan(pieces), FailsWith(ErrorKind::too_large, "too many members"));
  EXPECT_THAT(scan({"{\"inside\":" + more + "}"}), IsOk()) << "only the outermost counts";
}

TEST(JsonScanner, TakesATextOfExactlyTheLargestSize) {
  const std::string text = "\"" + std::string(98, 'x') + "\"";
  JsonScanner scanner(100);
  EXPECT_THAT(scanner.feed(text), IsOk());
  EXPECT_THAT(finished(scanner), test::HoldsOk(text));
}

TEST(JsonScanner, RefusesOneByteMore) {
  const std::string text = "\"" + std::string(99, 'x') + "\"";
  for (std::size_t at = 0; at <= text.size(); ++at) {
    JsonScanner scanner(100);
    auto fed = scanner.feed(std::string_view(text).substr(0, at));
    if (fed) fed = scanner.feed(std::string_view(text).substr(at));
    EXPECT_THAT(fed, FailsWith(ErrorKind::too_large, "100")) << "at " << at;
  }
}

TEST(JsonScanner, CountsOnlyWhatItKeeps) {
  JsonScanner scanner(10);
  EXPECT_THAT(scanner.feed(std::string(1000, ' ')), IsOk());
  EXPECT_THAT(scanner.feed("[1,\n" + std::string(1000, ' ') + "2]"), IsOk());
  EXPECT_THAT(scanner.feed(std::string(1000, '\n')), IsOk());
  EXPECT_THAT(finished(scanner), test::HoldsOk("[1,2]"sv));
}

TEST(JsonScanner, CountsAnEscapeItMakes) {
  JsonScanner scanner(7);  // "\u2028" has eight bytes
  EXPECT_THAT(scanner.feed("\"\xE2\x80\xA8\""), FailsWith(ErrorKind::too_large, ""));
}

TEST(JsonScanner, NeverHoldsMoreThanTheLimit) {
  JsonScanner scanner(100);
  std::size_t most = 0;
  Result<void> fed = scanner.feed("\"");
  while (fed) {
    most = std::max(most, scanner.bytes().size());
    fed = scanner.feed("0123456");
  }
  EXPECT_LE(std::max(most, scanner.bytes().size()), 100u);
}

TEST(JsonScanner, StopsWhenTheBudgetIsUsedUp) {
  Budget budget(50'000);
  JsonScanner scanner(kRoomy, &budget);
  const std::string piece(1000, 'x');
  Result<void> fed = scanner.feed("\"");
  std::size_t size = 0;
  for (; fed && size < kRoomy; size += piece.size()) fed = scanner.feed(piece);
  EXPECT_THAT(fed, FailsWith(ErrorKind::too_large, "buffered"));
  EXPECT_LT(size, 150'000u);
}

TEST(JsonScanner, GivesTheBudgetBackAfterAFailure) {
  Budget budget(50'000);
  JsonScanner scanner(kRoomy, &budget);
  EXPECT_THAT(scanner.feed("\"" + std::string(30'000, 'x')), IsOk());
  EXPECT_LT(budget.left(), 50'000u);
  EXPECT_THAT(scanner.finish(), FailsWith(ErrorKind::protocol, "ends too early"));
  EXPECT_EQ(budget.left(), 50'000u);
}

TEST(JsonScanner, GivesTheBudgetBackOnReset) {
  Budget budget(50'000);
  JsonScanner scanner(kRoomy, &budget);
  EXPECT_THAT(scanner.feed("\"" + std::string(30'000, 'x')), IsOk());
  scanner.reset();
  EXPECT_EQ(budget.left(), 50'000u);
}

TEST(JsonScanner, LeavesTheChargeWithTheText) {
  Budget budget(50'000);
  {
    JsonScanner scanner(kRoomy, &budget);
    EXPECT_THAT(scanner.feed("\"" + std::string(30'000, 'x') + "\""), IsOk());
    auto text = scanner.finish();
    ASSERT_THAT(text, IsOk());
    scanner.reset();
    EXPECT_LT(budget.left(), 50'000u);
  }
  EXPECT_EQ(budget.left(), 50'000u);
}

TEST(JsonScanner, ReservesNoMoreThanTheLimitForAGuess) {
  Budget budget(50'000);
  JsonScanner scanner(20'000, &budget);
  scanner.expect(1'000'000'000);
  EXPECT_GE(budget.left(), 50'000u - 20'000u);
  EXPECT_THAT(scanner.feed("1"), IsOk());
  EXPECT_THAT(finished(scanner), test::HoldsOk("1"sv));
}

TEST(JsonScanner, TakesAGuessThatIsTooSmall) {
  JsonScanner scanner(kRoomy);
  scanner.expect(3);
  const std::string text = "\"" + std::string(5000, 'x') + "\"";
  EXPECT_THAT(scanner.feed(text), IsOk());
  EXPECT_THAT(finished(scanner), test::HoldsOk(text));
}

// ---- One scanner, many texts --------------------------------------------------------------------

TEST(JsonScanner, IsReadyForTheNextTextAfterOne) {
  JsonScanner scanner(kRoomy);
  for (const auto text : {R"({"a":1})"sv, "[1]"sv, "17"sv, R"({"b":2})"sv}) {
    EXPECT_TRUE(scanner.is_empty());
    EXPECT_THAT(scanner.feed(text), IsOk());
    EXPECT_FALSE(scanner.is_empty());
    EXPECT_THAT(finished(scanner), test::HoldsOk(text));
  }
}

TEST(JsonScanner, IsReadyForTheNextTextAfterEveryBadOne) {
  JsonScanner scanner(kRoomy);
  for (const std::string_view bad : kRefused) {
    (void)scanner.feed(bad).has_value();
    EXPECT_THAT(scanner.finish(), FailsWith(ErrorKind::protocol, "")) << bad;
    EXPECT_THAT(scanner.feed(R"({"a":1})"), IsOk()) << "after " << bad;
    auto text = scanner.finish();
    ASSERT_THAT(text, IsOk()) << "after " << bad;
    EXPECT_EQ(text->bytes.view(), R"({"a":1})");
    EXPECT_EQ(text->members.size(), 1u);
  }
}

TEST(JsonScanner, IsReadyForTheNextTextAfterOneTooLarge) {
  JsonScanner scanner(10);
  EXPECT_THAT(scanner.feed("[1,2,3,4,5,6]"), FailsWith(ErrorKind::too_large, ""));
  EXPECT_THAT(scanner.finish(), FailsWith(ErrorKind::too_large, ""));
  EXPECT_THAT(scanner.feed("[1,2]"), IsOk());
  EXPECT_THAT(finished(scanner), test::HoldsOk("[1,2]"sv));
}

TEST(JsonScanner, ForgetsWhatItWasFedOnReset) {
  JsonScanner scanner(kRoomy);
  for (const auto begun : {R"({"a":[1,{"b":"\u00)"sv, "\"\xE2\x80"sv, "-1.5e"sv, "tr"sv}) {
    EXPECT_THAT(scanner.feed(begun), IsOk());
    scanner.reset();
    EXPECT_TRUE(scanner.is_empty());
    EXPECT_TRUE(scanner.members().empty());
    EXPECT_THAT(scanner.feed("{\"x\":\"\xC3\xA9\"}"), IsOk());
    EXPECT_THAT(finished(scanner), test::HoldsOk("{\"x\":\"\xC3\xA9\"}"sv));
  }
}

TEST(JsonScanner, IsEmptyAsLongAsThereIsOnlyWhiteSpace) {
  JsonScanner scanner(kRoomy);
  EXPECT_TRUE(scanner.is_empty());
  EXPECT_THAT(scanner.feed(" \t\r\n"), IsOk());
  EXPECT_TRUE(scanner.is_empty());
  EXPECT_THAT(scanner.feed("1"), IsOk());
  EXPECT_FALSE(scanner.is_empty());
}

TEST(JsonScanner, TakesEmptyPieces) {
  EXPECT_THAT(scan({"", "[", "", "1", "", "]", ""}), test::HoldsOk("[1]"sv));
}

// ---- After a failure ----------------------------------------------------------------------------

// The members that are whole after a failure, as "name=value". They must lie within bytes().
std::vector<std::string> understood(const JsonScanner& scanner) {
  std::vector<std::string> found;
  for (const JsonMember& member : scanner.members()) {
    if (member.value_size == 0) continue;
    EXPECT_LE(member.name_at + member.name_size, scanner.bytes().size());
    EXPECT_LE(member.value_at + member.value_size, scanner.bytes().size());
    if (testing::Test::HasFailure()) return {"a span outside bytes()"};
    found.push_back(std::string(scanner.bytes().substr(member.name_at, member.name_size)) + "=" +
                    std::string(scanner.bytes().substr(member.value_at, member.value_size)));
  }
  return found;
}

TEST(FailedJsonScanner, ShowsWhatItUnderstoodHoweverTheTextIsSplit) {
  constexpr std::string_view kBroken = R"({"jsonrpc":"2.0","id":17,"method":nonsense,"x":1})";
  for (std::size_t at = 0; at <= kBroken.size(); ++at) {
    JsonScanner scanner(kRoomy);
    auto fed = scanner.feed(kBroken.substr(0, at));
    if (fed) fed = scanner.feed(kBroken.substr(at));
    EXPECT_THAT(fed, FailsWith(ErrorKind::protocol, "not JSON"));
    EXPECT_THAT(understood(scanner), ElementsAre(R"(jsonrpc="2.0")", "id=17")) << "at " << at;
  }
}

TEST(FailedJsonScanner, ShowsTheMembersWithinTheLimit) {
  const std::string large = R"({"id":17,"x":")" + std::string(200, 'x') + R"(","y":1})";
  for (std::size_t at = 0; at <= large.size(); ++at) {
    JsonScanner scanner(100);
    auto fed = scanner.feed(std::string_view(large).substr(0, at));
    if (fed) fed = scanner.feed(std::string_view(large).substr(at));
    EXPECT_THAT(fed, FailsWith(ErrorKind::too_large, "100"));
    EXPECT_THAT(understood(scanner), ElementsAre("id=17")) << "at " << at;
    EXPECT_LE(scanner.bytes().size(), 100u);
  }
}

TEST(FailedJsonScanner, ShowsNoMemberThatLiesBehindTheLimit) {
  const std::string large = R"({"x":")" + std::string(200, 'x') + R"(","id":17})";
  for (std::size_t at = 0; at <= large.size(); ++at) {
    JsonScanner scanner(100);
    auto fed = scanner.feed(std::string_view(large).substr(0, at));
    if (fed) fed = scanner.feed(std::string_view(large).substr(at));
    EXPECT_THAT(fed, FailsWith(ErrorKind::too_large, ""));
    EXPECT_THAT(understood(scanner), ElementsAre()) << "at " << at;
  }
}

TEST(FailedJsonScanner, ShowsTheMembersWithinTheBudget) {
  Budget budget(0);
  JsonScanner scanner(kRoomy, &budget);
  EXPECT_THAT(scanner.feed(R"({"id":17,"x":")" + std::string(60'000, 'x') + R"(","y":1})"),
              FailsWith(ErrorKind::too_large, "buffered"));
  EXPECT_THAT(understood(scanner), ElementsAre("id=17"));
}

TEST(FailedJsonScanner, ShowsMembersOfDeepNesting) {
  JsonScanner scanner(kRoomy);
  EXPECT_THAT(scanner.feed(R"({"id":17,"x":)" + nested(limits::kJsonDepth, "[", "]") + "}"),
              FailsWith(ErrorKind::too_large, "deep"));
  EXPECT_THAT(understood(scanner), ElementsAre("id=17"));
}

TEST(FailedJsonScanner, SaysWhereTheTextWentWrong) {
  for (std::size_t at = 0; at <= 9; ++at) {
    constexpr std::string_view kBroken = "[1,2,3,x]";
    JsonScanner scanner(kRoomy);
    auto fed = scanner.feed(kBroken.substr(0, at));
    if (fed) fed = scanner.feed(kBroken.substr(at));
    EXPECT_THAT(fed, FailsWith(ErrorKind::protocol, "at byte 7")) << "at " << at;
  }
}

// Style, section 5: a message never holds a secret, and a peer's text may be one.
TEST(FailedJsonScanner, DoesNotRepeatTheText) {
  JsonScanner scanner(kRoomy);
  auto fed = scanner.feed("swordfish");
  ASSERT_THAT(fed, FailsWith(ErrorKind::protocol, ""));
  EXPECT_THAT(fed.error().message, Not(HasSubstr("swordfish")));
}

}  // namespace
}  // namespace mcpio::codec
