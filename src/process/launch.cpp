// SPDX-License-Identifier: MIT
#include "process/launch.h"

#include <fmt/core.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

namespace mcpio::process {
namespace {

std::vector<char*> pointers(const std::vector<std::string>& strings) {
  std::vector<char*> all;
  all.reserve(strings.size() + 1);
  for (const auto& string : strings) all.push_back(const_cast<char*>(string.c_str()));
  all.push_back(nullptr);
  return all;
}

// All the new process needs, made before it exists.
struct Plan {
  const char* program;
  char* const* arguments;
  char* const* environment;
  const char* directory;  // null: stay
  Stdio stdio;
  bool outlives_us;
  pid_t parent;
  sigset_t signals;  // the mask to restore
};

void put(int descriptor, int as) {
  if (descriptor >= 0) dup2(descriptor, as);
}

// Runs in the new process, on the memory of ours, which stands still meanwhile: only system calls,
// nothing that allocates, locks or returns. What goes wrong is left in `error`.
[[noreturn]] void become(const Plan& plan, volatile int& error) {
  if (plan.outlives_us) {
    setsid();
  } else {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != plan.parent) _exit(127);  // it was killed before that took effect
  }
  put(plan.stdio.in, STDIN_FILENO);
  put(plan.stdio.out, STDOUT_FILENO);
  put(plan.stdio.err, STDERR_FILENO);
  close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
  signal(SIGPIPE, SIG_DFL);
  sigprocmask(SIG_SETMASK, &plan.signals, nullptr);
  if (plan.directory == nullptr || chdir(plan.directory) == 0)
    execvpe(plan.program, plan.arguments, plan.environment);
  error = errno;
  _exit(127);
}

// Not inlined: the frame that vfork returns into twice holds nothing else.
[[gnu::noinline]] pid_t fork_and_become(const Plan& plan, volatile int& error) {
  const pid_t pid = vfork();
  if (pid == 0) become(plan, error);
  if (pid < 0) error = errno;
  return pid;
}

// If our own parent left us SIGCHLD ignored, the kernel would throw the exit status away.
void keep_exit_statuses() {
  struct sigaction action = {};
  if (sigaction(SIGCHLD, nullptr, &action) == 0 && action.sa_handler == SIG_IGN)
    ::signal(SIGCHLD, SIG_DFL);
}

}  // namespace

Result<pid_t> launch(const Command& command, Stdio stdio) {
  if (command.arguments.empty()) return fail(ErrorKind::config, "no command to run");
  keep_exit_statuses();
  const auto arguments = pointers(command.arguments);
  const std::vector<std::string> none;
  const auto given = pointers(command.environment ? *command.environment : none);
  const std::string& program =
      command.program.empty() ? command.arguments.front() : command.program;
  Plan plan{.program = program.c_str(),
            .arguments = arguments.data(),
            .environment = command.environment ? given.data() : environ,
            .directory = command.directory.empty() ? nullptr : command.directory.c_str(),
            .stdio = stdio,
            .outlives_us = command.outlives_us,
            .parent = getpid(),
            .signals = {}};

  // No handler of ours may run in the new process while it shares our memory.
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &plan.signals);
  volatile int error = 0;
  const pid_t pid = fork_and_become(plan, error);
  pthread_sigmask(SIG_SETMASK, &plan.signals, nullptr);

  if (error == 0) return pid;
  const int reason = error;
  if (pid < 0) return fail(ErrorKind::io, fmt::format("no new process: {}", strerror(reason)));
  waitpid(pid, nullptr, 0);
  return fail(ErrorKind::config, fmt::format("cannot run '{}': {}", program, strerror(reason)));
}

}  // namespace mcpio::process
