// SPDX-License-Identifier: MIT
// Drives a coroutine to its end and returns its value.
//
//   EXPECT_THAT(run(read_everything()), HoldsOk("all"));          // on a loop of its own
//   asio::io_context loop;  Thing thing(loop.get_executor());
//   EXPECT_THAT(run(loop, thing.close()), IsOk());                // on the test's loop
//
// As under io::TaskScope, cancellation is an error code and never an exception. A coroutine that
// does not end within kPatience, or that nothing can wake any more, fails the test by an exception.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <variant>

#include "io/awaitable.h"

namespace mcpio::test {

inline constexpr std::chrono::seconds kPatience{30};

namespace detail {

template <class T>
using Kept = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

template <class T>
awaitable<void> keep(awaitable<T> operation, std::optional<Kept<T>>* result) {
  co_await asio::this_coro::throw_if_cancelled(false);
  if constexpr (std::is_void_v<T>) {
    co_await std::move(operation);
    result->emplace();
  } else {
    result->emplace(co_await std::move(operation));
  }
}

}  // namespace detail

template <class T>
T run(asio::io_context& loop, awaitable<T> operation) {
  std::optional<detail::Kept<T>> result;
  std::exception_ptr thrown;
  bool ended = false;
  asio::co_spawn(loop, detail::keep(std::move(operation), &result),
                 [&](std::exception_ptr exception) {
                   thrown = exception;
                   ended = true;
                 });

  const auto until = std::chrono::steady_clock::now() + kPatience;
  loop.restart();
  while (!ended && loop.run_one_until(until) > 0) {
  }
  if (!ended && loop.stopped()) throw std::runtime_error("nothing can wake the coroutine any more");
  if (!ended) throw std::runtime_error("the coroutine did not end in time");
  if (thrown) std::rethrow_exception(thrown);
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

template <class T>
T run(awaitable<T> operation) {
  asio::io_context loop(1);
  return run(loop, std::move(operation));
}

}  // namespace mcpio::test
