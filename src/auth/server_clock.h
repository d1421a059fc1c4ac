// SPDX-License-Identifier: MIT
// Our clock, set by that of one server.
#pragma once

#include <chrono>

#include "base/clock.h"
#include "http/message.h"

namespace mcpio::auth {

// JWTs that a wrong clock has made are refused, so a server's `Date` is followed where it refused
// one.
class ServerClock {
 public:
  // Must outlive it.
  explicit ServerClock(const Clock& clock) : clock_(clock) {}

  // What the server takes for the time.
  WallTime now() const { return clock_.wall() + correction_; }

  // Follows the Date of an answer, with a warning. True: that changed what now() says.
  bool follow(const http::Head& answer);

 private:
  const Clock& clock_;
  std::chrono::seconds correction_{0};  // how far our clock is behind
};

}  // namespace mcpio::auth
