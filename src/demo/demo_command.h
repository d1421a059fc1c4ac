// SPDX-License-Identifier: MIT
// `mcp-stdio demo`: shows what the gateway does, on a server and a client of our own.
#pragma once

#include <chrono>
#include <ostream>
#include <string>
#include <vector>

#include "demo/transcript.h"

namespace mcpio::demo {

struct DemoOptions {
  std::vector<std::string> gateway;  // the command; options and the server's URL are added to it
  std::string browser;               // the program that is_browser() is asked in
  std::string program;               // how the advice at the end calls it
  Style style = {};
  std::chrono::milliseconds tick{200};      // one number of a countdown
  std::chrono::milliseconds limit{20'000};  // of the whole demo
};

// Starts the servers, and the gateway as a child process; plays a client through it, and the person
// who signs in; shows the conversation. Returns the exit code: 0, or 1 at the first answer that is
// not what it should be; 130 after SIGINT, SIGTERM or SIGHUP. It leaves nothing behind.
int run_demo(const DemoOptions& options, std::ostream& out);

// The same for the executable at that path, on stdout.
int run_demo(const std::string& self_path);

}  // namespace mcpio::demo
