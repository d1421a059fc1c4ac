// SPDX-License-Identifier: MIT
// A small MCP client that speaks to a child process over its pipes.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "demo/catalogue.h"
#include "io/event.h"
#include "io/mailbox.h"
#include "process/child.h"

namespace mcpio::demo {

// An answer, with what the transcript says about it.
struct Answer {
  Json message;
  std::size_t bytes = 0;
  std::chrono::microseconds took{0};
};

// One line is one message, both ways (revision 2025-11-25, basic/transports, stdio). read() must
// run beside everything else. What cannot be understood ends it, and with it every wait here.
class DemoClient {
 public:
  DemoClient(asio::any_io_executor executor, process::Child& server);

  // Until the server closes its output.
  awaitable<Result<void>> read();

  // Sends a request; its id.
  awaitable<Result<int>> ask(std::string method, Json params);
  // Sends a notification, or an answer to a question.
  awaitable<Result<void>> tell(Json message);
  // The answer to that request. Unbounded: the caller's deadline, or the end of read(), ends it.
  awaitable<Result<Answer>> answer(int id);
  // The next message that is no answer.
  awaitable<Result<Json>> next();

  // Has an answer to that request come, whether anybody waits for it or not?
  bool has_answer(int id) const;

 private:
  struct Pending {
    explicit Pending(asio::any_io_executor executor) : arrived(executor) {}

    SteadyTime asked = std::chrono::steady_clock::now();
    io::Event arrived;
    Answer answer;
  };

  static constexpr std::size_t kLineBytes = 64 * 1024 * 1024;
  static constexpr std::size_t kUnasked = 1024;  // messages that wait for next()

  awaitable<Error> read_lines();
  Result<void> take(std::string_view line);

  asio::any_io_executor executor_;
  process::Child& server_;
  std::map<int, std::shared_ptr<Pending>> pending_;  // all requests so far
  io::Mailbox<Json> unasked_;
  std::optional<Error> ended_;  // why nothing more will come
};

}  // namespace mcpio::demo
