// SPDX-License-Identifier: MIT
// How long a server asked us to wait (RFC 9110, section 10.2.3).
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"

namespace mcpio::codec {

// The value of Retry-After in seconds, never negative. Besides whole seconds and dates, as the RFC
// has it, a fraction is understood, as some servers send it. What is negative or past is 0. No
// value: it is neither.
std::optional<double> parse_retry_after(std::string_view value, WallTime now);

}  // namespace mcpio::codec
