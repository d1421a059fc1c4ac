// SPDX-License-Identifier: MIT
// An MCP client's conversation with one endpoint: the handshake, and calls under load.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "endpoint.h"

namespace bench {

// What to call, and the size of its answer, the digits of the id left out.
struct Tool {
  std::string name;
  std::string arguments;
  std::size_t answer_size;
};

Tool echo(bool sse);
Tool sleep_100_ms();
Tool large_result(std::size_t megabytes, bool rich, bool sse, std::size_t answer_size);
Tool log_messages(std::size_t count);

struct Load {
  Tool tool;
  std::size_t in_flight = 1;
  std::size_t calls = static_cast<std::size_t>(-1);
  Clock::duration time = std::chrono::hours(1);  // no call is started after it
};

struct Outcome {
  double seconds;
  double cpu_seconds;
  std::vector<double> latencies;    // seconds, one per call
  std::size_t notifications;        // heard besides the answers
  std::size_t size_of_last_answer;  // the digits of the id left out
};

class Session {
 public:
  explicit Session(Endpoint& endpoint) : endpoint_(endpoint) {}

  void initialize();
  // What a client does next: says that it is ready, and asks for the tools.
  void get_ready();

  // Every answer is received whole; its id and its size are checked.
  Outcome run(const Load& load);

 private:
  void ask(std::string_view method, std::string_view params);

  Endpoint& endpoint_;
  long next_id_ = 1;
};

}  // namespace bench
