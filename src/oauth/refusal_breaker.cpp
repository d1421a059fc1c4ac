// SPDX-License-Identifier: MIT
#include "oauth/refusal_breaker.h"

namespace mcpio::oauth {
namespace {

constexpr std::chrono::seconds kAtOnce{10};
constexpr std::chrono::seconds kRest{60};
constexpr int kEnough = 2;

}  // namespace

Result<void> RefusalBreaker::refused(int generation, SteadyTime now) {
  if (generation_ != generation) {
    generation_ = generation;
    const bool at_once = issued_at_ && now - *issued_at_ < kAtOnce;
    at_once_ = at_once ? at_once_ + 1 : 0;
    if (at_once_ >= kEnough && !open_since_) open_since_ = now;
  }
  if (!open_since_) return ok();
  if (now - *open_since_ >= kRest) {
    open_since_.reset();
    at_once_ = 0;
    return ok();
  }
  return fail(ErrorKind::unauthorized,
              "the server refuses tokens that were just issued for it, so no more are asked for "
              "within a minute: are they for another audience (--oauth-resource, --authorize-param "
              "audience=...), or for too little (--oauth-scope)?");
}

}  // namespace mcpio::oauth
