// SPDX-License-Identifier: MIT
// The texts people write for option values, as typed values. Pure.
//
// The errors complete a sentence that begins with the option's name and show the text given: use
// none of these for secrets.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace mcpio::cli {

// 1, true, yes, on; 0, false, no, off and the empty text. Any case. No value: none of these.
std::optional<bool> parse_switch(std::string_view text);

// A finite number of seconds that is not negative, as "10" or "0.5". Rounded up to a millisecond,
// so that only zero becomes zero.
Result<std::chrono::milliseconds> parse_seconds(std::string_view text);
Result<std::chrono::milliseconds> parse_seconds_above_zero(std::string_view text);

// A number of bytes: 1048576, 1024K, 64M, 1G, 64KiB, 64MiB, 1GiB. K is 1024.
Result<std::size_t> parse_bytes(std::string_view text);

}  // namespace mcpio::cli
