// SPDX-License-Identifier: MIT
// A program we have started, the pipes to it, and its end.
#pragma once

#include <sys/types.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "io/awaitable.h"
#include "process/exit_status.h"
#include "process/launch.h"

namespace mcpio::process {

// How long a program may take to end after its stdin was closed, and then after SIGTERM, before the
// next and stronger means.
struct StopLadder {
  std::chrono::milliseconds after_eof{2'000};
  std::chrono::milliseconds after_term{3'000};
};

//   auto child = Child::start(executor, command);
//   co_await asio::async_write((*child)->input(), ...);
//   auto status = co_await (*child)->stop(StopLadder());
//
// The program leads a process group of its own, and its end is the end of the group: what it has
// left behind is killed. One thread; no coroutine may be using the child when it is destroyed.
// One that shall outlive us is not ended by us unless it is told to.
class Child {
 public:
  // Fails as launch() does.
  static Result<std::unique_ptr<Child>> start(asio::any_io_executor executor,
                                              const Command& command);

  // Kills the group if the program still runs, and leaves no zombie. Does not wait for anything but
  // the kernel. One that shall outlive us goes on.
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }

  // Our ends of its pipes. A write to a program that has gone needs SIGPIPE ignored, as main()
  // does.
  asio::posix::stream_descriptor& input() { return input_; }    // what it reads, if it is a pipe
  asio::posix::stream_descriptor& output() { return output_; }  // what it writes
  asio::posix::stream_descriptor& errors() { return errors_; }  // open only if captured

  // Waits for its end; any number of coroutines may. Ended by the program or by cancellation.
  awaitable<Result<ExitStatus>> wait();

  // Closes its stdin, then SIGTERM, then SIGKILL. Returns when it has ended, whichever sufficed.
  awaitable<Result<ExitStatus>> stop(StopLadder ladder);

  // To the whole group; nothing once the program has ended.
  void signal(int number);

 private:
  Child(asio::any_io_executor executor, bool outlives_us);

  // Non-blocking. True: it has ended.
  bool reap();

  const bool outlives_us_;
  pid_t pid_ = -1;
  std::optional<ExitStatus> status_;
  asio::posix::stream_descriptor handle_;  // a pidfd: readable when it has ended
  asio::posix::stream_descriptor input_, output_, errors_;
};

}  // namespace mcpio::process
