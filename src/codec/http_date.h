// SPDX-License-Identifier: MIT
// Dates in HTTP fields (RFC 9110, section 5.6.7).
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"

namespace mcpio::codec {

// Reads the three forms a recipient must accept: IMF-fixdate, RFC 850 and asctime. No value: it is
// none of them, or no such day exists; whether the name of the weekday fits is not checked.
//
// `now` is for RFC 850's two-digit years: the year meant is the latest that is at most 50 years
// ahead. A date beyond what WallTime can hold (year 2262) becomes the nearest one that it can.
std::optional<WallTime> parse_http_date(std::string_view text, WallTime now);

}  // namespace mcpio::codec
