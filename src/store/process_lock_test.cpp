// SPDX-License-Identifier: MIT
#include "store/process_lock.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "store/folder_fixture.h"

namespace mcpio::store {
namespace {

TEST(ProcessLock, IsHeldByOneAtATime) {
  const TemporaryFolder folder;
  auto first = ProcessLock::try_take(folder / "locks/a.lock");
  ASSERT_TRUE(first);
  EXPECT_FALSE(ProcessLock::try_take(folder / "locks/a.lock"));
  EXPECT_TRUE(ProcessLock::try_take(folder / "locks/b.lock"));
  first.reset();
  EXPECT_TRUE(ProcessLock::try_take(folder / "locks/a.lock"));
}

TEST(ProcessLock, IsNothingWhereNobodyElseComes) {
  const auto first = ProcessLock::try_take({});
  const auto second = ProcessLock::try_take({});
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->descriptor(), -1);
}

TEST(ProcessLock, IsLetGoByAProcessThatDies) {
  const TemporaryFolder folder;
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto lock = ProcessLock::try_take(folder / "a.lock");
    (void)!::write(ready[1], lock ? "y" : "n", 1);
    for (;;) ::pause();
  }
  char taken = 0;
  ASSERT_EQ(::read(ready[0], &taken, 1), 1);
  EXPECT_EQ(taken, 'y');
  EXPECT_FALSE(ProcessLock::try_take(folder / "a.lock"));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_TRUE(ProcessLock::try_take(folder / "a.lock"));
}

TEST(ProcessLock, IsHeldUntilAllWhoShareItHaveLetGo) {
  const TemporaryFolder folder;
  auto first = ProcessLock::try_take(folder / "a.lock");
  ASSERT_TRUE(first);
  auto shared = ProcessLock::share(first->descriptor(), folder / "a.lock");
  ASSERT_TRUE(shared);
  first.reset();
  EXPECT_FALSE(ProcessLock::try_take(folder / "a.lock"));
  shared.reset();
  EXPECT_TRUE(ProcessLock::try_take(folder / "a.lock"));
}

TEST(ProcessLock, SharesNothingThatIsNotTheLock) {
  const TemporaryFolder folder;
  const auto lock = ProcessLock::try_take(folder / "a.lock");
  EXPECT_FALSE(ProcessLock::share(lock->descriptor(), folder / "b.lock"));
  EXPECT_FALSE(ProcessLock::share(-1, folder / "a.lock"));
  EXPECT_FALSE(ProcessLock::share(STDIN_FILENO, folder / "a.lock"));
}

}  // namespace
}  // namespace mcpio::store
