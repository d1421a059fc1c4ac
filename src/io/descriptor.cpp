// SPDX-License-Identifier: MIT
#include "io/descriptor.h"

#include <fcntl.h>
#include <unistd.h>

namespace mcpio::io {

BorrowedDescriptor::BorrowedDescriptor(asio::any_io_executor executor, int fd)
    : given_(fd), flags_(::fcntl(fd, F_GETFL)), stream_(std::move(executor)) {
  const int own = ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
  boost::system::error_code ignored;  // a closed descriptor shows at the first read or write
  if (own >= 0) stream_.assign(own, ignored);
  if (stream_.is_open()) stream_.non_blocking(true, ignored);
}

BorrowedDescriptor::~BorrowedDescriptor() {
  if (flags_ >= 0 && (flags_ & O_NONBLOCK) == 0) ::fcntl(given_, F_SETFL, flags_);
}

}  // namespace mcpio::io
