// SPDX-License-Identifier: MIT
#include "codec/json_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace mcpio::codec {
namespace {

using namespace std::string_view_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;

std::vector<std::string> fields(std::string_view object) {
  std::vector<std::string> found;
  FieldReader reader(object);
  while (const auto field = reader.next()) {
    found.push_back(std::string(field->name) + "=" + std::string(field->value));
    if (field->name_is_escaped) found.back() += " (escaped)";
  }
  return found;
}

std::vector<std::string_view> elements(std::string_view array) {
  std::vector<std::string_view> found;
  ElementReader reader(array);
  while (const auto element = reader.next()) found.push_back(*element);
  return found;
}

TEST(FieldReader, GivesMembersInOrderWithDuplicates) {
  EXPECT_THAT(fields(R"({"z":1,"a":"x","z":[1,2],"o":{"a":1},"n":null,"t":true})"),
              ElementsAre("z=1", R"(a="x")", "z=[1,2]", R"(o={"a":1})", "n=null", "t=true"));
}

TEST(FieldReader, LeavesOutTheWhiteSpaceAround) {
  EXPECT_THAT(fields("{ \"a\" :\t1 ,\t\"b\" : [ 1 , 2 ] , \"c\" : \"x\"\t}"),
              ElementsAre("a=1", "b=[ 1 , 2 ]", R"(c="x")"));
}

TEST(FieldReader, IsNotMisledByBracketsInStrings) {
  EXPECT_THAT(fields(R"({"a":"}],{","b":["]","\"]"],"c":{"}":"\\"},"d":1})"),
              ElementsAre(R"(a="}],{")", R"(b=["]","\"]"])", R"(c={"}":"\\"})", "d=1"));
}

TEST(FieldReader, TellsEscapedNames) {
  EXPECT_THAT(fields(R"({"\u0061":1,"b":"\u0061","c\"":2})"),
              ElementsAre(R"(\u0061=1 (escaped))", R"(b="\u0061")", R"(c\"=2 (escaped))"));
}

TEST(FieldReader, GivesNothingOfAnythingElse) {
  for (const auto json : {"{}"sv, "{ }"sv, "[]"sv, R"([{"a":1}])"sv, R"("a")"sv, "1"sv, "null"sv})
    EXPECT_THAT(fields(json), IsEmpty()) << json;
}

TEST(FieldReader, GivesMembersWithEmptyNames) {
  EXPECT_THAT(fields(R"({"":"","a":""})"), ElementsAre(R"(="")", R"(a="")"));
}

TEST(ElementReader, GivesElementsInOrder) {
  EXPECT_THAT(elements(R"([1,"a",[2,[3]],{"a":[4]},null,-1.5e3])"),
              ElementsAre("1", R"("a")", "[2,[3]]", R"({"a":[4]})", "null", "-1.5e3"));
  EXPECT_THAT(elements("[ 1 ,\t\"a ,\" , [ ] ]"), ElementsAre("1", R"("a ,")", "[ ]"));
}

TEST(ElementReader, GivesNothingOfAnythingElse) {
  for (const auto json : {"[]"sv, "[ ]"sv, "{}"sv, R"({"a":[1]})"sv, R"("[1]")"sv, "1"sv})
    EXPECT_THAT(elements(json), IsEmpty()) << json;
}

TEST(FindMember, GivesTheFirstOfThatName) {
  EXPECT_THAT(find_member(R"({"a":1,"b":2,"a":3})", "a"), Optional("1"sv));
  EXPECT_THAT(find_member(R"({"a":1,"b":2})", "b"), Optional("2"sv));
}

TEST(FindMember, LooksAtThisLevelOnly) {
  EXPECT_EQ(find_member(R"({"x":{"a":1},"y":["a"],"z":"a"})", "a"), std::nullopt);
}

TEST(FindMember, ComparesWholeNames) {
  EXPECT_EQ(find_member(R"({"ab":1,"A":2,"":3})", "a"), std::nullopt);
  EXPECT_THAT(find_member(R"({"a":1,"":3})", ""), Optional("3"sv));
}

TEST(FindMember, HasNothingToFindInAnythingElse) {
  for (const auto json : {"[]"sv, R"(["a"])"sv, R"("a")"sv, "null"sv, "1"sv, "{}"sv})
    EXPECT_EQ(find_member(json, "a"), std::nullopt) << json;
}

