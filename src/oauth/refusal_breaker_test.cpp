// SPDX-License-Identifier: MIT
#include "oauth/refusal_breaker.h"

#include <gmock/gmock.h>

#include "support/result_matchers.h"

namespace mcpio::oauth {
namespace {

using std::chrono::seconds;
using test::FailsWith;
using test::IsOk;

class RefusalBreakerTest : public testing::Test {
 protected:
  // A token is issued, and refused after a while.
  Result<void> issue_and_refuse(seconds after) {
    breaker_.issued(now_);
    now_ += after;
    return breaker_.refused(++generation_, now_);
  }

  RefusalBreaker breaker_;
  SteadyTime now_{};
  int generation_ = 0;
};

TEST_F(RefusalBreakerTest, AStoredTokenThatIsRefusedIsNothing) {
  for (int generation = 1; generation < 5; ++generation)
    EXPECT_THAT(breaker_.refused(generation, now_), IsOk());
}

TEST_F(RefusalBreakerTest, OpensAtTheSecondTokenThatIsRefusedAtOnce) {
  EXPECT_THAT(issue_and_refuse(seconds(1)), IsOk());
  EXPECT_THAT(issue_and_refuse(seconds(1)), FailsWith(ErrorKind::unauthorized, "audience"));
  EXPECT_THAT(breaker_.refused(generation_, now_ + seconds(30)),
              FailsWith(ErrorKind::unauthorized, "just issued"));
}

TEST_F(RefusalBreakerTest, TokensThatLastedBeginTheCountAnew) {
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(issue_and_refuse(seconds(1)), IsOk());
    EXPECT_THAT(issue_and_refuse(seconds(600)), IsOk());
  }
}

TEST_F(RefusalBreakerTest, ManyRequestsWithOneTokenCountOnce) {
  EXPECT_THAT(issue_and_refuse(seconds(1)), IsOk());
  for (int i = 0; i < 5; ++i) EXPECT_THAT(breaker_.refused(generation_, now_), IsOk());
}

TEST_F(RefusalBreakerTest, ClosesAfterAMinute) {
  ASSERT_THAT(issue_and_refuse(seconds(1)), IsOk());
  ASSERT_THAT(issue_and_refuse(seconds(1)), FailsWith(ErrorKind::unauthorized, "just issued"));
  now_ += seconds(61);
  EXPECT_THAT(breaker_.refused(generation_, now_), IsOk());
  EXPECT_THAT(issue_and_refuse(seconds(1)), IsOk());
  EXPECT_THAT(issue_and_refuse(seconds(1)), FailsWith(ErrorKind::unauthorized, "just issued"));
}

}  // namespace
}  // namespace mcpio::oauth
