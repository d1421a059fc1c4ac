// SPDX-License-Identifier: MIT
#include "io/parent_watch.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>

#include "io/event.h"

namespace mcpio::io {

awaitable<Result<void>> wait_for_end_of_parent() {
  auto executor = co_await asio::this_coro::executor;
  const pid_t parent = ::getppid();
  const int fd = static_cast<int>(::syscall(SYS_pidfd_open, parent, 0));
  // Process 1 as a parent: a container's start command, or nobody's child any more.
  if (fd < 0 || parent == 1) {
    if (fd >= 0) ::close(fd);
    Event never(executor);
    co_await never.wait();
    co_return fail(ErrorKind::cancelled, "cancelled");
  }
  asio::posix::stream_descriptor watch(executor, fd);
  const auto [failed] =
      co_await watch.async_wait(asio::posix::stream_descriptor::wait_read, as_result);
  if (failed) co_return fail(ErrorKind::cancelled, "cancelled");
  co_return ok();
}

}  // namespace mcpio::io
