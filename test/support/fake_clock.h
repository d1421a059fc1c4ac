// SPDX-License-Identifier: MIT
// A clock that stands still until the test moves it.
#pragma once

#include <chrono>

#include "base/clock.h"

namespace mcpio::test {

class FakeClock final : public Clock {
 public:
  explicit FakeClock(WallTime wall = WallTime(std::chrono::seconds(1'800'000'000))) : wall_(wall) {}

  SteadyTime steady() const override { return steady_; }
  WallTime wall() const override { return wall_; }

  void advance(std::chrono::nanoseconds by) {
    steady_ += std::chrono::duration_cast<SteadyTime::duration>(by);
    wall_ += std::chrono::duration_cast<WallTime::duration>(by);
  }

 private:
  SteadyTime steady_{};
  WallTime wall_;
};

}  // namespace mcpio::test
