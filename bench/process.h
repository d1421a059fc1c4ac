// SPDX-License-Identifier: MIT
// A child process on two pipes, and what the kernel knows about it and its own children.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace bench {

using Command = std::vector<std::string>;

// Bytes, summed over a process and its descendants.
struct Memory {
  std::size_t resident = 0;
  std::size_t proportional = 0;   // shared pages divided among those who share them
  std::size_t private_dirty = 0;  // what this one costs whatever else runs
  std::size_t peak = 0;           // of resident, since the start
};

// Started by the constructor, ended by the destructor: stdin is closed, then after a while
// SIGTERM, then SIGKILL, to it and what it left behind.
class Process {
 public:
  // stderr goes to the end of the file `log`.
  Process(const Command& command, const std::string& log);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  int input() const { return input_; }
  int output() const { return output_; }

  std::chrono::nanoseconds cpu_time() const;
  Memory memory() const;

 private:
  bool ends_within(std::chrono::milliseconds limit) const;

  pid_t pid_ = -1;
  int handle_ = -1;  // becomes readable when the process has ended
  int input_ = -1;
  int output_ = -1;
};

}  // namespace bench
