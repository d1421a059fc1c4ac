// SPDX-License-Identifier: MIT
// Something that happens, and that coroutines of the same thread wait for.
#pragma once

#include <boost/asio/steady_timer.hpp>

#include "base/result.h"
#include "io/awaitable.h"

namespace mcpio::io {

// Set once, it stays set until reset(); everybody who waits wakes up.
class Event {
 public:
  explicit Event(asio::any_io_executor executor)
      : timer_(std::move(executor), asio::steady_timer::time_point::max()) {}

  bool is_set() const { return set_; }
  void set() {
    set_ = true;
    timer_.cancel();
  }
  void reset() { set_ = false; }

  // True: it is set. False: the waiting coroutine was cancelled, now or before. Unbounded: whoever
  // sets it ends it.
  awaitable<bool> wait() {
    while (!set_) {
      const bool cancelled = is_cancelled(co_await asio::this_coro::cancellation_state);
      if (cancelled) co_return false;
      co_await timer_.async_wait(as_result);
    }
    co_return true;
  }

 private:
  asio::steady_timer timer_;  // never expires
  bool set_ = false;
};

// Event::wait() for with_deadline().
inline awaitable<Result<void>> until(Event& event) {
  const bool set = co_await event.wait();
  if (!set) co_return fail(ErrorKind::cancelled, "cancelled");
  co_return ok();
}

}  // namespace mcpio::io
