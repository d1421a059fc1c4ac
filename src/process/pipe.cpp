// SPDX-License-Identifier: MIT
#include "process/pipe.h"

#include <fcntl.h>
#include <fmt/core.h>

#include <cerrno>
#include <cstring>

namespace mcpio::process {
namespace {

// If we were started with a closed stdin, a pipe could get its number: launch() wants none below 3.
Fd above_stdio(Fd fd) {
  if (fd.get() > STDERR_FILENO) return fd;
  return Fd(fcntl(fd.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
}

}  // namespace

Result<Pipe> make_pipe() {
  int ends[2] = {-1, -1};
  const bool made = pipe2(ends, O_CLOEXEC) == 0;
  Pipe pipe{.reads = above_stdio(Fd(ends[0])), .writes = above_stdio(Fd(ends[1]))};
  if (!made || pipe.reads.get() < 0 || pipe.writes.get() < 0)
    return fail(ErrorKind::io, fmt::format("no pipe to a child: {}", strerror(errno)));
  return pipe;
}

}  // namespace mcpio::process
