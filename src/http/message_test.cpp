// SPDX-License-Identifier: MIT
#include "http/message.h"

#include <gmock/gmock.h>

namespace mcpio::http {
namespace {

using testing::ElementsAre;
using testing::Eq;
using testing::IsEmpty;
using testing::Optional;

std::vector<std::string> lines_of(const Fields& fields) {
  std::vector<std::string> lines;
  for (const Field& field : fields) lines.push_back(field.name + ": " + field.value);
  return lines;
}

// RFC 9110, section 5.1: field names are case-insensitive.
TEST(Fields, AreFoundWithoutRegardToCase) {
  Fields fields;
  fields.add("Content-Type", "text/html");
  EXPECT_THAT(fields.find("content-TYPE"), Optional(Eq("text/html")));
  EXPECT_EQ(fields.find("content-typ"), std::nullopt);
}

TEST(Fields, KeepTheirOrderAndSpelling) {
  Fields fields;
  fields.add("b", "1");
  fields.add("A", "2");
  fields.add("B", "3");
  EXPECT_THAT(lines_of(fields), ElementsAre("b: 1", "A: 2", "B: 3"));
  EXPECT_THAT(fields.all("B"), ElementsAre("1", "3"));
}

TEST(Fields, SetReplacesAllOfThatNameInThePlaceOfTheFirst) {
  Fields fields;
  fields.add("accept", "a");
  fields.add("X", "x");
  fields.add("ACCEPT", "b");
  fields.add("accept", "c");
  fields.set("Accept", "only");
  EXPECT_THAT(lines_of(fields), ElementsAre("Accept: only", "X: x"));
}

TEST(Fields, SetAddsWhatWasNotThere) {
  Fields fields;
  fields.set("A", "");
  EXPECT_THAT(lines_of(fields), ElementsAre("A: "));
  EXPECT_THAT(fields.find("a"), Optional(Eq("")));
}

TEST(Fields, RemoveDropsAllOfThatName) {
  Fields fields;
  fields.add("A", "1");
  fields.add("a", "2");
  fields.remove("A");
  EXPECT_TRUE(fields.empty());
  EXPECT_THAT(fields.all("A"), IsEmpty());
}

TEST(MediaType, IsTheTypeAloneInLowerCase) {
  EXPECT_EQ(media_type("Text/Event-Stream; charset=utf-8"), "text/event-stream");
  EXPECT_EQ(media_type("\t application/json ;x"), "application/json");
  EXPECT_EQ(media_type("application/json"), "application/json");
  EXPECT_EQ(media_type(" "), "");
  EXPECT_EQ(media_type(""), "");
}

TEST(EqualsIgnoringCase, ComparesAsciiLettersOnly) {
  EXPECT_TRUE(equals_ignoring_case("aZ-9", "Az-9"));
  EXPECT_FALSE(equals_ignoring_case("a", "ab"));
  EXPECT_FALSE(equals_ignoring_case("[", "{"));
  EXPECT_FALSE(equals_ignoring_case("\xC4", "\xE4"));
}

}  // namespace
}  // namespace mcpio::http
