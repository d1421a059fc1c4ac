// SPDX-License-Identifier: MIT
// Shows what a check found, to people and to programs. Pure.
#pragma once

#include <string>
#include <string_view>

#include "cli/check.h"
#include "cli/help.h"

namespace mcpio::cli {

// Lines with marks, times and names in columns.
std::string report_text(const CheckReport& report, const Page& page);

// One JSON object in one line. What is not known is left out.
std::string report_json(const CheckReport& report);

// A peer's words, fit for a terminal: what would steer it or reorder the text is escaped, long
// texts are cut.
std::string clean(std::string_view text);

}  // namespace mcpio::cli
