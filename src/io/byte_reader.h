// SPDX-License-Identifier: MIT
// Reads a descriptor piece by piece, to its end.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "io/awaitable.h"
#include "io/descriptor.h"

namespace mcpio::io {

class ByteReader {
 public:
  ByteReader(asio::any_io_executor executor, int fd);

  // The next piece, good until the next read(); no value: the end. Whoever holds the other end, or
  // cancellation, ends the wait.
  awaitable<Result<std::optional<std::string_view>>> read();

 private:
  static constexpr std::size_t kPiece = 64 * 1024;

  BorrowedDescriptor descriptor_;
  std::unique_ptr<char[]> piece_;
};

}  // namespace mcpio::io
