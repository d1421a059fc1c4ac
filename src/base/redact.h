// SPDX-License-Identifier: MIT
// What is taken out of a text before anybody sees it.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace mcpio::log {

// Masks each hidden value (***), and in each URL drops the userinfo and shows the query as
// `?<redacted>`. Then escapes what does not belong into a line: control characters and those that
// reorder text (\n, \x1b, \u202e), bytes that are not UTF-8 (\xff). Takes linear time. A text that
// went through it already may go through it again.
std::string redact(std::string_view text, std::span<const Secret> hidden);

// The last step alone: what a terminal may be shown. One line of valid UTF-8, whatever the bytes.
std::string escape_controls(std::string_view text);

}  // namespace mcpio::log
