// SPDX-License-Identifier: MIT
#include "io/task_scope.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <string>
#include <vector>

#include "support/run.h"

namespace mcpio::io {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

class TaskScopeTest : public testing::Test {
 protected:
  void turn() {
    loop_.restart();
    loop_.poll();
  }

  awaitable<Result<void>> note(std::string name) {
    log_.push_back(std::move(name));
    co_return ok();
  }
  // Waits until `go_`; says how the wait ended.
  awaitable<Result<void>> wait(std::string name) {
    const bool went = co_await go_.wait();
    log_.push_back(name + (went ? " went" : " cancelled"));
    co_return ok();
  }
  // Needs another wait for its clean-up once it is cancelled.
  awaitable<Result<void>> wait_and_clean_up(std::string name) {
    (void)co_await go_.wait();
    log_.push_back(name + " cleans up");
    co_await asio::this_coro::reset_cancellation_state();
    (void)co_await cleaned_.wait();
    log_.push_back(name + " is clean");
    co_return fail(ErrorKind::cancelled, "cancelled");
  }
  awaitable<Result<void>> fail_with(ErrorKind kind) { co_return fail(kind, "no"); }
  awaitable<Result<void>> spawn_another(TaskScope* scope) {
    scope->spawn("inner", wait("inner"));
    co_return ok();
  }
  awaitable<Result<void>> join(TaskScope* scope) {
    co_await scope->join();
    log_.push_back("joined");
    co_return ok();
  }
  awaitable<void> spawn_and_cancel(TaskScope* scope) {
    scope->spawn("a", wait("a"));
    scope->cancel();
    co_await scope->join();
  }

  asio::io_context loop_{1};
  Event go_{loop_.get_executor()}, cleaned_{loop_.get_executor()};
  std::vector<std::string> log_;
};

TEST_F(TaskScopeTest, RunsItsChildrenSideBySide) {
  TaskScope scope(loop_.get_executor());
  scope.spawn("a", wait("a"));
  scope.spawn("b", note("b"));
  turn();
  EXPECT_THAT(log_, ElementsAre("b"));
  EXPECT_EQ(scope.size(), 1u);
  go_.set();
  test::run(loop_, scope.join());
  EXPECT_THAT(log_, ElementsAre("b", "a went"));
  EXPECT_TRUE(scope.empty());
}

TEST_F(TaskScopeTest, CancelsAllItsChildren) {
  TaskScope scope(loop_.get_executor());
  scope.spawn("a", wait("a"));
  scope.spawn("b", wait("b"));
  turn();
  scope.cancel();
  test::run(loop_, scope.join());
  EXPECT_THAT(log_, UnorderedElementsAre("a cancelled", "b cancelled"));
}

TEST_F(TaskScopeTest, CancelsOneChildByItsCanceller) {
  TaskScope scope(loop_.get_executor());
  auto a = scope.spawn("a", wait("a"));
  scope.spawn("b", wait("b"));
  turn();
  a.lock()->emit(asio::cancellation_type::terminal);
  turn();
  EXPECT_THAT(log_, ElementsAre("a cancelled"));
  EXPECT_TRUE(a.expired());
  go_.set();
  test::run(loop_, scope.join());
}

TEST_F(TaskScopeTest, LetsTheCancellerExpireWithTheChild) {
  TaskScope scope(loop_.get_executor());
  auto canceller = scope.spawn("a", note("a"));
  turn();
  EXPECT_TRUE(canceller.expired());
}

TEST_F(TaskScopeTest, JoinsOnlyWhenTheLastChildHasEnded) {
  TaskScope scope(loop_.get_executor()), other(loop_.get_executor());
  scope.spawn("a", wait("a"));
  other.spawn("join", join(&scope));
  turn();
  EXPECT_THAT(log_, ElementsAre());
  go_.set();
  turn();
  EXPECT_THAT(log_, ElementsAre("a went", "joined"));
}

TEST_F(TaskScopeTest, JoinsAtOnceWhenItIsEmpty) {
  TaskScope scope(loop_.get_executor());
  test::run(loop_, scope.join());
  scope.spawn("a", note("a"));
  turn();
  test::run(loop_, scope.join());
}

TEST_F(TaskScopeTest, LetsACancelledChildCleanUp) {
  TaskScope scope(loop_.get_executor()), other(loop_.get_executor());
  scope.spawn("a", wait_and_clean_up("a"));
  turn();
  scope.cancel();
  other.spawn("join", join(&scope));
  turn();
  EXPECT_THAT(log_, ElementsAre("a cleans up"));
  cleaned_.set();
  turn();
  EXPECT_THAT(log_, ElementsAre("a cleans up", "a is clean", "joined"));
}

TEST_F(TaskScopeTest, JoinsEvenWhenTheJoinerIsCancelled) {
  TaskScope scope(loop_.get_executor()), other(loop_.get_executor());
  scope.spawn("a", wait("a"));
  other.spawn("join", join(&scope));
  turn();
  other.cancel();
  turn();
  EXPECT_THAT(log_, ElementsAre());
  go_.set();
  turn();
  EXPECT_THAT(log_, ElementsAre("a went", "joined"));
}

TEST_F(TaskScopeTest, OutlivesAChildThatFails) {
  TaskScope scope(loop_.get_executor());
  scope.spawn("a", fail_with(ErrorKind::network));
  scope.spawn("b", fail_with(ErrorKind::cancelled));
  scope.spawn("c", note("c"));
  test::run(loop_, scope.join());
  EXPECT_THAT(log_, ElementsAre("c"));
}

TEST_F(TaskScopeTest, TakesChildrenOfItsChildren) {
  TaskScope scope(loop_.get_executor());
  scope.spawn("outer", spawn_another(&scope));
  turn();
  EXPECT_EQ(scope.size(), 1u);
  scope.cancel();
  test::run(loop_, scope.join());
  EXPECT_THAT(log_, ElementsAre("inner cancelled"));
}

TEST_F(TaskScopeTest, CancelsAChildThatWasSpawnedJustBefore) {
  TaskScope scope(loop_.get_executor());
  test::run(loop_, spawn_and_cancel(&scope));
  EXPECT_THAT(log_, ElementsAre("a cancelled"));
}

// Before the loop runs nothing has begun: such a child ends without an exception.
TEST_F(TaskScopeTest, CancelsAChildThatHasNotBegun) {
  TaskScope scope(loop_.get_executor());
  scope.spawn("a", wait("a"));
  scope.cancel();
  EXPECT_NO_THROW(turn());
  EXPECT_TRUE(scope.empty());
}

TEST_F(TaskScopeTest, CanBeUsedAgainAfterwards) {
  TaskScope scope(loop_.get_executor());
  scope.cancel();
  scope.spawn("a", wait("a"));
  turn();
  EXPECT_EQ(scope.size(), 1u);
  go_.set();
  test::run(loop_, scope.join());
  EXPECT_THAT(log_, ElementsAre("a went"));
}

}  // namespace
}  // namespace mcpio::io
