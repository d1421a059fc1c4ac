// SPDX-License-Identifier: MIT
// A descriptor that was given to us, such as stdin, used without blocking while we have it.
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>

#include "io/awaitable.h"

namespace mcpio::io {

// Works on a duplicate. O_NONBLOCK belongs to what both descriptors stand for, and is shared with
// whoever gave it to us: the destructor puts it back as it was, or the user's shell would find its
// terminal changed.
class BorrowedDescriptor {
 public:
  BorrowedDescriptor(asio::any_io_executor executor, int fd);
  BorrowedDescriptor(const BorrowedDescriptor&) = delete;
  BorrowedDescriptor& operator=(const BorrowedDescriptor&) = delete;
  ~BorrowedDescriptor();

  asio::posix::stream_descriptor& stream() { return stream_; }

 private:
  const int given_;
  const int flags_;
  asio::posix::stream_descriptor stream_;
};

}  // namespace mcpio::io
