// SPDX-License-Identifier: MIT
#include "base/limited_warnings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "base/limits.h"

namespace mcpio::log {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

std::string log_of(int warnings) {
  testing::internal::CaptureStderr();
  {
    LimitedWarnings limited("the stream");
    for (int i = 1; i <= warnings; ++i) limited.write("bad event {}.", i);
  }
  return testing::internal::GetCapturedStderr();
}

auto lines(const std::string& log) { return std::count(log.begin(), log.end(), '\n'); }

TEST(LimitedWarnings, ShowTheFirstFew) {
  const std::string log = log_of(limits::kWarningsPerStream);
  EXPECT_EQ(lines(log), limits::kWarningsPerStream);
  EXPECT_THAT(log, HasSubstr("bad event 1."));
  EXPECT_THAT(log, Not(HasSubstr("not shown")));
}

TEST(LimitedWarnings, ThenSayThatTheyStopAndHowManyThereWere) {
  const std::string log = log_of(limits::kWarningsPerStream + 1000);
  EXPECT_EQ(lines(log), limits::kWarningsPerStream + 2);
  EXPECT_THAT(log, HasSubstr("the stream: further warnings are not shown\n"));
  EXPECT_THAT(log, EndsWith("the stream: 1000 more warnings were not shown\n"));
}

TEST(LimitedWarnings, SayNothingIfThereWereNone) { EXPECT_EQ(log_of(0), ""); }

}  // namespace
}  // namespace mcpio::log
