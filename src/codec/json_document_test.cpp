// SPDX-License-Identifier: MIT
#include "codec/json_document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "support/result_matchers.h"

namespace mcpio::codec {
namespace {

using namespace std::string_view_literals;
using test::FailsWith;
using test::HoldsOk;
using test::IsOk;
using testing::DoubleEq;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;
using testing::SizeIs;

JsonObject parsed(std::string_view text) {
  auto object = JsonObject::parse(text, "document");
  if (!object) throw std::logic_error(object.error().message);
  return *object;
}

std::string nested(int depth) {
  return R"({"a":)" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
}

TEST(JsonObject, IsReadFromAnObjectOnly) {
  EXPECT_THAT(JsonObject::parse("{}", "document"), IsOk());
  EXPECT_THAT(JsonObject::parse("\xEF\xBB\xBF {\"a\":1}\r\n", "document"), IsOk());
  for (const auto text : {"[]"sv, "null"sv, "1"sv, R"("{}")"sv, "true"sv})
    EXPECT_THAT(JsonObject::parse(text, "token response"),
                FailsWith(ErrorKind::protocol, "the token response is not a JSON object"))
        << text;
}

TEST(JsonObject, IsNotReadFromWhatIsNoJson) {
  for (const auto text : {""sv,
                          " "sv,
                          "{"sv,
                          "}"sv,
                          "{} {}"sv,
                          "{}x"sv,
                          "{\"a\":1,}"sv,
                          "{a:1}"sv,
                          "{'a':1}"sv,
                          "{\"a\":01}"sv,
                          "{\"a\":NaN}"sv,
                          "{\"a\":1e999}"sv,
                          "{\"a\":\"\xFF\"}"sv,
                          "{\"a\":\"\n\"}"sv,
                          R"({"a":"\ud800"})"sv,
                          R"({"a":"\x"})"sv,
                          "{}\0"sv,
                          "{}\0{"sv,
                          "{\"a\":\"\0\"}"sv,
                          "// c\n{}"sv,
                          "<html></html>"sv,
                          "access_token=a&b=c"sv})
    EXPECT_THAT(JsonObject::parse(text, "token response"),
                FailsWith(ErrorKind::protocol, "the token response is not JSON"))
        << text;
}

TEST(JsonObject, IsNestedUpToTheBound) {
  EXPECT_THAT(JsonObject::parse(nested(64), "document"), IsOk());
  EXPECT_THAT(JsonObject::parse(nested(65), "document"), FailsWith(ErrorKind::protocol, ""));
  EXPECT_THAT(JsonObject::parse(nested(1'000'000), "document"), FailsWith(ErrorKind::protocol, ""));
}

TEST(JsonObject, CountsNoBracketsInStrings) {
  const std::string brackets(1000, '[');
  EXPECT_THAT(JsonObject::parse(R"({"\"[":")" + brackets + R"(\"[\\","b":{}})", "document"),
              IsOk());
}

TEST(JsonObject, TakesTheLastOfMembersNamedTwice) {
  EXPECT_THAT(parsed(R"({"a":"first","a":"last"})").string("a"), Optional("last"sv));
  EXPECT_THAT(parsed(R"({"a":"first","\u0061":null})").string("a"), std::nullopt);
}

TEST(JsonObject, HasMembersOfAnyType) {
  const auto object = parsed(R"({"n":null,"":1})");
  EXPECT_TRUE(object.has("n"));
  EXPECT_TRUE(object.has(""));
  EXPECT_FALSE(object.has("N"));
  EXPECT_THAT(object.keys(), ElementsAre("", "n"));
}

const std::string_view kTypes =
    R"({"null":null,"true":true,"false":false,"number":1.5,"string":"s","empty":"","list":["a"],)"
    R"("object":{"a":"b"}})";

// The members of kTypes for which there is a value.
template <class Has>
std::vector<std::string> members_with(Has has) {
  std::vector<std::string> found;
  for (const std::string& key : parsed(kTypes).keys())
    if (has(parsed(kTypes), key)) found.push_back(key);
  return found;
}

TEST(JsonObject, HasNoMemberOfAnotherTypeThanAskedFor) {
  EXPECT_THAT(members_with([](auto o, auto key) { return o.string(key); }),
              ElementsAre("empty", "string"));
  EXPECT_THAT(members_with([](auto o, auto key) { return o.required_string(key); }),
              ElementsAre("string"));
  EXPECT_THAT(members_with([](auto o, auto key) { return o.strings(key); }), ElementsAre("list"));
  EXPECT_THAT(members_with([](auto o, auto key) { return o.number(key); }), ElementsAre("number"));
  EXPECT_THAT(members_with([](auto o, auto key) { return o.is_true(key); }), ElementsAre("true"));
  EXPECT_THAT(members_with([](auto o, auto key) { return o.object(key); }), ElementsAre("object"));
  EXPECT_THAT(members_with([](auto o, auto key) { return !o.objects(key).empty(); }), IsEmpty());
}

TEST(JsonObject, HasNoMemberThatIsAbsent) {
  const auto object = parsed("{}");
  EXPECT_EQ(object.string("a"), std::nullopt);
  EXPECT_EQ(object.strings("a"), std::nullopt);
  EXPECT_EQ(object.number("a"), std::nullopt);
  EXPECT_FALSE(object.is_true("a"));
  EXPECT_FALSE(object.object("a"));
  EXPECT_THAT(object.objects("a"), IsEmpty());
  EXPECT_EQ(object.text("a"), std::nullopt);
  EXPECT_THAT(object.keys(), IsEmpty());
}

TEST(RequiredString, NamesTheMemberThatIsMissing) {
  EXPECT_THAT(parsed(R"({"issuer":"https://a.example"})").required_string("issuer"),
              HoldsOk("https://a.example"));
  for (const auto text : {"{}"sv, R"({"issuer":null})"sv, R"({"issuer":1})"sv, R"({"issuer":""})"sv,
                          R"({"issuer":["a"]})"sv})
    EXPECT_THAT(parsed(text).required_string("issuer"),
                FailsWith(ErrorKind::protocol, "issuer is missing"))
        << text;
}

TEST(Strings, LeaveOtherItemsOut) {
  EXPECT_THAT(parsed(R"({"a":["x",1,null,["y"],"",{"z":1},"x"]})").strings("a"),
              Optional(ElementsAre("x", "", "x")));
  EXPECT_THAT(parsed(R"({"a":[]})").strings("a"), Optional(IsEmpty()));
}

TEST(Strings, AreDecoded) {
  EXPECT_THAT(parsed(R"({"a":"\u00e9\n\ud83d\ude00\u0000"})").string("a"),
              Optional("\xC3\xA9\n\xF0\x9F\x98\x80\0"sv));
}

TEST(Number, MayBeAString) {
  const std::pair<std::string_view, double> numbers[] = {
      {"3600", 3600},     {"-1", -1},          {"0.5", 0.5},
      {"1e3", 1000},      {R"("3600")", 3600}, {R"("-1")", -1},
      {R"("1e3")", 1000}, {R"("0.5")", 0.5},   {"18446744073709551615", 18446744073709551615.0}};
  for (const auto& [text, number] : numbers)
    EXPECT_THAT(parsed(R"({"a":)" + std::string(text) + "}").number("a"),
                Optional(DoubleEq(number)))
        << text;
}

TEST(Number, IsNoOtherString) {
  for (const auto text :
       {R"("")"sv, R"(" 1")"sv, R"("1 ")"sv, R"("+1")"sv, R"("0x10")"sv, R"("1,5")"sv, R"("1s")"sv,
        R"("inf")"sv, R"("-inf")"sv, R"("nan")"sv, R"("infinity")"sv, R"("1e999")"sv,
        R"("1\u0000")"sv, R"("one")"sv, "true"sv, "null"sv, "[1]"sv})
    EXPECT_EQ(parsed(R"({"a":)" + std::string(text) + "}").number("a"), std::nullopt) << text;
}

TEST(Object, OutlivesTheOneItCameFrom) {
  std::optional<JsonObject> inner;
  {
    const auto outer = parsed(R"({"a":{"b":{"c":"d"}}})");
    inner = outer.object("a");
  }
  ASSERT_TRUE(inner);
  EXPECT_THAT(inner->object("b")->string("c"), Optional("d"sv));
}

TEST(Objects, LeaveOtherItemsOut) {
  const auto keys =
      parsed(R"({"keys":[{"kid":"1"},null,[{"kid":"x"}],"s",{"kid":"2"}]})").objects("keys");
  ASSERT_THAT(keys, SizeIs(2));
  EXPECT_THAT(keys[0].string("kid"), Optional("1"sv));
  EXPECT_THAT(keys[1].string("kid"), Optional("2"sv));
}

TEST(Text, IsCompactAndInAlphabeticalOrder) {
  const auto object = parsed(R"({ "b" : [ 1, "x" ], "a" : { "d" : null, "c" : true } })");
  EXPECT_EQ(object.text(), R"({"a":{"c":true,"d":null},"b":[1,"x"]})");
  EXPECT_THAT(object.text("a"), Optional(R"({"c":true,"d":null})"sv));
  EXPECT_THAT(object.text("b"), Optional(R"([1,"x"])"sv));
}

TEST(JsonWriter, WritesMembersInTheOrderOfTheirAdding) {
  EXPECT_EQ(JsonWriter().text(), "{}");
  EXPECT_EQ(JsonWriter()
                .add("z", "text")
                .add("a", std::string("string"))
                .add("n", 1LL << 40)
                .add("i", -1)
                .add("t", true)
                .add("f", false)
                .add("list", std::vector<std::string>{"x", "y\""})
                .add("none", std::vector<std::string>{})
                .add_json("json", R"({"k":[1]})")
                .text(),
            R"({"z":"text","a":"string","n":1099511627776,"i":-1,"t":true,"f":false,)"
            R"("list":["x","y\""],"none":[],"json":{"k":[1]}})");
}

TEST(JsonWriter, LeavesOutWhatHasNoValue) {
  EXPECT_EQ(JsonWriter()
                .add("a", std::optional<std::string>())
                .add("b", std::optional<std::string>("x"))
                .text(),
            R"({"b":"x"})");
}

TEST(JsonWriter, WritesWhatIsReadBackWhateverItsBytes) {
  const std::string key = "\"\\/\x01\n\xE2\x80\xA8";
  const std::string value("\0\x1F\"\\\xC3\xA9\x7F", 7);
  EXPECT_THAT(parsed(JsonWriter().add(key, value).text()).string(key), Optional(value));
  EXPECT_THAT(parsed(JsonWriter().add("a", "\xFF").text()).string("a"), Optional("\xEF\xBF\xBD"sv));
}

}  // namespace
}  // namespace mcpio::codec
