// SPDX-License-Identifier: MIT
// Owns the coroutines an object has started, so that none outlives it.
#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <list>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "io/awaitable.h"
#include "io/event.h"

namespace mcpio::io {

//   TaskScope tasks(executor);
//   tasks.spawn("stdin pump", relay.pump_stdin());
//   ...
//   tasks.cancel();             // ask every child to stop
//   co_await tasks.join();      // wait until the last one has
//
// Cancellation reaches a child as an error code from the operation it is in, never as an exception,
// and it may still await its own clean-up. A child that fails is logged under its name; `cancelled`
// is not a failure. Call it only from the executor's thread. Destroying a scope that still has
// children is a bug, and aborts.
class TaskScope {
 public:
  explicit TaskScope(asio::any_io_executor executor);
  TaskScope(const TaskScope&) = delete;
  TaskScope& operator=(const TaskScope&) = delete;
  ~TaskScope();

  // Emitting on it asks this one child to stop; it expires with the child.
  using Canceller = std::weak_ptr<asio::cancellation_signal>;

  // `name` must live for ever: a literal.
  Canceller spawn(std::string_view name, awaitable<Result<void>> task);
  void cancel();
  awaitable<void> join();

  bool empty() const { return children_.empty(); }
  std::size_t size() const { return children_.size(); }
  const asio::any_io_executor& executor() const { return executor_; }

 private:
  struct Child {
    std::string_view name;
    std::shared_ptr<asio::cancellation_signal> signal;
  };
  void end(std::list<Child>::iterator child, std::exception_ptr thrown, Result<void> result);

  asio::any_io_executor executor_;
  Event none_left_;
  std::list<Child> children_;
};

}  // namespace mcpio::io
