// SPDX-License-Identifier: MIT
#include "cli/check.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "cli/version.h"
#include "io/deadline.h"
#include "io/task_scope.h"
#include "mcp/protocol_version.h"

namespace mcpio::cli {

namespace {

using Json = nlohmann::json;

class DeafHearer final : public Hearer {
 public:
  awaitable<void> hear(Message) override { co_return; }
};

std::string text_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Message initialize_request() {
  const Json params = {{"protocolVersion", mcp::kNewestHandshake},
                       {"capabilities", Json::object()},
                       {"clientInfo", {{"name", "mcp-stdio"}, {"version", version()}}}};
  return mcp::make_request("1", "initialize", params.dump());
}

// The server's own error, without its `data`, which may hold anything.
Error refusal(std::string_view error_object) {
  const Json error = Json::parse(error_object, nullptr, false);
  Error said{.kind = ErrorKind::rejected, .message = "the server answered with an error"};
  if (!error.is_object()) return said;
  const auto code = error.find("code");
  if (code != error.end() && code->is_number_integer()) said.message += " " + code->dump();
  if (const std::string text = text_at(error, "message"); !text.empty())
    said.message += ": " + text.substr(0, 200);
  return said;
}

// The step at which a connection that was never made came to its end.
Stage broken_stage(const Sighting& seen) {
  const auto nothing = std::chrono::microseconds(0);
  if (seen.timings.name == nothing) return Stage::name;
  if (seen.timings.connect == nothing) return Stage::connect;
  if (seen.is_https && seen.timings.tls == nothing) return Stage::tls;
  return Stage::http;
}

}  // namespace

std::string_view stage_name(Stage stage) {
  switch (stage) {
    case Stage::name:
      return "name";
    case Stage::connect:
      return "connect";
    case Stage::tls:
      return "tls";
    case Stage::http:
      return "http";
    case Stage::initialize:
      return "initialize";
    case Stage::tools:
      return "tools";
    case Stage::done:
      return "done";
  }
  return {};
}

awaitable<CheckReport> Check::run() {
  report_.url = codec::for_log(config_.server);
  report_.is_https = config_.server.is_https();

  io::TaskScope tasks(co_await asio::this_coro::executor);
  std::shared_ptr<Hearer> nobody = std::make_shared<DeafHearer>();
  tasks.spawn("conversation", upstream_.run(std::move(nobody)));
  auto talked = co_await converse();
  co_await upstream_.close();
  tasks.cancel();
  co_await tasks.join();

  if (!talked) {
    report_.failure = std::move(talked).error();
    if (report_.failure->http_status != 0) report_.http_status = report_.failure->http_status;
    if (report_.reached == Stage::initialize && report_.http_status >= 300)
      report_.reached = Stage::http;
    report_.advice = advice_for(report_, config_);
  }
  co_return std::move(report_);
}

awaitable<Result<void>> Check::converse() {
  report_.reached = Stage::initialize;
  auto initialized = co_await initialize();
  look_at_exchanges();
  if (!initialized) co_return propagate(initialized);
  note_transport();

  Message ready = mcp::make_notification("notifications/initialized");
  auto told = co_await upstream_.tell(std::move(ready), nullptr);
  if (!told) co_return propagate(told, "notifications/initialized");

  report_.reached = Stage::tools;
  auto listed = co_await list_tools();
  if (!listed) co_return propagate(listed);
  report_.reached = Stage::done;
  co_return ok();
}

awaitable<Result<void>> Check::initialize() {
  const auto begin = std::chrono::steady_clock::now();
  auto answer = co_await ask(initialize_request());
  if (!answer) co_return propagate(answer, "initialize");
  report_.initialize_took = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - begin);
  co_return read_initialize(*answer->result());
}

awaitable<Result<void>> Check::list_tools() {
  const auto has_tools = std::ranges::find(report_.capabilities, "tools");
  if (has_tools == report_.capabilities.end()) co_return ok();
  auto answer = co_await ask(mcp::make_request("2", "tools/list"));
  if (!answer) co_return propagate(answer, "tools/list");
  co_return read_tools(*answer->result());
}

// The result's message; the server's error answer is a failure.
awaitable<Result<Message>> Check::ask(Message request) {
  using std::chrono::milliseconds;
  const milliseconds limit = config_.timeout_request > milliseconds(0)
                                 ? config_.timeout_request
                                 : config_.timeout_connect + config_.timeout_read;
  Call call{std::move(request), std::make_shared<DeafHearer>(), {}, {}};
  auto operation = io::with_deadline(limit, upstream_.call(std::move(call)));
  auto answer = co_await std::move(operation);
  if (!answer) co_return propagate(answer);
  if (auto error = answer->error()) co_return std::unexpected(refusal(*error));
  if (!answer->result()) co_return fail(ErrorKind::protocol, "neither a result nor an error");
  co_return answer;
}

Result<void> Check::read_initialize(std::string_view text) {
  const Json result = Json::parse(text, nullptr, false);
  if (!result.is_object()) return fail(ErrorKind::protocol, "initialize: the result is no object");
  report_.protocol_version = text_at(result, "protocolVersion");
  if (report_.protocol_version.empty())
    return fail(ErrorKind::protocol, "initialize: the result has no protocolVersion");
  if (const auto info = result.find("serverInfo"); info != result.end() && info->is_object()) {
    report_.server_name = text_at(*info, "name");
    report_.server_version = text_at(*info, "version");
  }
  // What counts is that a capability is there: {} is yes.
  if (const auto found = result.find("capabilities"); found != result.end() && found->is_object())
    for (const auto& [name, value] : found->items()) report_.capabilities.push_back(name);
  return ok();
}

Result<void> Check::read_tools(std::string_view text) {
  const Json result = Json::parse(text, nullptr, false);
  const auto tools = result.is_object() ? result.find("tools") : result.end();
  if (!result.is_object() || tools == result.end() || !tools->is_array())
    return fail(ErrorKind::protocol, "tools/list: the result has no list of tools");
  for (const Json& tool : *tools)
    report_.tools.push_back(tool.is_object() ? text_at(tool, "name") : std::string());
  report_.has_more_tools = result.contains("nextCursor");
  return ok();
}

// After initialize. Times are those of the first connection that came to an answer, or of the last
// attempt; the status is the one that came last, since a fallback has others before it. A failure
// that no answer stands behind is traced to the step that did not happen.
void Check::look_at_exchanges() {
  const Sighting* timed = nullptr;
  for (const auto& seen : client_.sightings()) {
    if (timed == nullptr || timed->status == 0) timed = seen.get();
    if (seen->status != 0) report_.http_status = seen->status;
  }
  if (timed == nullptr) return;
  report_.has_timings = true;
  report_.timings = timed->timings;
  if (timed->status == 0 && report_.protocol_version.empty())
    report_.reached = broken_stage(*timed);
}

// After initialize: only the older transport has had to open a stream to get so far.
void Check::note_transport() {
  constexpr std::size_t kShown = 8;  // enough to find it in the server's log, not to take it over
  report_.transport = "Streamable HTTP";
  for (const auto& seen : client_.sightings()) {
    if (seen->method == "GET" && seen->status == 200) report_.transport = "HTTP+SSE";
    if (!seen->session_id.empty()) report_.session = seen->session_id.substr(0, kShown);
  }
}

}  // namespace mcpio::cli
