// SPDX-License-Identifier: MIT
#include "io/line_writer.h"

#include <fcntl.h>
#include <sys/uio.h>

#include <array>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <system_error>

#include "io/deadline.h"

namespace mcpio::io {

LineWriter::LineWriter(asio::any_io_executor executor, int fd)
    : descriptor_(executor, fd),
      room_(executor),
      empty_(executor),
      closed_(executor),
      tasks_(executor) {}

awaitable<Result<void>> LineWriter::write(std::shared_ptr<const Buffer> line, Pace pace) {
  if (failure_ == 0) {
    waiting_bytes_ += line->size() + 1;
    lines_.push_back(std::move(line));
    if (lines_.size() == 1 && pace == Pace::at_once) write_some();
    if (failure_ == 0 && !lines_.empty() && tasks_.empty())
      tasks_.spawn("writing stdout", write_rest());
  }
  while (failure_ == 0 && waiting_bytes_ > kRoom) {
    room_.reset();
    const bool has_room = co_await room_.wait();
    if (!has_room) co_return fail(ErrorKind::cancelled, "cancelled");
  }
  if (failure_ == 0) co_return ok();
  co_return fail(ErrorKind::io, std::generic_category().message(failure_));
}

// Writes as much as the descriptor takes now.
void LineWriter::write_some() {
  static const char kLineFeed = '\n';
  while (!lines_.empty()) {
    std::array<iovec, 64> parts;
    std::size_t count = 0;
    std::size_t skip = written_;
    for (auto line = lines_.begin(); line != lines_.end() && count + 2 <= parts.size(); ++line) {
      const std::string_view left = (*line)->view().substr(std::min(skip, (*line)->size()));
      if (!left.empty()) parts[count++] = {const_cast<char*>(left.data()), left.size()};
      parts[count++] = {const_cast<char*>(&kLineFeed), 1};
      skip = 0;
    }
    if (waiting_bytes_ > kRoom && !widened_) widen_pipe();
    const ssize_t size =
        ::writev(descriptor_.stream().native_handle(), parts.data(), static_cast<int>(count));
    if (size < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN) return;
      failure_ = errno;
      lines_.clear();
      closed_.set();
      break;
    }
    waiting_bytes_ -= static_cast<std::size_t>(size);
    written_ += static_cast<std::size_t>(size);
    while (!lines_.empty() && written_ >= lines_.front()->size() + 1) {
      written_ -= lines_.front()->size() + 1;
      lines_.pop_front();
    }
  }
  empty_.set();
}

awaitable<Result<void>> LineWriter::write_rest() {
  co_await asio::post(descriptor_.stream().get_executor(), as_result);  // behind what is ready now
  write_some();
  room_.set();
  while (!lines_.empty()) {
    const bool cancelled = is_cancelled(co_await asio::this_coro::cancellation_state);
    if (cancelled) co_return fail(ErrorKind::cancelled, "cancelled");
    const auto [failed] = co_await descriptor_.stream().async_wait(
        asio::posix::stream_descriptor::wait_write, as_result);
    if (failed) co_return fail(ErrorKind::cancelled, "cancelled");
    write_some();
    if (waiting_bytes_ <= kRoom || failure_ != 0) room_.set();
  }
  co_return ok();
}

awaitable<Result<void>> LineWriter::wait_until_written() {
  while (!lines_.empty()) {
    empty_.reset();
    const bool is_empty = co_await empty_.wait();
    if (!is_empty) co_return fail(ErrorKind::cancelled, "cancelled");
  }
  co_return ok();
}

awaitable<bool> LineWriter::wait_until_closed() {
  // A pipe tells by itself, though nothing is being written; a file or a terminal does not.
  const auto [failed] = co_await descriptor_.stream().async_wait(
      asio::posix::stream_descriptor::wait_error, as_result);
  if (!failed) closed_.set();
  co_return co_await closed_.wait();
}

awaitable<Result<void>> LineWriter::flush(std::chrono::milliseconds limit) {
  return with_deadline(limit, wait_until_written());
}

awaitable<void> LineWriter::close() {
  tasks_.cancel();
  co_await tasks_.join();
}

// A pipe holds 64 KiB unless asked for more; a large message then takes hundreds of turns.
void LineWriter::widen_pipe() {
  widened_ = true;
  ::fcntl(descriptor_.stream().native_handle(), F_SETPIPE_SZ, 1024 * 1024);
}

}  // namespace mcpio::io
