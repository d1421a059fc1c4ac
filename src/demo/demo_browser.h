// SPDX-License-Identifier: MIT
// What the demo gives to --browser: this program under another name.
#pragma once

#include <string>
#include <string_view>

namespace mcpio::demo {

// A program that is started by a path with this name is a browser of one page.
inline constexpr std::string_view kBrowserName = "mcp-stdio-demo-browser";
bool is_browser(std::string_view program);

// Goes to the page and wherever that sends it, on this machine only, and shows nothing. Returns the
// exit code: 0 if it ended at a page with status 200.
int browse(const std::string& url);

}  // namespace mcpio::demo
