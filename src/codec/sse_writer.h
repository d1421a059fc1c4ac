// SPDX-License-Identifier: MIT
// Writes the blocks of a text/event-stream (WHATWG HTML, 9.2.5).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace mcpio::codec {

// One event with its blank line. An empty type is left out: it means "message". A line break in the
// data begins a new data line; in the type or id, where none can be, it is dropped.
std::string sse_event(std::string_view type, std::optional<std::string_view> id,
                      std::string_view data);

// What no reader sees: keeps a quiet connection alive.
std::string sse_comment(std::string_view text);

// Asks the reader to wait this long before it reconnects.
std::string sse_retry(std::chrono::milliseconds wait);

}  // namespace mcpio::codec
