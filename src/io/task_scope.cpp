// SPDX-License-Identifier: MIT
#include "io/task_scope.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <cstdlib>
#include <exception>

#include "base/log.h"

namespace mcpio::io {
namespace {

awaitable<Result<void>> supervise(awaitable<Result<void>> task) {
  co_await asio::this_coro::throw_if_cancelled(false);
  co_return co_await std::move(task);
}

}  // namespace

TaskScope::TaskScope(asio::any_io_executor executor)
    : executor_(executor), none_left_(std::move(executor)) {}

TaskScope::~TaskScope() {
  if (!children_.empty()) std::abort();
}

TaskScope::Canceller TaskScope::spawn(std::string_view name, awaitable<Result<void>> task) {
  auto child = children_.emplace(children_.end());
  child->name = name;
  child->signal = std::make_shared<asio::cancellation_signal>();
  Canceller canceller = child->signal;
  none_left_.reset();
  asio::co_spawn(
      executor_, supervise(std::move(task)),
      asio::bind_cancellation_slot(child->signal->slot(),
                                   [this, child](std::exception_ptr thrown, Result<void> result) {
                                     end(child, thrown, std::move(result));
                                   }));
  return canceller;
}

void TaskScope::cancel() {
  for (auto child = children_.begin(); child != children_.end();) {
    auto next = std::next(child);  // emitting may end the child
    child->signal->emit(asio::cancellation_type::terminal);
    child = next;
  }
}

// Bounded by its children: each of them ends its own waits.
awaitable<void> TaskScope::join() {
  while (!children_.empty()) {
    const bool none_left = co_await none_left_.wait();
    if (!none_left) co_await asio::this_coro::reset_cancellation_state();
  }
}

void TaskScope::end(std::list<Child>::iterator child, std::exception_ptr thrown,
                    Result<void> result) {
  if (thrown) std::rethrow_exception(thrown);  // a broken promise of our own: main reports it
  if (!result && result.error().kind != ErrorKind::cancelled)
    log::warning("{}: {}", child->name, result.error().message);
  children_.erase(child);
  if (children_.empty()) none_left_.set();
}

}  // namespace mcpio::io
