// SPDX-License-Identifier: MIT
// Reads a configuration file: a JSON object whose keys are the names of options.
//
//   {
//     // Comments are fine.
//     "url": "https://mcp.example.com/mcp",
//     "header": ["X-Tenant: ${TENANT}"],
//     "timeout-connect": 5,
//     "no-tcp-keepalive": true
//   }
#pragma once

#include <string>
#include <vector>

#include "cli/settings.h"

namespace mcpio::cli {

// Adds what the file sets. Unknown keys and values that are no text, number, yes or no are
// mistakes. False: nothing of it could be read.
bool read_config_file(const std::string& path, Settings& settings, Mistakes& mistakes,
                      std::vector<std::string>& warnings);

// The same for a text; `path` is what messages call it.
void read_config_text(const std::string& text, const std::string& path, Settings& settings,
                      Mistakes& mistakes);

}  // namespace mcpio::cli
