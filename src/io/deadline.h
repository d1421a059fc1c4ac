// SPDX-License-Identifier: MIT
// A bound on how long an operation may take.
#pragma once

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>

#include "base/result.h"
#include "io/awaitable.h"

namespace mcpio::io {

// Cancellation reaches `operation` as an error code, so that it may still tell its peer.
template <class T>
awaitable<Result<T>> gently(awaitable<Result<T>> operation) {
  co_await asio::this_coro::throw_if_cancelled(false);
  co_return co_await std::move(operation);
}

// Runs `operation`; if it is not done within `limit`, cancels it, waits until it has finished its
// cancellation, and fails with timed_out.
template <class T>
awaitable<Result<T>> with_deadline(std::chrono::milliseconds limit,
                                   awaitable<Result<T>> operation) {
  using namespace asio::experimental::awaitable_operators;
  asio::steady_timer timer(co_await asio::this_coro::executor, limit);
  auto finished = co_await (gently(std::move(operation)) || timer.async_wait(as_result));
  if (finished.index() == 0) co_return std::get<0>(std::move(finished));
  // Cancelled from outside, and the operation took longer over it than the timer.
  if (std::get<0>(std::get<1>(finished))) co_return fail(ErrorKind::cancelled, "cancelled");
  co_return fail(ErrorKind::timed_out, "no answer within the time allowed");
}

}  // namespace mcpio::io
