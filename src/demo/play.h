// SPDX-License-Identifier: MIT
// The demo's plot: one conversation, in which every answer is compared with what it should be.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "demo/authorization_server.h"
#include "demo/demo_client.h"
#include "demo/demo_command.h"
#include "demo/demo_server.h"
#include "demo/door.h"
#include "demo/temporary_home.h"
#include "demo/transcript.h"
#include "io/task_scope.h"
#include "process/child.h"

namespace mcpio::demo {

// A request, and the answer it should get.
struct Step {
  std::string shown;  // of the request
  std::string method;
  Json params;
  Json result;               // what is expected
  std::string shown_result;  // of the answer, if it is as expected
};

class Play {
 public:
  Play(asio::any_io_executor executor, const DemoOptions& options, Transcript& transcript);

  // From the first process to the last; bounded by the options' limit. Afterwards nothing is left.
  awaitable<Result<void>> run();

  // Whether it all was as expected; the first failure or difference otherwise.
  const Result<void>& outcome() const { return outcome_; }
  int steps() const { return steps_; }
  Time elapsed() const;
  // The last of what the gateway wrote to its stderr.
  const std::string& gateway_log() const { return log_; }

 private:
  awaitable<Result<void>> converse();
  Result<void> start_servers();
  Result<void> open();
  void hear(SignInEvent event);
  awaitable<Result<void>> sign_in();
  awaitable<Result<void>> renew_token();
  awaitable<Result<void>> exchange(Step step);
  awaitable<Result<void>> announce_ready();
  awaitable<Result<void>> count_down();
  awaitable<Result<void>> answer_question();
  awaitable<Result<void>> fetch_big();
  awaitable<Result<void>> cancel_a_call();
  awaitable<Result<void>> leave();
  awaitable<Result<void>> keep_log();

  Result<void> check(std::string_view step, const Json& expected, const Json& got);
  Result<void> check_events(std::string_view step, const std::vector<SignInEvent>& expected);
  void succeed(const std::string& shown, Time took);

  const DemoOptions& options_;
  Transcript& show_;
  const SteadyTime start_;
  AuthorizationServer authorization_server_;
  DemoServer server_;
  std::string url_;
  std::unique_ptr<Door> door_;
  std::unique_ptr<TemporaryHome> home_;
  std::vector<SignInEvent> events_;  // since the last check
  Time sign_in_wanted_{0};
  std::unique_ptr<process::Child> gateway_;
  std::unique_ptr<DemoClient> client_;
  std::string log_;
  int steps_ = 0;
  Result<void> outcome_ = ok();
  io::TaskScope tasks_;  // what reads the gateway's pipes
};

}  // namespace mcpio::demo
