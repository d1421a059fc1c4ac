// SPDX-License-Identifier: MIT
// When a server refuses every token that is got for it, asking for more of them changes nothing.
#pragma once

#include <chrono>
#include <optional>

#include "base/clock.h"
#include "base/result.h"

namespace mcpio::oauth {

// Counts tokens that were refused right after they had been issued. The first one may be a server
// that is slow to learn of it, or a refresh that met a revocation; at the second one the breaker
// opens, and for a minute no token is asked for. One conversation with one server.
class RefusalBreaker {
 public:
  void issued(SteadyTime now) { issued_at_ = now; }

  // The server refused the token of this generation. Fails with unauthorized, and says what may
  // help, if another one is not to be asked for. The same generation counts once.
  Result<void> refused(int generation, SteadyTime now);

 private:
  std::optional<SteadyTime> issued_at_;
  std::optional<SteadyTime> open_since_;
  int generation_ = 0;  // that was counted last
  int at_once_ = 0;     // tokens in a row that were refused right away
};

}  // namespace mcpio::oauth
