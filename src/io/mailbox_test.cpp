// SPDX-License-Identifier: MIT
#include "io/mailbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <vector>

#include "io/task_scope.h"
#include "support/run.h"

namespace mcpio::io {
namespace {

using testing::ElementsAre;

class MailboxTest : public testing::Test {
 protected:
  void TearDown() override {
    tasks_.cancel();
    test::run(loop_, tasks_.join());
  }
  void turn() {
    loop_.restart();
    loop_.poll();
  }
  awaitable<Result<void>> put(int item) {
    const bool taken = co_await box_.put(item);
    log_.push_back("put " + std::to_string(item) + (taken ? "" : " refused"));
    co_return ok();
  }
  awaitable<Result<void>> take() {
    auto item = co_await box_.take();
    log_.push_back(item ? "took " + std::to_string(*item) : "took nothing");
    co_return ok();
  }
  TaskScope::Canceller start(awaitable<Result<void>> task) {
    auto canceller = tasks_.spawn("somebody", std::move(task));
    turn();
    return canceller;
  }
  void cancel(const TaskScope::Canceller& canceller) {
    canceller.lock()->emit(asio::cancellation_type::terminal);
    turn();
  }

  asio::io_context loop_{1};
  Mailbox<int> box_{loop_.get_executor(), 2};
  TaskScope tasks_{loop_.get_executor()};
  std::vector<std::string> log_;
};

TEST_F(MailboxTest, KeepsTheOrder) {
  EXPECT_TRUE(box_.try_put(1));
  EXPECT_TRUE(box_.try_put(2));
  start(take());
  start(take());
  EXPECT_THAT(log_, ElementsAre("took 1", "took 2"));
}

TEST_F(MailboxTest, TakesNoMoreThanItsBound) {
  EXPECT_TRUE(box_.try_put(1));
  EXPECT_TRUE(box_.try_put(2));
  EXPECT_FALSE(box_.try_put(3));
  start(take());
  EXPECT_TRUE(box_.try_put(4));
  start(take());
  start(take());
  EXPECT_THAT(log_, ElementsAre("took 1", "took 2", "took 4"));
}

TEST_F(MailboxTest, MakesAPutterWaitForRoom) {
  for (int item = 1; item <= 4; ++item) start(put(item));
  EXPECT_THAT(log_, ElementsAre("put 1", "put 2"));
  start(take());
  EXPECT_THAT(log_, ElementsAre("put 1", "put 2", "took 1", "put 3"));
  start(take());
  EXPECT_EQ(log_.back(), "put 4");
}

TEST_F(MailboxTest, MakesATakerWait) {
  start(take());
  EXPECT_THAT(log_, ElementsAre());
  EXPECT_TRUE(box_.try_put(7));
  turn();
  EXPECT_THAT(log_, ElementsAre("took 7"));
}

// What experimental::channel of Boost 1.81 gets wrong.
TEST_F(MailboxTest, LosesNothingWhenATakerIsCancelled) {
  cancel(start(take()));
  EXPECT_TRUE(box_.try_put(1));
  EXPECT_TRUE(box_.try_put(2));
  start(take());
  start(take());
  EXPECT_THAT(log_, ElementsAre("took nothing", "took 1", "took 2"));
}

TEST_F(MailboxTest, LosesNothingWhenAPutterIsCancelled) {
  start(put(1));
  start(put(2));
  cancel(start(put(3)));
  start(put(4));
  for (int i = 0; i < 3; ++i) start(take());
  EXPECT_THAT(
      log_, ElementsAre("put 1", "put 2", "put 3 refused", "took 1", "put 4", "took 2", "took 4"));
}

TEST_F(MailboxTest, CanBeEmptiedAfterItIsClosed) {
  EXPECT_TRUE(box_.try_put(1));
  box_.close();
  EXPECT_FALSE(box_.try_put(2));
  start(put(3));
  start(take());
  start(take());
  EXPECT_THAT(log_, ElementsAre("put 3 refused", "took 1", "took nothing"));
}

TEST_F(MailboxTest, WakesWhoeverWaitsWhenItIsClosed) {
  start(take());
  box_.close();
  turn();
  EXPECT_THAT(log_, ElementsAre("took nothing"));

  Mailbox<int> full(loop_.get_executor(), 1);
  EXPECT_TRUE(full.try_put(1));
  bool refused = false;
  tasks_.spawn("a putter", [](Mailbox<int>* box, bool* out) -> awaitable<Result<void>> {
    const bool taken = co_await box->put(2);
    *out = !taken;
    co_return ok();
  }(&full, &refused));
  turn();
  full.close();
  turn();
  EXPECT_TRUE(refused);
}

TEST(Mailbox, HoldsThingsThatCannotBeCopied) {
  asio::io_context loop(1);
  Mailbox<std::unique_ptr<int>> box(loop.get_executor(), 1);
  EXPECT_TRUE(box.try_put(std::make_unique<int>(7)));
  auto item = test::run(loop, box.take());
  ASSERT_TRUE(item);
  EXPECT_EQ(**item, 7);
}

}  // namespace
}  // namespace mcpio::io
