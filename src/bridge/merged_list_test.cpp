// SPDX-License-Identifier: MIT
#include "bridge/merged_list.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "codec/json_scanner.h"
#include "support/result_matchers.h"

namespace mcpio::bridge {
namespace {

struct Case {
  std::string_view name;
  std::vector<std::string_view> pages;
  std::string_view merged;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class MergedLists : public testing::TestWithParam<Case> {};

constexpr std::size_t kEnough = 1024 * 1024;

std::string text_of(const MergedList& list) {
  std::string text;
  for (const std::string_view piece : list.text()) text += piece;
  return text;
}

TEST_P(MergedLists, AreOneResult) {
  MergedList list("tools", kEnough);
  for (const std::string_view page : GetParam().pages) EXPECT_TRUE(list.add(page));
  EXPECT_EQ(text_of(list), GetParam().merged);
}

TEST_P(MergedLists, AreJson) {
  MergedList list("tools", kEnough);
  for (const std::string_view page : GetParam().pages) EXPECT_TRUE(list.add(page));
  codec::JsonScanner scanner(4096);
  EXPECT_THAT(scanner.feed(text_of(list)), test::IsOk());
  EXPECT_THAT(scanner.finish(), test::IsOk());
}

const Case kCases[] = {
    {"ItemsInOrderWithTheirBytes",
     {R"({"tools":[{"n":1.0},{"n":9007199254740993}],"nextCursor":"b"})",
      R"({"tools":[ {"z":"\u00e9"} , 3 ]})"},
     R"({"tools":[{"n":1.0},{"n":9007199254740993},{"z":"\u00e9"} , 3]})"},
    {"EmptyPages",
     {R"({"tools":[],"nextCursor":"b"})", R"({"tools":[1],"nextCursor":"c"})", R"({"tools":[ ]})"},
     R"({"tools":[1]})"},
    {"NothingAtAll", {R"({"tools":[],"nextCursor":"b"})", R"({"tools":[]})"}, R"({"tools":[]})"},
    // Item 178.
    {"NoListUnderTheName", {R"({"tools":{"a":1}})"}, R"({"tools":[]})"},
    {"NoListOnOnePage",
     {R"({"tools":[1],"nextCursor":"b"})", R"({"tools":"x"})"},
     R"({"tools":[1]})"},
    {"NoSuchMember", {R"({"other":1})"}, R"({"tools":[],"other":1})"},
    // Item 169: a list that was not read to its end can be gone on with.
    {"CursorOfTheLastPageRead",
     {R"({"tools":[1],"nextCursor":"b"})", R"({"tools":[2],"nextCursor":"c\u0063"})"},
     R"({"tools":[1,2],"nextCursor":"c\u0063"})"},
    // Item 174: of other members the later page's value counts.
    {"OtherMembers",
     {R"({"_meta":{"a":1},"tools":[1],"x":1,"nextCursor":"b"})",
      R"({"tools":[2],"_meta":{"a":2},"late":[true]})"},
     R"({"tools":[1,2],"_meta":{"a":2},"x":1,"late":[true]})"},
    // Items 179 to 182: caching hints.
    {"SmallestTtl",
     {R"({"tools":[],"ttlMs":300,"nextCursor":"b"})", R"({"tools":[],"ttlMs":20,"nextCursor":"c"})",
      R"({"tools":[],"ttlMs":1e3})"},
     R"({"tools":[],"ttlMs":20})"},
    {"ZeroTtl",
     {R"({"tools":[],"ttlMs":0,"nextCursor":"b"})", R"({"tools":[],"ttlMs":20})"},
     R"({"tools":[],"ttlMs":0})"},
    {"TtlMissingOnTheFirstPage",
     {R"({"tools":[],"nextCursor":"b"})", R"({"tools":[],"ttlMs":20})"},
     R"({"tools":[],"ttlMs":0})"},
    {"TtlMissingOnALaterPage",
     {R"({"tools":[],"ttlMs":20,"nextCursor":"b"})", R"({"tools":[]})"},
     R"({"tools":[],"ttlMs":0})"},
    {"BooleanAsTtl",
     {R"({"tools":[],"ttlMs":20,"nextCursor":"b"})", R"({"tools":[],"ttlMs":true})"},
     R"({"tools":[],"ttlMs":0})"},
    {"NegativeTtl",
     {R"({"tools":[],"ttlMs":-1,"nextCursor":"b"})", R"({"tools":[],"ttlMs":5})"},
     R"({"tools":[],"ttlMs":0})"},
    {"ArrayAsTtl",
     {R"({"tools":[],"ttlMs":[1],"nextCursor":"b"})", R"({"tools":[],"ttlMs":5})"},
     R"({"tools":[],"ttlMs":0})"},
    {"StringAsTtl",
     {R"({"tools":[],"ttlMs":"5","nextCursor":"b"})", R"({"tools":[],"ttlMs":5})"},
     R"({"tools":[],"ttlMs":0})"},
    {"NullAsTtl",
     {R"({"tools":[],"ttlMs":null,"nextCursor":"b"})", R"({"tools":[],"ttlMs":5})"},
     R"({"tools":[],"ttlMs":0})"},
    {"HugeTtl",
     {R"({"tools":[],"ttlMs":123456789012345678901234567890,"nextCursor":"b"})",
      R"({"tools":[],"ttlMs":223456789012345678901234567890})"},
     R"({"tools":[],"ttlMs":123456789012345678901234567890})"},
    {"TtlBeyondAllNumbers",
     {R"({"tools":[],"ttlMs":1e999,"nextCursor":"b"})", R"({"tools":[],"ttlMs":5})"},
     R"({"tools":[],"ttlMs":0})"},
    {"PublicEverywhere",
     {R"({"tools":[],"cacheScope":"public","nextCursor":"b"})",
      R"({"tools":[],"cacheScope":"public"})"},
     R"({"tools":[],"cacheScope":"public"})"},
    {"PrivateWins",
     {R"({"tools":[],"cacheScope":"private","nextCursor":"b"})",
      R"({"tools":[],"cacheScope":"public"})"},
     R"({"tools":[],"cacheScope":"private"})"},
    {"PrivateWinsLater",
     {R"({"tools":[],"cacheScope":"public","nextCursor":"b"})",
      R"({"tools":[],"cacheScope":"private"})"},
     R"({"tools":[],"cacheScope":"private"})"},
    {"ScopeMissingOnOnePage",
     {R"({"tools":[],"cacheScope":"public","nextCursor":"b"})", R"({"tools":[]})"},
     R"({"tools":[],"cacheScope":"private"})"},
    {"UnknownScope",
     {R"({"tools":[],"cacheScope":"public","nextCursor":"b"})",
      R"({"tools":[],"cacheScope":"Public"})"},
     R"({"tools":[],"cacheScope":"private"})"},
    {"NoHints", {R"({"tools":[1],"nextCursor":"b"})", R"({"tools":[2]})"}, R"({"tools":[1,2]})"},
};
INSTANTIATE_TEST_SUITE_P(Pages, MergedLists, testing::ValuesIn(kCases),
                         [](const auto& test) { return std::string(test.param.name); });

std::optional<std::string_view> cursor_after(std::string_view page) {
  MergedList list("tools", kEnough);
  EXPECT_TRUE(list.add(page));
  return list.next_cursor();
}

// Item 175, and the end of the list.
TEST(MergedList, EndsWhereThereIsNoCursor) {
  EXPECT_EQ(cursor_after(R"({"tools":[]})"), std::nullopt);
  EXPECT_EQ(cursor_after(R"({"tools":[],"nextCursor":null})"), std::nullopt);
  EXPECT_EQ(cursor_after(R"({"tools":[],"nextCursor":""})"), std::nullopt);
  EXPECT_EQ(cursor_after(R"({"tools":[],"nextCursor":"b"})"), R"("b")");
}

TEST(MergedList, ForgetsTheCursorOfAnEarlierPage) {
  MergedList list("tools", kEnough);
  EXPECT_TRUE(list.add(R"({"tools":[],"nextCursor":"b"})"));
  EXPECT_TRUE(list.add(R"({"tools":[]})"));
  EXPECT_EQ(list.next_cursor(), std::nullopt);
}

TEST(MergedList, NeedsNoMergingWhenThereIsOneWellFormedPage) {
  const auto alone = [](std::vector<std::string_view> pages) {
    MergedList list("tools", kEnough);
    for (const std::string_view page : pages) EXPECT_TRUE(list.add(page));
    return list.is_first_page_alone();
  };
  EXPECT_TRUE(alone({R"({"tools":[1]})"}));
  EXPECT_TRUE(alone({R"({"tools":[1],"nextCursor":null,"ttlMs":-1})"}));
  EXPECT_FALSE(alone({R"({"tools":[1],"nextCursor":"b"})"}));
  EXPECT_FALSE(alone({R"({"tools":[1],"nextCursor":"b"})", R"({"tools":[2]})"}));
  EXPECT_FALSE(alone({R"({"tools":{}})"}));
}

// The time to look into a page grew with the square of its members.
TEST(MergedList, LeavesOutAPageOfTooManyMembers) {
  std::string page = R"({"tools":[2])";
  for (std::size_t i = 0; i < limits::kListMembers; ++i)
    page += ",\"" + std::to_string(i) + "\":" + std::to_string(i);
  page += "}";
  MergedList list("tools", kEnough);
  EXPECT_FALSE(list.add(page));
  EXPECT_EQ(list.pages(), 0);
  EXPECT_TRUE(list.add(R"({"tools":[1],"x":1,"nextCursor":"b"})"));
  EXPECT_FALSE(list.add(page));
  EXPECT_EQ(text_of(list), R"({"tools":[1],"x":1,"nextCursor":"b"})");
}

// However many pages there are, they are one message in the end.
TEST(MergedList, LeavesOutAPageThatIsTooMuch) {
  constexpr std::string_view kFirst = R"({"tools":[1],"nextCursor":"b"})";
  constexpr std::string_view kSecond = R"({"tools":[2],"nextCursor":"c"})";
  MergedList list("tools", kFirst.size() + kSecond.size());
  EXPECT_TRUE(list.add(kFirst));
  EXPECT_TRUE(list.add(kSecond));
  EXPECT_FALSE(list.add("{}"));
  EXPECT_EQ(list.pages(), 2);
  EXPECT_EQ(text_of(list), R"({"tools":[1,2],"nextCursor":"c"})");
}

}  // namespace
}  // namespace mcpio::bridge
