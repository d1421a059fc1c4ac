// SPDX-License-Identifier: MIT
// A bounded queue between coroutines of one thread.
#pragma once

#include <deque>
#include <optional>

#include "io/awaitable.h"
#include "io/event.h"

namespace mcpio::io {

// Boost 1.81's experimental::channel is no choice: it forgets its free room when a receive is
// cancelled. One taker at a time.
template <class T>
class Mailbox {
 public:
  Mailbox(asio::any_io_executor executor, std::size_t bound)
      : bound_(bound), filled_(executor), room_(executor) {}

  // False: it is full, or closed.
  bool try_put(T item) {
    if (closed_ || items_.size() >= bound_) return false;
    items_.push_back(std::move(item));
    filled_.set();
    return true;
  }

  // Waits for room. False: closed, or the waiting coroutine was cancelled.
  awaitable<bool> put(T item) {
    while (!closed_ && items_.size() >= bound_) {
      room_.reset();
      const bool has_room = co_await room_.wait();
      if (!has_room) co_return false;
    }
    co_return try_put(std::move(item));
  }

  // Waits for an item. No value: closed and empty, or the waiting coroutine was cancelled.
  awaitable<std::optional<T>> take() {
    while (items_.empty()) {
      if (closed_) co_return std::nullopt;
      filled_.reset();
      const bool is_filled = co_await filled_.wait();
      if (!is_filled) co_return std::nullopt;
    }
    std::optional<T> item(std::move(items_.front()));
    items_.pop_front();
    room_.set();
    co_return item;
  }

  // What is in it can still be taken; nothing more comes in.
  void close() {
    closed_ = true;
    filled_.set();
    room_.set();
  }

 private:
  const std::size_t bound_;
  Event filled_, room_;
  std::deque<T> items_;
  bool closed_ = false;
};

}  // namespace mcpio::io
