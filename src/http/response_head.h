// SPDX-License-Identifier: MIT
// The status line and the header of an answer, as text. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/clock.h"
#include "http/message.h"

namespace mcpio::http {

// How the reader of an answer finds its end (RFC 9112, 6.3). Neither length nor chunked: where the
// connection ends, or at once for an answer that never has a body.
struct Framing {
  std::optional<std::size_t> length;
  bool chunked = false;
  bool closes = false;  // no further request on this connection
};

// May an answer of this status have a body? (RFC 9110, 6.4.1)
bool allows_body(int status);

// Fields that are the framing's own business are left out, and what would end a line is blanked:
// no value can begin a second field or a second answer.
std::string response_head(int status, const Fields& fields, const Framing& framing, WallTime now);

}  // namespace mcpio::http
