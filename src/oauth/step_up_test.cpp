// SPDX-License-Identifier: MIT
#include "oauth/step_up.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/limits.h"
#include "support/result_matchers.h"

namespace mcpio::oauth {
namespace {

using test::FailsWith;
using test::HoldsOk;
using test::IsOk;
using testing::Eq;

TEST(StepUps, AskForWhatWasGrantedAndWhatIsWanted) {
  StepUps step_ups;
  EXPECT_THAT(step_ups.next("tools/call a", "mcp:basic", "mcp:write"),
              HoldsOk(Eq("mcp:basic mcp:write")));
}

TEST(StepUps, AskForNothingThatTheTokenHas) {
  StepUps step_ups;
  EXPECT_THAT(step_ups.next("tools/call a", "x y", "y,x"),
              FailsWith(ErrorKind::rejected, "already has"));
  EXPECT_THAT(step_ups.next("tools/call a", "x", ""),
              FailsWith(ErrorKind::rejected, "tools/call a"));
}

TEST(StepUps, AskOncePerOperationAndScopeSet) {
  StepUps step_ups;
  EXPECT_THAT(step_ups.next("tools/call a", "x", "y"), IsOk());
  EXPECT_THAT(step_ups.next("tools/call a", "x", "y x"),
              FailsWith(ErrorKind::rejected, "not brought"));
  EXPECT_THAT(step_ups.next("tools/call b", "x", "y"), IsOk());
}

TEST(StepUps, AskAgainForWhatARefreshHasLost) {
  StepUps step_ups;
  EXPECT_THAT(step_ups.next("tools/call a", "x", "y"), HoldsOk(Eq("x y")));
  step_ups.brought("tools/call a", "y x");
  EXPECT_THAT(step_ups.next("tools/call a", "x y", "y"),
              FailsWith(ErrorKind::rejected, "already has"));
  EXPECT_THAT(step_ups.next("tools/call a", "x", "y"), HoldsOk(Eq("x y")));
  step_ups.brought("tools/call a", "x");  // a lesser token is no reason to ask for ever
  EXPECT_THAT(step_ups.next("tools/call a", "x", "y"),
              FailsWith(ErrorKind::rejected, "not brought"));
  step_ups.brought("tools/call b", "x");
  EXPECT_THAT(step_ups.next("tools/call b", "x", "y"), IsOk());
}

// Three authorizations in all, the login included (the conformance suite's scope-retry-limit).
TEST(StepUps, EndAfterTwoForOneOperation) {
  StepUps step_ups;
  EXPECT_THAT(step_ups.next("tools/call a", "x", "1"), IsOk());
  EXPECT_THAT(step_ups.next("tools/call a", "x 1", "2"), IsOk());
  EXPECT_THAT(step_ups.next("tools/call a", "x 1 2", "3"),
              FailsWith(ErrorKind::rejected, "after 2 logins"));
  EXPECT_THAT(step_ups.next("tools/call b", "x 1 2", "3"), IsOk());
}

TEST(StepUps, HoldNotMoreThanTheirBounds) {
  StepUps step_ups;
  for (std::size_t i = 0; i < limits::kStepUpOperations; ++i)
    EXPECT_THAT(step_ups.next("tools/call " + std::to_string(i), "x", "y"), IsOk());
  EXPECT_THAT(step_ups.next("tools/call more", "x", "y"),
              FailsWith(ErrorKind::rejected, "too many"));
  EXPECT_THAT(step_ups.next("tools/call 0", "x", "z"), IsOk());
  EXPECT_THAT(step_ups.next("tools/call 1", "", std::string(limits::kScopeBytes + 1, 'y')),
              FailsWith(ErrorKind::rejected, "more than can be asked for"));
}

}  // namespace
}  // namespace mcpio::oauth
