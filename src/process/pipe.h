// SPDX-License-Identifier: MIT
// Pipes to other programs. Only for the sources of this module.
#pragma once

#include <unistd.h>

#include <utility>

#include "base/result.h"

namespace mcpio::process {

// Closes what it holds.
class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(other.release()) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

struct Pipe {
  Fd reads{-1}, writes{-1};
};

// Both ends are above 2 and closed in programs that are started. Fails with io.
Result<Pipe> make_pipe();

}  // namespace mcpio::process
