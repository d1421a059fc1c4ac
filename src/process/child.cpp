// SPDX-License-Identifier: MIT
#include "process/child.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "io/deadline.h"
#include "process/pipe.h"

namespace mcpio::process {

Child::Child(asio::any_io_executor executor, bool outlives_us)
    : outlives_us_(outlives_us),
      handle_(executor),
      input_(executor),
      output_(executor),
      errors_(executor) {}

Result<std::unique_ptr<Child>> Child::start(asio::any_io_executor executor,
                                            const Command& command) {
  Result<Pipe> in = Pipe();
  if (command.input < 0) in = make_pipe();
  if (!in) return propagate(in);
  if (command.input >= 0) in->reads = Fd(fcntl(command.input, F_DUPFD_CLOEXEC, 3));
  auto out = make_pipe();
  if (!out) return propagate(out);
  Result<Pipe> err = Pipe();
  if (command.captures_stderr) err = make_pipe();
  if (!err) return propagate(err);

  auto pid = launch(
      command, Stdio{.in = in->reads.get(), .out = out->writes.get(), .err = err->writes.get()});
  if (!pid) return propagate(pid);

  std::unique_ptr<Child> child(new Child(std::move(executor), command.outlives_us));
  child->pid_ = *pid;
  // No other process can have that pid: it stays taken until we have waited for it.
  Fd handle(static_cast<int>(syscall(SYS_pidfd_open, *pid, 0)));
  if (handle.get() < 0)
    return fail(ErrorKind::io, fmt::format("cannot watch a child: {}", strerror(errno)));
  child->handle_.assign(handle.release());
  if (in->writes.get() >= 0) child->input_.assign(in->writes.release());
  child->output_.assign(out->reads.release());
  if (command.captures_stderr) child->errors_.assign(err->reads.release());
  return child;
}

Child::~Child() {
  if (status_ || outlives_us_) return;
  ::kill(-pid_, SIGKILL);
  ::kill(pid_, SIGKILL);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void Child::signal(int number) {
  if (!status_) ::kill(-pid_, number);
}

bool Child::reap() {
  if (status_) return true;
  siginfo_t ended = {};
  // First only look: while the zombie is there, its group's number cannot belong to anybody else.
  if (waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOHANG | WNOWAIT) != 0 ||
      ended.si_pid != pid_)
    return false;
  ::kill(-pid_, SIGKILL);
  waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOHANG);
  status_ = status_of(ended);
  return true;
}

awaitable<Result<ExitStatus>> Child::wait() {
  while (!reap()) {
    const auto [error] =
        co_await handle_.async_wait(asio::posix::descriptor_base::wait_read, as_result);
    if (error) co_return fail(ErrorKind::cancelled, "no longer waiting for a child");
  }
  co_return *status_;
}

awaitable<Result<ExitStatus>> Child::stop(StopLadder ladder) {
  boost::system::error_code ignored;  // it is closed whatever this says
  input_.close(ignored);
  auto ended = co_await io::with_deadline(ladder.after_eof, wait());
  if (ended || ended.error().kind != ErrorKind::timed_out) co_return ended;

  signal(SIGTERM);
  ended = co_await io::with_deadline(ladder.after_term, wait());
  if (ended || ended.error().kind != ErrorKind::timed_out) co_return ended;

  signal(SIGKILL);
  co_return co_await wait();  // ended by the kernel
}

}  // namespace mcpio::process
