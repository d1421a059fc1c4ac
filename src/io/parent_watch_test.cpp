// SPDX-License-Identifier: MIT
#include "io/parent_watch.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <stdexcept>
#include <utility>

#include "io/task_scope.h"
#include "support/result_matchers.h"
#include "support/run.h"

namespace mcpio::io {
namespace {

struct Pipe {
  Pipe() {
    int ends[2];
    if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
    read_end = ends[0];
    write_end = ends[1];
  }
  ~Pipe() {
    ::close(read_end);
    if (write_end >= 0) ::close(write_end);
  }
  // '\0': nothing came.
  char read() const {
    pollfd wait{.fd = read_end, .events = POLLIN, .revents = 0};
    constexpr auto kLimit = std::chrono::duration_cast<std::chrono::milliseconds>(test::kPatience);
    char c = '\0';
    if (::poll(&wait, 1, static_cast<int>(kLimit.count())) == 1 && ::read(read_end, &c, 1) != 1)
      c = '\0';
    return c;
  }
  void write(char c) const { (void)!::write(write_end, &c, 1); }

  int read_end, write_end;
};

awaitable<Result<void>> watch(Result<void>* ended) {
  *ended = co_await wait_for_end_of_parent();
  co_return ok();
}

// The process that has a parent to lose.
[[noreturn]] void run_child(const Pipe& news) {
  {
    asio::io_context loop(1);
    Result<void> ended = fail(ErrorKind::io, "not ended");
    TaskScope tasks(loop.get_executor());
    tasks.spawn("watch", watch(&ended));
    loop.poll();
    news.write('r');  // ready
    loop.restart();
    loop.run();
    news.write(ended ? 'e' : 'f');
  }
  ::_exit(0);
}

TEST(WaitForEndOfParent, ReturnsWhenTheParentHasEnded) {
  Pipe news, leash;
  const pid_t parent = ::fork();
  if (parent == 0) {
    ::close(leash.write_end);
    if (::fork() == 0) run_child(news);
    char c;
    (void)!::read(leash.read_end, &c, 1);  // until the test lets go
    ::_exit(0);
  }
  ASSERT_EQ(news.read(), 'r');
  ::close(std::exchange(leash.write_end, -1));
  ASSERT_EQ(::waitpid(parent, nullptr, 0), parent);
  EXPECT_EQ(news.read(), 'e');
}

TEST(WaitForEndOfParent, CanBeCancelled) {
  asio::io_context loop(1);
  Result<void> ended = fail(ErrorKind::io, "not ended");
  TaskScope tasks(loop.get_executor());
  tasks.spawn("watch", watch(&ended));
  loop.poll();
  tasks.cancel();
  test::run(loop, tasks.join());
  EXPECT_THAT(ended, test::FailsWith(ErrorKind::cancelled, ""));
}

}  // namespace
}  // namespace mcpio::io
