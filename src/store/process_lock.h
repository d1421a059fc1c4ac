// SPDX-License-Identifier: MIT
// What only one process at a time may do: refresh a token, ask a person to sign in.
#pragma once

#include <filesystem>
#include <optional>
#include <utility>

namespace mcpio::store {

// Held while it lives. A process that dies lets go of it, whatever it was doing.
class ProcessLock {
 public:
  // No value: another process (or another part of this one) has it. Where locks cannot be had at
  // all, it is given to everybody, and that is logged. An empty path is nobody's: there is nothing
  // that another process could change.
  static std::optional<ProcessLock> try_take(const std::filesystem::path& file);

  // The lock that another process of ours holds, and has started us with as that descriptor: it is
  // held until both have let go. No value: the descriptor is another one.
  static std::optional<ProcessLock> share(int descriptor, const std::filesystem::path& file);

  ProcessLock(ProcessLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  ProcessLock& operator=(ProcessLock&& other) noexcept;
  ~ProcessLock();

  // To start another process with, for share(); -1: there is none.
  int descriptor() const { return fd_; }

 private:
  explicit ProcessLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace mcpio::store