TEST(FindMember, FollowsAPath) {
  constexpr std::string_view kJson = R"({"a":{"b":{"c":17}},"d":1})";
  EXPECT_THAT(find_member(kJson, "a", "b", "c"), Optional("17"sv));
  EXPECT_THAT(find_member(kJson, "a", "b"), Optional(R"({"c":17})"sv));
  EXPECT_EQ(find_member(kJson, "a", "x", "c"), std::nullopt);
  EXPECT_EQ(find_member(kJson, "d", "b"), std::nullopt);
}

// The value is a piece of the text it was found in, so that a caller can replace it there.
TEST(FindMember, PointsIntoTheText) {
  const std::string json = R"({ "a" : [1] })";
  const auto found = find_member(json, "a");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->data() - json.data(), 8);
  EXPECT_EQ(found->size(), 3u);
}

struct Decoded {
  std::string_view json, text;
};
class StringValue : public testing::TestWithParam<Decoded> {};

TEST_P(StringValue, IsDecoded) {
  EXPECT_THAT(string_value(GetParam().json), Optional(GetParam().text));
}

// RFC 8259, section 7.
const Decoded kDecoded[] = {
    {R"("")", ""},
    {R"("abc")", "abc"},
    {R"("\"\\\/\b\f\n\r\t")", "\"\\/\b\f\n\r\t"},
    {R"("\u0041\u0061")", "Aa"},
    {R"("\u0000")", "\0"sv},
    {R"("\u007f\u0080\u07ff\u0800\uffff")", "\x7f\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF"},
    {R"("\u00E9\u00e9")", "\xC3\xA9\xC3\xA9"},
    {R"("\ud834\udd1e")", "\xF0\x9D\x84\x9E"},
    {R"("\uD800\uDC00")", "\xF0\x90\x80\x80"},
    {R"("\udbff\udfff")", "\xF4\x8F\xBF\xBF"},
    {"\"\xC3\xA9\xF0\x9F\x98\x80\"", "\xC3\xA9\xF0\x9F\x98\x80"},
    {R"("\\u0041")", "\\u0041"},
    // Lone surrogates become U+FFFD.
    {R"("\ud800")", "\xEF\xBF\xBD"},
    {R"("\udc00")", "\xEF\xBF\xBD"},
    {R"("\ud800x")", "\xEF\xBF\xBDx"},
    {R"("\ud800\n")", "\xEF\xBF\xBD\n"},
    {R"("\ud800\u0041")",
     "\xEF\xBF\xBD"
     "A"},
    {R"("\ud800\ud800\udc00")", "\xEF\xBF\xBD\xF0\x90\x80\x80"},
    {R"("\udc00\ud800")", "\xEF\xBF\xBD\xEF\xBF\xBD"},
    {R"("\ud800\\u1234")", "\xEF\xBF\xBD\\u1234"},
};
INSTANTIATE_TEST_SUITE_P(Rfc8259, StringValue, testing::ValuesIn(kDecoded));

TEST(StringValue, IsNoneOfAnythingElse) {
  for (const auto json : {"1"sv, "null"sv, "true"sv, "{}"sv, "[\"a\"]"sv, ""sv})
    EXPECT_EQ(string_value(json), std::nullopt) << json;
}

TEST(Quoted, EscapesWhatJsonDoesNotAllow) {
  EXPECT_EQ(quoted(""), R"("")");
  EXPECT_EQ(quoted("abc/'"), R"("abc/'")");
  EXPECT_EQ(quoted("\"\\"), R"("\"\\")");
  EXPECT_THAT(string_value(quoted("\b\f\n\r\t\0\x1f"sv)), Optional("\b\f\n\r\t\0\x1f"sv));
  EXPECT_EQ(quoted("\n").find('\n'), std::string::npos);
}

TEST(Quoted, KeepsWellFormedUtf8) {
  constexpr std::string_view kText =
      "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\xEE\x80\x80\xF4\x8F\xBF\xBF";
  EXPECT_EQ(quoted(kText), "\"" + std::string(kText) + "\"");
}

TEST(Quoted, ReplacesInvalidUtf8) {
  for (const auto bad : {"\x80"sv, "\xFF"sv, "\xC0"sv, "\xC3"sv, "\xE2"sv, "\xF5"sv})
    EXPECT_EQ(codec::quoted("a" + std::string(bad) + "z"), "\"a\xEF\xBF\xBDz\"");
  // A byte that begins nothing does not swallow what follows it.
  EXPECT_EQ(quoted("\xC3\"x"), "\"\xEF\xBF\xBD\\\"x\"");
}

}  // namespace
}  // namespace mcpio::codec
