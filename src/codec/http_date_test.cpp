// SPDX-License-Identifier: MIT
#include "codec/http_date.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace mcpio::codec {
namespace {

using namespace std::chrono;

constexpr WallTime at(int y, unsigned m, unsigned d, seconds time = seconds(0)) {
  return sys_days(year(y) / month(m) / day(d)) + time;
}

constexpr WallTime kNow = at(2026, 1, 31, hours(12));
constexpr WallTime kExample = at(1994, 11, 6, hours(8) + minutes(49) + seconds(37));

// RFC 9110, section 5.6.7.
TEST(HttpDate, IsReadInTheThreeFormsOfTheRfc) {
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT", kNow), kExample);
  EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT", kNow), kExample);
  EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994", kNow), kExample);
}

TEST(HttpDate, KnowsEveryMonthAndDay) {
  EXPECT_EQ(parse_http_date("Wed, 31 Dec 2025 23:59:59 GMT", kNow), at(2026, 1, 1) - seconds(1));
  EXPECT_EQ(parse_http_date("Thu, 29 Feb 2024 00:00:00 GMT", kNow), at(2024, 2, 29));
  EXPECT_EQ(parse_http_date("Saturday, 14-Mar-26 00:00:00 GMT", kNow), at(2026, 3, 14));
  EXPECT_EQ(parse_http_date("Fri Jun 12 01:02:03 2026", kNow),
            at(2026, 6, 12, hours(1) + minutes(2) + seconds(3)));
}

TEST(HttpDate, TakesALeapSecondForTheNextOne) {
  EXPECT_EQ(parse_http_date("Sat, 31 Dec 2016 23:59:60 GMT", kNow), at(2017, 1, 1));
}

// "... MUST interpret a timestamp that appears to be more than 50 years in the future as
// representing the most recent year in the past that had the same last two digits."
TEST(HttpDate, ReadsTwoDigitYearsAsTheRfcSays) {
  EXPECT_EQ(parse_http_date("Saturday, 31-Jan-26 00:00:00 GMT", kNow), at(2026, 1, 31));
  EXPECT_EQ(parse_http_date("Friday, 31-Jan-76 12:00:00 GMT", kNow), at(2076, 1, 31, hours(12)));
  EXPECT_EQ(parse_http_date("Friday, 31-Jan-76 12:00:01 GMT", kNow),
            at(1976, 1, 31, hours(12) + seconds(1)));
  EXPECT_EQ(parse_http_date("Monday, 01-Jan-77 00:00:00 GMT", kNow), at(1977, 1, 1));
  EXPECT_EQ(parse_http_date("Friday, 31-Dec-99 00:00:00 GMT", kNow), at(1999, 12, 31));
  EXPECT_EQ(parse_http_date("Thursday, 01-Jan-05 00:00:00 GMT", at(2099, 6, 1)), at(2105, 1, 1));
  EXPECT_EQ(parse_http_date("Thursday, 29-Feb-76 00:00:00 GMT", at(2024, 2, 29)), at(1976, 2, 29));
}

TEST(HttpDate, BeyondWhatAClockHoldsIsTheNearestItHolds) {
  const auto far = parse_http_date("Fri, 31 Dec 9999 23:59:59 GMT", kNow);
  ASSERT_TRUE(far.has_value());
  EXPECT_GT(*far, at(2262, 1, 1));
  const auto old = parse_http_date("Sat, 01 Jan 0000 00:00:00 GMT", kNow);
  ASSERT_TRUE(old.has_value());
  EXPECT_LT(*old, at(1678, 1, 1));
}

TEST(HttpDate, HasNoOtherForm) {
  for (const std::string_view text : {
           "",
           "0",
           "now",
           "Sun",
           "Sun, 06 Nov 1994 08:49:37",
           "Sun, 06 Nov 1994 08:49:37 UTC",
           "Sun, 06 Nov 1994 08:49:37 +0000",
           "Sun, 06 Nov 1994 08:49:37 GMT ",
           " Sun, 06 Nov 1994 08:49:37 GMT",
           "Sun, 6 Nov 1994 08:49:37 GMT",
           "Sun, 06 Nov 94 08:49:37 GMT",
           "Sun, 06 nov 1994 08:49:37 GMT",
           "sun, 06 Nov 1994 08:49:37 GMT",
           "Xyz, 06 Nov 1994 08:49:37 GMT",
           "Sun, 06 Nov 1994 24:00:00 GMT",
           "Sun, 06 Nov 1994 08:60:00 GMT",
           "Sun, 06 Nov 1994 08:49:61 GMT",
           "Sun, 30 Feb 2025 00:00:00 GMT",
           "Sat, 29 Feb 2025 00:00:00 GMT",
           "Sun, 00 Nov 1994 08:49:37 GMT",
           "Sun, 32 Jan 1994 08:49:37 GMT",
           "Sun, -6 Nov 1994 08:49:37 GMT",
           "Sun, 06 Nov 1994 8:49:37 GMT",
           "06 Nov 1994 08:49:37 GMT",
           "Sun, 06-Nov-94 08:49:37 GMT",
           "Sunday, 06-Nov-1994 08:49:37 GMT",
           "Sunday, 30-Feb-94 08:49:37 GMT",
           "Sun Nov 6 08:49:37 1994",
           "Sun Nov 06 08:49:37 94",
           "Sun Nov  6 08:49:37 1994 GMT",
           "1994-11-06T08:49:37Z",
       }) {
    EXPECT_EQ(parse_http_date(text, kNow), std::nullopt) << text;
  }
}

TEST(HttpDate, DoesNotReadBeyondATextCutShort) {
  for (const std::string whole : {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
                                  "Sun Nov  6 08:49:37 1994"}) {
    for (std::size_t size = 0; size < whole.size(); ++size)
      EXPECT_EQ(parse_http_date(std::string_view(whole).substr(0, size), kNow), std::nullopt);
  }
}

}  // namespace
}  // namespace mcpio::codec
