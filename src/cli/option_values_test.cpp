// SPDX-License-Identifier: MIT
#include "cli/option_values.h"

#include <gmock/gmock.h>

#include "support/result_matchers.h"

namespace mcpio::cli {
namespace {

using std::chrono::milliseconds;
using test::FailsWith;
using test::HoldsOk;
using testing::Optional;

TEST(ParseSwitch, KnowsTheUsualWords) {
  for (std::string_view yes : {"1", "true", "yes", "on", "TRUE", "On"})
    EXPECT_THAT(parse_switch(yes), Optional(true)) << yes;
  for (std::string_view no : {"", "0", "false", "no", "off", "OFF"})
    EXPECT_THAT(parse_switch(no), Optional(false)) << no;
  for (std::string_view neither : {"2", "y", "maybe", " yes"})
    EXPECT_EQ(parse_switch(neither), std::nullopt) << neither;
}

TEST(ParseSeconds, TakesWholeNumbersAndFractions) {
  EXPECT_THAT(parse_seconds("10"), HoldsOk(milliseconds(10'000)));
  EXPECT_THAT(parse_seconds("0.5"), HoldsOk(milliseconds(500)));
  EXPECT_THAT(parse_seconds("1e3"), HoldsOk(milliseconds(1'000'000)));
  EXPECT_THAT(parse_seconds("0"), HoldsOk(milliseconds(0)));
}

TEST(ParseSeconds, MakesNoZeroOfAnythingElse) {
  EXPECT_THAT(parse_seconds("0.0001"), HoldsOk(milliseconds(1)));
}

TEST(ParseSeconds, RefusesWhatIsNoDuration) {
  for (std::string_view wrong : {"", "-1", "nan", "inf", "-inf", "ten", "10s", " 10", "1e300"})
    EXPECT_THAT(parse_seconds(wrong), FailsWith(ErrorKind::config, "not a number of seconds"))
        << wrong;
}

TEST(ParseSecondsAboveZero, RefusesZeroToo) {
  EXPECT_THAT(parse_seconds_above_zero("0"), FailsWith(ErrorKind::config, "above 0"));
  EXPECT_THAT(parse_seconds_above_zero("0.1"), HoldsOk(milliseconds(100)));
}

TEST(ParseBytes, TakesNumbersAndUnits) {
  constexpr std::size_t kMiB = 1024 * 1024;
  EXPECT_THAT(parse_bytes("10485760"), HoldsOk(10 * kMiB));
  EXPECT_THAT(parse_bytes("0"), HoldsOk(0u));
  for (std::string_view same : {"64M", "64m", "64MiB", "64mib", "65536K", "65536KiB", "67108864B"})
    EXPECT_THAT(parse_bytes(same), HoldsOk(64 * kMiB)) << same;
  EXPECT_THAT(parse_bytes("1G"), HoldsOk(1024 * kMiB));
  EXPECT_THAT(parse_bytes("1GiB"), HoldsOk(1024 * kMiB));
}

TEST(ParseBytes, RefusesWhatIsNoSize) {
  for (std::string_view wrong : {"", "M", "-1", "1.5M", "64 M", "64MB ", "64T",
                                 "18446744073709551616", "18446744073709551615K", "ten"})
    EXPECT_THAT(parse_bytes(wrong), FailsWith(ErrorKind::config, "not a size")) << wrong;
}

}  // namespace
}  // namespace mcpio::cli
