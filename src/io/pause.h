// SPDX-License-Identifier: MIT
// Waiting for time to pass.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>

#include "io/awaitable.h"

namespace mcpio::io {

// False: the waiting coroutine was cancelled, now or before.
inline awaitable<bool> pause(std::chrono::nanoseconds duration) {
  const bool cancelled = is_cancelled(co_await asio::this_coro::cancellation_state);
  if (cancelled) co_return false;
  asio::steady_timer timer(co_await asio::this_coro::executor, duration);
  const auto [failed] = co_await timer.async_wait(as_result);
  co_return !failed;
}

}  // namespace mcpio::io
