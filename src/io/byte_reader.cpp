// SPDX-License-Identifier: MIT
#include "io/byte_reader.h"

namespace mcpio::io {

ByteReader::ByteReader(asio::any_io_executor executor, int fd)
    : descriptor_(std::move(executor), fd),
      piece_(std::make_unique_for_overwrite<char[]>(kPiece)) {}

awaitable<Result<std::optional<std::string_view>>> ByteReader::read() {
  // What is readable at once is read without a wait that a cancellation could end.
  const bool cancelled = is_cancelled(co_await asio::this_coro::cancellation_state);
  if (cancelled) co_return fail(ErrorKind::cancelled, "cancelled");
  const auto [failed, size] =
      co_await descriptor_.stream().async_read_some(asio::buffer(piece_.get(), kPiece), as_result);
  if (failed == asio::error::eof) co_return std::nullopt;
  if (failed == asio::error::operation_aborted) co_return fail(ErrorKind::cancelled, "cancelled");
  if (failed) co_return fail(ErrorKind::io, failed.message());
  co_return std::string_view(piece_.get(), size);
}

}  // namespace mcpio::io
