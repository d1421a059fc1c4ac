// SPDX-License-Identifier: MIT
#include "process/short_run.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <ctime>

#include "process/pipe.h"

namespace mcpio::process {
namespace {

using SteadyClock = std::chrono::steady_clock;

// Write to a pipe without a reader: EPIPE, and no signal that would end us.
ssize_t write_quietly(int fd, std::string_view text) {
  sigset_t pipe_signal, before, pending;
  sigemptyset(&pipe_signal);
  sigaddset(&pipe_signal, SIGPIPE);
  sigpending(&pending);
  pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
  const ssize_t written = ::write(fd, text.data(), text.size());
  const int error = errno;
  constexpr timespec kNow{};
  if (written < 0 && error == EPIPE && sigismember(&pending, SIGPIPE) == 0)
    sigtimedwait(&pipe_signal, nullptr, &kNow);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return written;
}

// One program, from its start to its end.
class ShortRun {
 public:
  ShortRun(pid_t pid, Fd input, Fd output, std::string_view text, RunLimits limits)
      : pid_(pid),
        handle_(static_cast<int>(syscall(SYS_pidfd_open, pid, 0))),
        input_(std::move(input)),
        output_(std::move(output)),
        left_(text),
        most_(limits.output_bytes),
        until_(SteadyClock::now() + limits.time) {
    fcntl(input_.get(), F_SETFL, O_NONBLOCK);
  }
  ShortRun(const ShortRun&) = delete;
  ShortRun& operator=(const ShortRun&) = delete;
  // Its group's number is taken until its leader was waited for.
  ~ShortRun() {
    ::kill(-pid_, SIGKILL);
    ::kill(pid_, SIGKILL);
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }

  Result<Finished> run() {
    Finished finished;
    while (!is_at_end_) {
      auto moved = move_bytes(finished.output);
      if (!moved) return propagate(moved);
    }
    std::array<pollfd, 1> end{{{.fd = handle_.get(), .events = POLLIN, .revents = 0}}};
    auto ended = wait_for(end);
    if (!ended) return propagate(ended);
    siginfo_t said = {};
    if (waitid(P_PID, static_cast<id_t>(pid_), &said, WEXITED | WNOWAIT) != 0)
      return fail(ErrorKind::io, "its end was not seen");
    finished.status = status_of(said);
    return finished;
  }

 private:
  template <std::size_t N>
  Result<void> wait_for(std::array<pollfd, N>& descriptors) {
    for (;;) {
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(until_ - SteadyClock::now()).count();
      if (left <= 0) return fail(ErrorKind::timed_out, "it did not end in time");
      const int ready = ::poll(descriptors.data(), N, static_cast<int>(left));
      if (ready > 0) return ok();
      if (ready < 0 && errno != EINTR) return fail(ErrorKind::io, "its pipes cannot be watched");
    }
  }

  // A descriptor of -1 is passed over by poll().
  Result<void> move_bytes(std::string& output) {
    if (left_.empty()) input_ = Fd(-1);
    std::array<pollfd, 2> pipes{{{.fd = output_.get(), .events = POLLIN, .revents = 0},
                                 {.fd = input_.get(), .events = POLLOUT, .revents = 0}}};
    auto ready = wait_for(pipes);
    if (!ready) return ready;
    if (pipes[1].revents != 0) give();
    if (pipes[0].revents == 0) return ok();
    return take(output);
  }

  // Whoever does not read to the end may still have an answer.
  void give() {
    const ssize_t written = write_quietly(input_.get(), left_);
    if (written >= 0) left_.remove_prefix(static_cast<std::size_t>(written));
    if (written < 0 && errno != EAGAIN && errno != EINTR) left_ = {};
  }

  Result<void> take(std::string& output) {
    std::array<char, 16 * 1024> piece;
    const ssize_t size = ::read(output_.get(), piece.data(), piece.size());
    if (size < 0 && errno == EINTR) return ok();
    if (size < 0) return fail(ErrorKind::io, "its output cannot be read");
    is_at_end_ = size == 0;
    output.append(piece.data(), static_cast<std::size_t>(size));
    if (output.size() > most_) return fail(ErrorKind::too_large, "it wrote too much");
    return ok();
  }

  const pid_t pid_;
  Fd handle_;  // readable when it has ended
  Fd input_, output_;
  std::string_view left_;  // what it has not read yet
  bool is_at_end_ = false;
  const std::size_t most_;
  const SteadyClock::time_point until_;
};

}  // namespace

Result<Finished> run_to_end(const Command& command, std::string_view input, RunLimits limits) {
  auto in = make_pipe();
  if (!in) return propagate(in);
  auto out = make_pipe();
  if (!out) return propagate(out);
  auto pid = launch(command, Stdio{.in = in->reads.get(), .out = out->writes.get()});
  if (!pid) return propagate(pid);
  in->reads = Fd(-1);
  out->writes = Fd(-1);
  ShortRun program(*pid, std::move(in->writes), std::move(out->reads), input, limits);
  return program.run();
}

}  // namespace mcpio::process
