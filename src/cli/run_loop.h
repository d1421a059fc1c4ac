// SPDX-License-Identifier: MIT
// Runs a command that waits for other programs and machines.
#pragma once

#include <boost/asio/io_context.hpp>

#include "base/result.h"
#include "io/awaitable.h"

namespace mcpio::cli {

// The exit code is what the coroutine returns; a failure is said. A write to whoever has gone is an
// error like another from here on.
int run_to_its_end(asio::io_context& loop, awaitable<Result<int>> command);

}  // namespace mcpio::cli
