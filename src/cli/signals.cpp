// SPDX-License-Identifier: MIT
#include "cli/signals.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string_view>
#include <tuple>

#include "cli/exit_code.h"

namespace mcpio::cli {
namespace {

// By descriptor. -1: it was closed.
std::array<int, 2> initial_flags{};

void on_signals(void (*handler)(int)) {
  struct sigaction action{};
  action.sa_handler = handler;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigemptyset(&action.sa_mask);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaction(signal, &action, nullptr);
}

// Handlers call only what is async-signal-safe.
void leave(int) {
  static constexpr std::string_view kText = "\ninterrupted\n";
  const auto written = ::write(STDERR_FILENO, kText.data(), kText.size());
  std::ignore = written;  // there is nobody left to tell
  ::_exit(exit_code::kInterrupted);
}

// SA_RESETHAND: raised again, the signal does what it does by default.
void restore(int signal) {
  for (int fd = 0; fd < static_cast<int>(initial_flags.size()); ++fd)
    if (initial_flags[fd] >= 0) ::fcntl(fd, F_SETFL, initial_flags[fd]);
  ::raise(signal);
}

}  // namespace

void leave_on_signals() { on_signals(leave); }

void remember_flags() {
  for (int fd = 0; fd < static_cast<int>(initial_flags.size()); ++fd)
    initial_flags[fd] = ::fcntl(fd, F_GETFL);
}

void restore_flags_on_signals() { on_signals(restore); }

}  // namespace mcpio::cli
