// SPDX-License-Identifier: MIT
// Writes whole lines to a descriptor, one after the other, however many coroutines have one to
// write.
#pragma once

#include <deque>
#include <memory>

#include "base/buffer.h"
#include "base/result.h"
#include "io/awaitable.h"
#include "io/descriptor.h"
#include "io/event.h"
#include "io/task_scope.h"

namespace mcpio::io {

// A line is written at once if the descriptor takes it, which saves a turn of the event loop on
// every answer; what does not fit is written as the reader makes room.
class LineWriter {
 public:
  // With others: more lines are to be expected in this turn of the event loop, and all of them may
  // be written by one system call at its end, which wakes the reader once instead of many times.
  enum class Pace { at_once, with_others };

  LineWriter(asio::any_io_executor executor, int fd);

  // Adds the line and a line feed. Returns when the line is on its way and there is room for more;
  // that wait ends when the reader reads, when it closes its end, or by cancellation (the line will
  // be written all the same, so that what is written is always whole lines).
  // Fails with `io` once the reader has closed its end.
  awaitable<Result<void>> write(std::shared_ptr<const Buffer> line, Pace pace);
  awaitable<Result<void>> write(std::shared_ptr<const Buffer> line) {
    return write(std::move(line), Pace::at_once);
  }

  // Waits until everything is written. Fails with timed_out after `limit`.
  awaitable<Result<void>> flush(std::chrono::milliseconds limit);

  // Has the reader closed its end? Known from a write that failed, or while somebody waits below.
  const Event& closed() const { return closed_; }

  // Waits until the reader has closed its end, or (false) the awaiting coroutine is cancelled.
  awaitable<bool> wait_until_closed();

  // Ends the background work. Lines not yet written are lost.
  awaitable<void> close();

 private:
  // What may wait here before writers wait too.
  static constexpr std::size_t kRoom = 256 * 1024;

  void write_some();
  awaitable<Result<void>> write_rest();
  awaitable<Result<void>> wait_until_written();
  void widen_pipe();

  BorrowedDescriptor descriptor_;
  std::deque<std::shared_ptr<const Buffer>> lines_;
  std::size_t waiting_bytes_ = 0;  // of lines_, not yet written
  std::size_t written_ = 0;        // of the first line and its line feed
  bool widened_ = false;
  int failure_ = 0;  // errno
  Event room_, empty_, closed_;
  TaskScope tasks_;
};

}  // namespace mcpio::io
