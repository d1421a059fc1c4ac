// SPDX-License-Identifier: MIT
#include "io/deadline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "io/event.h"
#include "io/pause.h"
#include "io/task_scope.h"
#include "support/result_matchers.h"
#include "support/run.h"

namespace mcpio::io {
namespace {

using std::chrono::milliseconds;
using test::FailsWith;
using test::HoldsOk;
using testing::ElementsAre;

class DeadlineTest : public testing::Test {
 protected:
  void TearDown() override {
    tasks_.cancel();
    test::run(loop_, tasks_.join());
  }
  void turn() {
    loop_.restart();
    loop_.poll();
  }

  awaitable<Result<int>> value() { co_return 7; }
  awaitable<Result<int>> failure() { co_return fail(ErrorKind::network, "broken"); }
  // Waits for `go_`; when cancelled, for `cleaned_` before it returns.
  awaitable<Result<int>> wait() {
    const bool went = co_await go_.wait();
    if (went) co_return 7;
    log_.push_back("cancelled");
    co_await asio::this_coro::reset_cancellation_state();
    (void)co_await cleaned_.wait();
    log_.push_back("clean");
    co_return fail(ErrorKind::cancelled, "cancelled");
  }
  awaitable<Result<void>> wait_within(milliseconds limit) {
    auto result = co_await with_deadline(limit, wait());
    log_.push_back(result ? "value" : std::string(kind_name(result.error().kind)));
    co_return ok();
  }

  asio::io_context loop_{1};
  Event go_{loop_.get_executor()}, cleaned_{loop_.get_executor()};
  TaskScope tasks_{loop_.get_executor()};
  std::vector<std::string> log_;
};

TEST_F(DeadlineTest, GivesTheValueOfAnOperationInTime) {
  EXPECT_THAT(test::run(loop_, with_deadline(test::kPatience, value())), HoldsOk(7));
}

TEST_F(DeadlineTest, GivesTheFailureOfAnOperationInTime) {
  EXPECT_THAT(test::run(loop_, with_deadline(test::kPatience, failure())),
              FailsWith(ErrorKind::network, "broken"));
}

TEST_F(DeadlineTest, FailsWhenTheTimeIsOver) {
  cleaned_.set();
  EXPECT_THAT(test::run(loop_, with_deadline(milliseconds(1), wait())),
              FailsWith(ErrorKind::timed_out, "time"));
  EXPECT_THAT(log_, ElementsAre("cancelled", "clean"));
}

TEST_F(DeadlineTest, TakesNoTimeAtAll) {
  cleaned_.set();
  EXPECT_THAT(test::run(loop_, with_deadline(milliseconds(0), wait())),
              FailsWith(ErrorKind::timed_out, ""));
}

// Style, A5: otherwise the clean-up that tells the server would never be sent.
TEST_F(DeadlineTest, WaitsUntilTheOperationHasCleanedUp) {
  tasks_.spawn("with a deadline", wait_within(milliseconds(1)));
  const auto until = std::chrono::steady_clock::now() + test::kPatience;
  loop_.restart();
  while (log_.empty() && loop_.run_one_until(until) > 0) {
  }
  turn();
  EXPECT_THAT(log_, ElementsAre("cancelled"));
  cleaned_.set();
  turn();
  EXPECT_THAT(log_, ElementsAre("cancelled", "clean", "timed_out"));
}

// Who cancels from outside must be able to tell it from a deadline.
TEST_F(DeadlineTest, IsCancelledFromOutside) {
  tasks_.spawn("with a deadline", wait_within(test::kPatience));
  turn();
  tasks_.cancel();
  turn();
  EXPECT_THAT(log_, ElementsAre("cancelled"));
  cleaned_.set();
  turn();
  EXPECT_THAT(log_, ElementsAre("cancelled", "clean", "cancelled"));
}

TEST_F(DeadlineTest, IsCancelledFromOutsideWhenTheOperationEndsAtOnce) {
  cleaned_.set();
  tasks_.spawn("with a deadline", wait_within(test::kPatience));
  turn();
  tasks_.cancel();
  turn();
  EXPECT_THAT(log_, ElementsAre("cancelled", "clean", "cancelled"));
}

class PauseTest : public DeadlineTest {
 protected:
  awaitable<Result<void>> rest(std::chrono::nanoseconds time) {
    const bool rested = co_await pause(time);
    log_.push_back(rested ? "rested" : "cancelled");
    co_return ok();
  }
  awaitable<Result<void>> rest_twice() {
    auto first = co_await rest(test::kPatience);
    if (!first) co_return first;
    co_return co_await rest(test::kPatience);
  }
};

// A loop that goes on after a cancellation must not rest once more.
TEST_F(PauseTest, IsNotBegunAfterACancellation) {
  tasks_.spawn("two pauses", rest_twice());
  turn();
  tasks_.cancel();
  turn();
  EXPECT_THAT(log_, ElementsAre("cancelled", "cancelled"));
}

TEST_F(PauseTest, EndsByItself) { EXPECT_TRUE(test::run(loop_, pause(milliseconds(1)))); }

TEST_F(PauseTest, SaysWhenItWasCancelled) {
  tasks_.spawn("a pause", rest(test::kPatience));
  turn();
  tasks_.cancel();
  turn();
  EXPECT_THAT(log_, ElementsAre("cancelled"));
}

}  // namespace
}  // namespace mcpio::io
