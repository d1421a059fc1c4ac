// SPDX-License-Identifier: MIT
#include "codec/retry_after.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace mcpio::codec {
namespace {

using namespace std::chrono;

// Sat, 31 Jan 2026 12:00:00 GMT
constexpr WallTime kNow = sys_days(year(2026) / 1 / 31) + hours(12);

struct Case {
  std::string_view name, value;
  std::optional<double> seconds;
};

class RetryAfter : public testing::TestWithParam<Case> {};

TEST_P(RetryAfter, IsReadInSeconds) {
  const auto seconds = parse_retry_after(GetParam().value, kNow);
  EXPECT_EQ(seconds, GetParam().seconds);
}

const Case kCases[] = {
    {"Seconds", "120", 120},
    {"OneSecond", "1", 1},
    {"Padded", " \t7 \t", 7},
    {"LeadingZeros", "007", 7},
    {"Empty", "", std::nullopt},
    {"Zero", "0", 0},
    {"Fraction", "1.5", 1.5},
    {"SmallFraction", "0.25", 0.25},
    {"Exponent", "1e1", 10},
    {"Negative", "-5", 0},
    {"NegativeFraction", "-0.5", 0},
    {"NegativeZero", "-0", 0},
    {"WhiteSpace", " \t ", std::nullopt},
    {"Garbage", "soon", std::nullopt},
    {"Nan", "nan", std::nullopt},
    {"NanInCapitals", "NaN", std::nullopt},
    {"Infinity", "inf", std::nullopt},
    {"NegativeInfinity", "-infinity", std::nullopt},
    {"BeyondADouble", "1e999", std::nullopt},
    {"TextBehind", "5s", std::nullopt},
    {"TwoNumbers", "5 6", std::nullopt},
    {"TwoPoints", "1.2.3", std::nullopt},
    {"DecimalComma", "1,5", std::nullopt},
    {"Hexadecimal", "0x10", std::nullopt},
    {"Grouped", "1_000", std::nullopt},
    {"Sign", "-", std::nullopt},
    {"Point", ".", std::nullopt},
    {"Nul", std::string_view("5\0", 2), std::nullopt},
    {"ImfFixdate", "Sat, 31 Jan 2026 12:00:30 GMT", 30},
    {"Rfc850", "Saturday, 31-Jan-26 12:01:00 GMT", 60},
    {"Asctime", "Sat Jan 31 12:00:01 2026", 1},
    {"PaddedDate", " Sat, 31 Jan 2026 12:00:30 GMT ", 30},
    {"Now", "Sat, 31 Jan 2026 12:00:00 GMT", 0},
    {"Past", "Sat, 31 Jan 2026 11:59:59 GMT", 0},
    {"LongPast", "Thu, 01 Jan 0001 00:00:00 GMT", 0},
    {"NoSuchDay", "Sat, 31 Feb 2026 12:00:30 GMT", std::nullopt},
    {"IsoDate", "2026-01-31T12:00:30Z", std::nullopt},
    {"ExactlySixty", "60", 60},
    {"JustAboveSixty", "60.001", 60.001},
    {"ADay", "86400", 86400},
};
INSTANTIATE_TEST_SUITE_P(Value, RetryAfter, testing::ValuesIn(kCases),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(RetryAfterDate, CountsFromThisVeryMoment) {
  const auto wait = parse_retry_after("Sat, 31 Jan 2026 12:00:01 GMT", kNow + milliseconds(750));
  ASSERT_TRUE(wait.has_value());
  EXPECT_NEAR(*wait, 0.25, 1e-6);
}

TEST(RetryAfterDate, HoldsTheDistanceOfFarDates) {
  const auto far = parse_retry_after("Fri, 31 Dec 9999 23:59:59 GMT", kNow);
  ASSERT_TRUE(far.has_value());
  EXPECT_GT(*far, 200.0 * 365 * 86400);
  const auto farther = parse_retry_after("Fri, 31 Dec 9999 23:59:59 GMT", WallTime::min());
  ASSERT_TRUE(farther.has_value());
  EXPECT_GT(*farther, 500.0 * 365 * 86400);
  EXPECT_EQ(parse_retry_after("Thu, 01 Jan 0001 00:00:00 GMT", WallTime::max()), 0);
}

}  // namespace
}  // namespace mcpio::codec
