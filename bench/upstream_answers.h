// SPDX-License-Identifier: MIT
// What the benchmark's MCP server says to each message. Pure, and cheap: nothing is parsed that
// need not be, and large results are made once.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace bench {

// One HTTP answer, ready to be sent: head, payload and tail one after the other.
struct Answer {
  std::string head;
  std::string_view payload;  // large and shared; lives as long as the program
  std::string tail;
  std::chrono::milliseconds delay{0};
};

// The answer to an HTTP request with this method and body.
Answer answer_to(std::string_view http_method, std::string_view body);

}  // namespace bench
