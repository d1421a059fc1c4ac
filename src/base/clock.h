// SPDX-License-Identifier: MIT
// The time, passed in wherever a decision depends on it, so that tests can move it.
#pragma once

#include <chrono>

namespace mcpio {

using SteadyTime = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::system_clock::time_point;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual SteadyTime steady() const = 0;  // for durations
  virtual WallTime wall() const = 0;      // for dates that peers speak of
};

class SystemClock final : public Clock {
 public:
  SteadyTime steady() const override { return std::chrono::steady_clock::now(); }
  WallTime wall() const override { return std::chrono::system_clock::now(); }
};

}  // namespace mcpio
