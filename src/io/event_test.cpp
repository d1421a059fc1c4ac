// SPDX-License-Identifier: MIT
#include "io/event.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <vector>

#include "io/task_scope.h"
#include "support/result_matchers.h"
#include "support/run.h"

namespace mcpio::io {
namespace {

using testing::ElementsAre;

class EventTest : public testing::Test {
 protected:
  void TearDown() override {
    tasks_.cancel();
    test::run(loop_, tasks_.join());
  }
  void turn() {
    loop_.restart();
    loop_.poll();
  }
  awaitable<Result<void>> wait() {
    woken_.push_back(co_await event_.wait());
    co_return ok();
  }
  awaitable<Result<void>> wait_twice() {
    woken_.push_back(co_await event_.wait());
    woken_.push_back(co_await other_.wait());
    co_await asio::this_coro::reset_cancellation_state();
    woken_.push_back(co_await other_.wait());
    co_return ok();
  }
  void start(awaitable<Result<void>> task) { tasks_.spawn("a waiter", std::move(task)); }

  asio::io_context loop_{1};
  Event event_{loop_.get_executor()}, other_{loop_.get_executor()};
  TaskScope tasks_{loop_.get_executor()};
  std::vector<bool> woken_;
};

TEST_F(EventTest, WakesEverybodyWhoWaits) {
  for (int i = 0; i < 3; ++i) start(wait());
  turn();
  EXPECT_THAT(woken_, ElementsAre());
  event_.set();
  turn();
  EXPECT_THAT(woken_, ElementsAre(true, true, true));
}

TEST_F(EventTest, StaysSet) {
  event_.set();
  EXPECT_TRUE(event_.is_set());
  for (int i = 0; i < 2; ++i) start(wait());
  turn();
  EXPECT_THAT(woken_, ElementsAre(true, true));
}

TEST_F(EventTest, CanBeResetAndSetAgain) {
  event_.set();
  event_.reset();
  EXPECT_FALSE(event_.is_set());
  start(wait());
  turn();
  EXPECT_THAT(woken_, ElementsAre());
  event_.set();
  turn();
  EXPECT_THAT(woken_, ElementsAre(true));
}

TEST_F(EventTest, SaysWhenTheWaitWasCancelled) {
  start(wait());
  turn();
  tasks_.cancel();
  turn();
  EXPECT_THAT(woken_, ElementsAre(false));
}

// A cancellation that came while nobody waited is not lost; clean-up says that it has seen it.
TEST_F(EventTest, CanBeWaitedForAfterACancellation) {
  start(wait_twice());
  turn();
  tasks_.cancel();
  turn();
  EXPECT_THAT(woken_, ElementsAre(false, false));
  other_.set();
  turn();
  EXPECT_THAT(woken_, ElementsAre(false, false, true));
}

// Somebody who was woken may find it reset by another one; he waits on.
TEST_F(EventTest, IsWaitedForUntilItIsSetWhenItIsReset) {
  start(wait());
  turn();
  event_.set();
  event_.reset();
  turn();
  EXPECT_THAT(woken_, ElementsAre());
  event_.set();
  turn();
  EXPECT_THAT(woken_, ElementsAre(true));
}

TEST_F(EventTest, UntilIsAResult) {
  event_.set();
  EXPECT_THAT(test::run(loop_, until(event_)), test::IsOk());
}

}  // namespace
}  // namespace mcpio::io
