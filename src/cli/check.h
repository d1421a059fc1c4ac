// SPDX-License-Identifier: MIT
// --check: has a short conversation with the server and tells what was seen.
//
//   ObservedClient client(curl);                // the stack sends through it
//   auto report = co_await Check(*stack, client, config).run();
//   fmt::print("{}", config.json ? report_json(report) : report_text(report, page));
//   return report.is_good() ? exit_code::kOk : exit_code::kFailed;
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/config.h"
#include "cli/observed_client.h"
#include "io/awaitable.h"
#include "spine/upstream.h"

namespace mcpio::cli {

// How far the way to the server was walked.
enum class Stage { name, connect, tls, http, initialize, tools, done };

std::string_view stage_name(Stage stage);

// Texts are the server's own words: clean them before they reach a terminal.
struct CheckReport {
  std::string url;              // without userinfo and query
  Stage reached = Stage::name;  // the stage that failed, or done
  std::optional<Error> failure;
  std::vector<std::string> advice;  // what to try next, most likely first

  bool is_https = false;
  bool has_timings = false;
  http::Timings timings;  // of the first connection
  int http_status = 0;    // of the answer that decided; 0: none
  std::chrono::microseconds initialize_took{0};

  std::string transport;
  std::string protocol_version;
  std::string server_name, server_version;
  std::vector<std::string> capabilities;
  std::string session;  // the beginning of its id; empty: there is none
  std::vector<std::string> tools;
  bool has_more_tools = false;

  bool is_good() const { return !failure; }
};

// The three must outlive it. run() starts the upstream and closes it; it may be called once, and
// ends within the configuration's time limits. The server's questions stay unanswered.
class Check {
 public:
  Check(Upstream& upstream, const ObservedClient& client, const ConnectConfig& config)
      : upstream_(upstream), client_(client), config_(config) {}

  awaitable<CheckReport> run();

 private:
  awaitable<Result<void>> converse();
  awaitable<Result<void>> initialize();
  awaitable<Result<void>> list_tools();
  awaitable<Result<Message>> ask(Message request);

  Result<void> read_initialize(std::string_view result);
  Result<void> read_tools(std::string_view result);
  void look_at_exchanges();
  void note_transport();

  Upstream& upstream_;
  const ObservedClient& client_;
  const ConnectConfig& config_;
  CheckReport report_;
};

// What somebody may do about a failed check. Pure.
std::vector<std::string> advice_for(const CheckReport& report, const ConnectConfig& config);

}  // namespace mcpio::cli
