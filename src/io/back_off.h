// SPDX-License-Identifier: MIT
// How long to wait before trying again: twice as long each time, up to a limit.
#pragma once

#include <algorithm>
#include <chrono>

namespace mcpio::io {

class BackOff {
 public:
  BackOff(std::chrono::milliseconds first, std::chrono::milliseconds longest)
      : first_(first), longest_(longest), next_(first) {}

  std::chrono::milliseconds next() {
    const auto wait = next_;
    next_ = std::min(next_ * 2, longest_);
    return wait;
  }
  void reset() { next_ = first_; }

 private:
  const std::chrono::milliseconds first_, longest_;
  std::chrono::milliseconds next_;
};

}  // namespace mcpio::io
