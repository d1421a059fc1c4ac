// SPDX-License-Identifier: MIT
// How long to wait before a broken stream is opened again.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

#include "base/limits.h"
#include "io/back_off.h"

namespace mcpio::upstream {

// As long as the server asks for by `retry:`; without that, longer each time. A server that closes
// streams on purpose may ask for little, so its small values count, down to a floor. The floor
// rises while nothing is heard: a server that only opens and closes must not keep us busy.
class ReconnectDelay {
 public:
  std::chrono::milliseconds next(std::optional<std::chrono::milliseconds> retry) {
    if (!retry) return unasked_.next();
    return std::max(*retry, floor_.next());
  }
  // The stream had an event with something in it.
  void heard() {
    unasked_.reset();
    floor_.reset();
  }

 private:
  io::BackOff unasked_{std::chrono::seconds(1), std::chrono::seconds(30)};
  io::BackOff floor_{limits::kShortestSseRetry, limits::kShortestSilentSseRetry};
};

}  // namespace mcpio::upstream
