// SPDX-License-Identifier: MIT
// Learns when the process that started us has gone.
#pragma once

#include "base/result.h"
#include "io/awaitable.h"

namespace mcpio::io {

// Returns when the parent has ended; with `cancelled` when cancelled. Usually the end of stdin
// comes first, but another process may hold the other end of our stdin open. Where the kernel
// cannot tell (before Linux 5.3) it waits for cancellation.
awaitable<Result<void>> wait_for_end_of_parent();

}  // namespace mcpio::io
