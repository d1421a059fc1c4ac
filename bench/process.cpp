// SPDX-License-Identifier: MIT
#include "process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <stdexcept>

namespace bench {
namespace {

void check(bool worked, const std::string& what) {
  if (!worked) throw std::runtime_error("cannot " + what);
}

void add_tree(pid_t pid, std::vector<pid_t>& tree) {
  tree.push_back(pid);
  std::ifstream children(fmt::format("/proc/{0}/task/{0}/children", pid));
  for (pid_t child; children >> child;) add_tree(child, tree);
}

std::vector<pid_t> tree_of(pid_t pid) {
  std::vector<pid_t> tree;
  add_tree(pid, tree);
  return tree;
}

// The figure behind `name` in a file of lines like "VmHWM:   1234 kB", in bytes.
std::size_t kilobytes(const std::string& path, const std::string& name) {
  std::ifstream file(path);
  for (std::string word; file >> word;) {
    std::size_t value = 0;
    if (word == name && file >> value) return value * 1024;
  }
  return 0;
}

}  // namespace

Process::Process(const Command& command, const std::string& log) {
  int in[2], out[2];
  check(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0, "make pipes");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log.c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND, 0644);
  std::vector<char*> arguments;
  for (const auto& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  const int error = posix_spawn(&pid_, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(in[0]);
  close(out[1]);
  input_ = in[1];
  output_ = out[0];
  check(error == 0, "start " + command[0]);
  handle_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
}

Process::~Process() {
  const auto tree = tree_of(pid_);
  close(input_);
  close(output_);
  if (!ends_within(std::chrono::milliseconds(2000))) kill(pid_, SIGTERM);
  if (!ends_within(std::chrono::milliseconds(1000))) kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  for (const auto pid : tree)
    if (pid != pid_) kill(pid, SIGKILL);
  close(handle_);
}

bool Process::ends_within(std::chrono::milliseconds limit) const {
  pollfd ended{.fd = handle_, .events = POLLIN, .revents = 0};
  return poll(&ended, 1, static_cast<int>(limit.count())) > 0;
}

std::chrono::nanoseconds Process::cpu_time() const {
  std::chrono::nanoseconds sum{0};
  for (const auto pid : tree_of(pid_)) {
    clockid_t clock;
    timespec time;
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) != 0) continue;
    sum += std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
  }
  return sum;
}

Memory Process::memory() const {
  Memory sum;
  for (const auto pid : tree_of(pid_)) {
    const auto rollup = fmt::format("/proc/{}/smaps_rollup", pid);
    sum.resident += kilobytes(rollup, "Rss:");
    sum.proportional += kilobytes(rollup, "Pss:");
    sum.private_dirty += kilobytes(rollup, "Private_Dirty:");
    sum.peak += kilobytes(fmt::format("/proc/{}/status", pid), "VmHWM:");
  }
  return sum;
}

}  // namespace bench
