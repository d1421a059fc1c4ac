// SPDX-License-Identifier: MIT
#include "cli/header_option.h"

#include <gmock/gmock.h>

#include <string>

#include "support/result_matchers.h"

namespace mcpio::cli {
namespace {

using test::FailsWith;

std::optional<std::string> environment(const std::string& name) {
  if (name == "TOKEN") return "s3cret";
  if (name == "DOLLAR") return "$";
  if (name == "EMPTY") return "";
  if (name == "EVIL") return "a\r\nX-Smuggled: 1";
  return std::nullopt;
}

std::string value_of(std::string_view line) {
  auto field = parse_header(line, environment);
  return field ? std::string(field->value.reveal()) : "(" + field.error().message + ")";
}

TEST(HeaderOption, IsTrimmedOnBothSides) {
  const auto field = parse_header("  X-Key :   v \t", environment);
  ASSERT_TRUE(field.has_value());
  EXPECT_EQ(field->name, "X-Key");
  EXPECT_EQ(field->value.reveal(), "v");
}

TEST(HeaderOption, IsSplitAtTheFirstColonOnly) {
  EXPECT_EQ(value_of("X-Url: http://a:1/"), "http://a:1/");
}

TEST(HeaderOption, NeedsNoSpaceAndNoValue) {
  EXPECT_EQ(value_of("X-Key:v"), "v");
  EXPECT_EQ(value_of("X-Key:"), "");
}

struct WrongHeader {
  std::string_view line, says;
};

// Names: RFC 9110, section 5.6.2. Values: a line break would begin another header.
TEST(HeaderOption, RefusesWhatIsNoHeader) {
  using std::string_view_literals::operator""sv;
  const WrongHeader cases[] = {
      {"X-Key v", "colon"},
      {"", "colon"},
      {": v", "name"},
      {"X Key: v", "name"},
      {"X\x01Key: v", "name"},
      {"X-K\xc3\xa9y: v", "name"},
      {"X-Key: a\r\nX-Other: b", "line break"},
      {"X-Key: a\nb", "line break"},
      {"X-Key: a\0b"sv, "line break or NUL"},
      {"Content-Length: 3", "set by mcp-stdio itself"},
      {"transfer-encoding: chunked", "set by mcp-stdio itself"},
  };
  for (const auto& [line, says] : cases)
    EXPECT_THAT(parse_header(line, environment), FailsWith(ErrorKind::config, says)) << line;
}

TEST(HeaderOption, NeverShowsTheValueInAnError) {
  for (std::string_view line : {"X Key: hush", "hush", "X-Key: hush\nhush", "A: hush ${UNSET}"}) {
    const auto field = parse_header(line, environment);
    ASSERT_FALSE(field.has_value()) << line;
    EXPECT_THAT(field.error().message, testing::Not(testing::HasSubstr("hush")));
  }
}

TEST(HeaderOption, TakesValuesFromTheEnvironment) {
  EXPECT_EQ(value_of("A: Bearer ${TOKEN}"), "Bearer s3cret");
  EXPECT_EQ(value_of("A: ${TOKEN}-${TOKEN}"), "s3cret-s3cret");
  EXPECT_EQ(value_of("A: ${EMPTY}"), "");
  EXPECT_EQ(value_of("A: $TOKEN $ {TOKEN}"), "$TOKEN $ {TOKEN}");
}

TEST(HeaderOption, LeavesAnEscapedVariableAlone) {
  EXPECT_EQ(value_of("A: $${TOKEN}"), "${TOKEN}");
  EXPECT_EQ(value_of("A: ${DOLLAR}${TOKEN}"), "$s3cret");
}

TEST(HeaderOption, SaysWhichVariableIsNotSet) {
  EXPECT_THAT(parse_header("A: ${UNSET}", environment),
              FailsWith(ErrorKind::config, "environment variable UNSET is not set"));
  EXPECT_THAT(parse_header("A: ${TOKEN", environment), FailsWith(ErrorKind::config, "without }"));
}

TEST(HeaderOption, RefusesALineBreakThatComesFromTheEnvironment) {
  EXPECT_THAT(parse_header("A: ${EVIL}", environment), FailsWith(ErrorKind::config, "line break"));
}

TEST(HeaderFile, HasOneFieldALine) {
  const auto fields =
      parse_header_lines("# comment\n\nX-A: 1\r\n  X-B: ${TOKEN}\nx-a: 2", environment);
  ASSERT_TRUE(fields.has_value());
  ASSERT_EQ(fields->size(), 2u);
  EXPECT_EQ(fields->at(0).value.reveal(), "2");
  EXPECT_EQ(fields->at(1).value.reveal(), "s3cret");
}

TEST(HeaderFile, NamesTheWrongLine) {
  EXPECT_THAT(parse_header_lines("X-A: 1\n# c\nhush\n", environment),
              FailsWith(ErrorKind::config, "line 3: a header needs a colon"));
}

TEST(SetField, KeepsOneFieldPerNameWhateverItsCase) {
  std::vector<auth::CredentialField> fields;
  EXPECT_FALSE(set_field(fields, {.name = "Authorization", .value = Secret("a")}));
  EXPECT_TRUE(set_field(fields, {.name = "authorization", .value = Secret("b")}));
  ASSERT_EQ(fields.size(), 1u);
  EXPECT_EQ(fields[0].value.reveal(), "b");
}

}  // namespace
}  // namespace mcpio::cli
