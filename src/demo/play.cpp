// SPDX-License-Identifier: MIT
#include "demo/play.h"

#include <fmt/core.h>

#include <array>
#include <utility>

#include "io/deadline.h"

namespace mcpio::demo {
namespace {

constexpr int kCountdown = 5;
constexpr std::size_t kLogBytes = 4096;
constexpr std::chrono::seconds kExitTime{5};

std::string shortened(const Json& value) {
  constexpr std::size_t kShown = 160;
  std::string text = value.dump();
  if (text.size() <= kShown) return text;
  return fmt::format("{}... ({} bytes)", text.substr(0, kShown), text.size());
}

Json call_params(std::string_view tool, Json arguments) {
  return Json{{"name", tool}, {"arguments", std::move(arguments)}};
}

Json countdown_params(int from, std::string_view token) {
  Json params = call_params("countdown", Json{{"from", from}});
  params["_meta"] = Json{{"progressToken", token}};
  return params;
}

Step initialize() {
  const Json client{{"name", "demo-client"}, {"version", "1.0"}};
  const Json capabilities{{"elicitation", Json::object()}};
  return Step{.shown = "initialize",
              .method = "initialize",
              .params = Json{{"protocolVersion", kLatestRevision},
                             {"capabilities", capabilities},
                             {"clientInfo", client}},
              .result = initialize_result(kLatestRevision),
              .shown_result = fmt::format("demo-server, revision {}", kLatestRevision)};
}

Step ping(std::string shown) {
  return Step{.shown = std::move(shown),
              .method = "ping",
              .params = Json::object(),
              .result = Json::object(),
              .shown_result = "{}"};
}

Step call(std::string shown, Json params, std::string text) {
  return Step{.shown = "tools/call " + std::move(shown),
              .method = "tools/call",
              .params = std::move(params),
              .result = text_result(text),
              .shown_result = fmt::format("\"{}\"", text)};
}

std::vector<Step> tools() {
  std::vector<Step> steps;
  steps.push_back(Step{.shown = "tools/list",
                       .method = "tools/list",
                       .params = Json::object(),
                       .result = tools_list(),
                       .shown_result = "echo, add, countdown, ask, big"});
  const std::string text = "Grüße, Ω";
  steps.push_back(call("echo", call_params("echo", Json{{"text", text}}), text));
  steps.push_back(call("add 2 + 40", call_params("add", Json{{"a", 2}, {"b", 40}}), "42"));
  return steps;
}

std::vector<Step> resources_and_prompts() {
  std::vector<Step> steps;
  steps.push_back(Step{.shown = "resources/list",
                       .method = "resources/list",
                       .params = Json::object(),
                       .result = resources_list(),
                       .shown_result = "greeting"});
  steps.push_back(Step{.shown = fmt::format("resources/read {}", kResourceUri),
                       .method = "resources/read",
                       .params = Json{{"uri", kResourceUri}},
                       .result = resource(),
                       .shown_result = fmt::format("\"{}\"", kResourceText)});
  steps.push_back(Step{.shown = "prompts/list",
                       .method = "prompts/list",
                       .params = Json::object(),
                       .result = prompts_list(),
                       .shown_result = "explain"});
  steps.push_back(Step{.shown = "prompts/get explain",
                       .method = "prompts/get",
                       .params = Json{{"name", "explain"}, {"arguments", {{"topic", "stdio"}}}},
                       .result = prompt("stdio"),
                       .shown_result = "\"Explain stdio in one sentence.\""});
  return steps;
}

// As the transcript has it, and the report of a difference.
std::string_view words_of(SignInEvent event) {
  switch (event) {
    case SignInEvent::wanted:
      return "401: sign in first";
    case SignInEvent::found_resource:
      return "metadata: who signs people in";
    case SignInEvent::found_server:
      return "metadata: wants client_secret_basic";
    case SignInEvent::registered:
      return "a new client registers itself";
    case SignInEvent::sent_back:
      return "the browser goes back with a code";
    case SignInEvent::token_issued:
      return "a token, for code and PKCE verifier";
    case SignInEvent::token_expired:
      return "401: the token has expired";
    case SignInEvent::token_renewed:
      return "a new one, for the refresh token";
  }
  return "";
}

const std::vector<SignInEvent> kSignIn = {SignInEvent::wanted,       SignInEvent::found_resource,
                                          SignInEvent::found_server, SignInEvent::registered,
                                          SignInEvent::sent_back,    SignInEvent::token_issued};
const std::vector<SignInEvent> kRenewal = {SignInEvent::token_expired, SignInEvent::token_renewed};

std::string listed(const std::vector<SignInEvent>& events) {
  std::string text;
  for (const auto event : events)
    text += fmt::format("{}{}", text.empty() ? "" : "; ", words_of(event));
  return text.empty() ? "nothing" : text;
}

}  // namespace

Play::Play(asio::any_io_executor executor, const DemoOptions& options, Transcript& transcript)
    : options_(options),
      show_(transcript),
      start_(std::chrono::steady_clock::now()),
      authorization_server_(executor, [this](SignInEvent event) { hear(event); }),
      server_(executor, options.tick),
      tasks_(executor) {}

Time Play::elapsed() const {
  return std::chrono::duration_cast<Time>(std::chrono::steady_clock::now() - start_);
}

awaitable<Result<void>> Play::run() {
  outcome_ = start_servers();
  if (outcome_) outcome_ = open();
  if (outcome_) outcome_ = co_await io::with_deadline(options_.limit, converse());
  tasks_.cancel();
  co_await tasks_.join();
  gateway_.reset();
  home_.reset();
  co_await server_.stop();
  co_await authorization_server_.stop();
  co_return ok();  // the outcome is told by whoever asked for the play
}

Result<void> Play::start_servers() {
  auto started = authorization_server_.start();
  if (!started) return propagate(started);
  auto url = server_.start();
  if (!url) return propagate(url);
  url_ = *std::move(url);
  door_ = std::make_unique<Door>(url_, authorization_server_);
  server_.guard_with(door_.get());
  return ok();
}

Result<void> Play::open() {
  show_.title(fmt::format("A client starts the gateway; the gateway speaks to {}", url_));
  auto home = TemporaryHome::make(options_.browser);
  if (!home) return propagate(home);
  home_ = *std::move(home);
  process::Command command{
      .arguments = options_.gateway, .environment = home_->environment(), .captures_stderr = true};
  // With a browser that is named, the gateway need not ask whether there is one to be found.
  for (std::string argument : {std::string("--browser"), home_->browser(), url_})
    command.arguments.push_back(std::move(argument));
  auto gateway = process::Child::start(tasks_.executor(), command);
  if (!gateway) return propagate(gateway, "starting the gateway");

  gateway_ = *std::move(gateway);
  client_ = std::make_unique<DemoClient>(tasks_.executor(), *gateway_);
  tasks_.spawn("demo: gateway's output", client_->read());
  tasks_.spawn("demo: gateway's log", keep_log());
  show_.heads();
  return ok();
}

// The plot, from top to bottom.
awaitable<Result<void>> Play::converse() {
  auto done = co_await sign_in();
  if (done) done = co_await announce_ready();
  for (auto& step : tools())
    if (done) done = co_await exchange(std::move(step));
  if (done) done = co_await count_down();
  if (done) done = co_await answer_question();
  if (done) done = co_await fetch_big();
  for (auto& step : resources_and_prompts())
    if (done) done = co_await exchange(std::move(step));
  if (done) done = co_await renew_token();
  if (done) done = co_await cancel_a_call();
  if (done) done = co_await leave();
  co_return done;
}

// What the servers see of a sign-in is shown while it happens.
void Play::hear(SignInEvent event) {
  if (event == SignInEvent::wanted) sign_in_wanted_ = elapsed();
  events_.push_back(event);
  show_.progress(elapsed(), words_of(event));
  if (event == SignInEvent::token_issued)
    succeed("signed in, client_secret_basic", elapsed() - sign_in_wanted_);
}

// The first request is refused, and answered all the same once the gateway has signed in.
awaitable<Result<void>> Play::sign_in() {
  auto done = co_await exchange(initialize());
  if (!done) co_return propagate(done);
  co_return check_events("signing in", kSignIn);
}

// The token is good no longer, and nobody is asked.
awaitable<Result<void>> Play::renew_token() {
  authorization_server_.grants().expire_access_tokens();
  auto done = co_await exchange(ping("ping, with a token that expired"));
  if (!done) co_return propagate(done);
  co_return check_events("renewing the token", kRenewal);
}

Result<void> Play::check_events(std::string_view step, const std::vector<SignInEvent>& expected) {
  const auto got = std::exchange(events_, {});
  if (got == expected) return ok();
  return fail(ErrorKind::protocol, fmt::format("{}\n  expected  {}\n  got       {}", step,
                                               listed(expected), listed(got)));
}

awaitable<Result<void>> Play::exchange(Step step) {
  show_.client(elapsed(), step.shown);
  auto id = co_await client_->ask(step.method, std::move(step.params));
  if (!id) co_return propagate(id, step.shown);
  auto answer = co_await client_->answer(*id);
  if (!answer) co_return propagate(answer, step.shown);

  const Json expected = response(*id, std::move(step.result));
  auto same = check(step.shown, expected, answer->message);
  if (!same) co_return propagate(same);
  succeed(step.shown_result, answer->took);
  co_return ok();
}

awaitable<Result<void>> Play::announce_ready() {
  show_.client(elapsed(), "notifications/initialized");
  Json ready{{"jsonrpc", "2.0"}, {"method", "notifications/initialized"}};
  co_return co_await client_->tell(std::move(ready));
}

// A slow call with progress; while it runs, a ping is answered.
awaitable<Result<void>> Play::count_down() {
  const std::string shown = fmt::format("tools/call countdown from {}", kCountdown);
  show_.client(elapsed(), shown);
  auto id = co_await client_->ask("tools/call", countdown_params(kCountdown, "slow"));
  if (!id) co_return propagate(id, shown);

  for (int done = 1; done <= kCountdown; ++done) {
    auto heard = co_await client_->next();
    if (!heard) co_return propagate(heard, shown);
    auto same = check(shown, progress("slow", done, kCountdown), *heard);
    if (!same) co_return propagate(same);
    show_.progress(elapsed(), fmt::format("progress {} of {}", done, kCountdown));
    if (done != 2) continue;
    auto pinged = co_await exchange(ping("ping, during the countdown"));
    if (!pinged) co_return propagate(pinged);
    if (client_->has_answer(*id))
      co_return fail(ErrorKind::protocol, "the ping waited for the end of the countdown");
  }

  auto answer = co_await client_->answer(*id);
  if (!answer) co_return propagate(answer, shown);
  const std::string text = fmt::format("counted down from {}", kCountdown);
  auto same = check(shown, response(*id, text_result(text)), answer->message);
  if (!same) co_return propagate(same);
  succeed(fmt::format("\"{}\"", text), answer->took);
  co_return ok();
}

// The server asks the client back while its call is open.
awaitable<Result<void>> Play::answer_question() {
  const std::string shown = "tools/call ask";
  show_.client(elapsed(), shown);
  auto id = co_await client_->ask("tools/call", call_params("ask", Json::object()));
  if (!id) co_return propagate(id, shown);
  auto question = co_await client_->next();
  if (!question) co_return propagate(question, shown);

  const Json question_id = question->value("id", Json());
  (*question)["id"] = "question";
  auto same = check(shown, elicitation("question"), *question);
  if (!same) co_return propagate(same);
  show_.server(elapsed(), "elicitation/create \"What is your name?\"");
  show_.client(elapsed(), "answers \"Ada\"");
  const Json content{{"name", "Ada"}};
  Json reply = response(question_id, Json{{"action", "accept"}, {"content", content}});
  auto told = co_await client_->tell(std::move(reply));
  if (!told) co_return propagate(told, shown);

  auto answer = co_await client_->answer(*id);
  if (!answer) co_return propagate(answer, shown);
  same = check(shown, response(*id, text_result("Hello, Ada!")), answer->message);
  if (!same) co_return propagate(same);
  succeed("\"Hello, Ada!\"", answer->took);
  co_return ok();
}

awaitable<Result<void>> Play::fetch_big() {
  const std::string shown = "tools/call big";
  show_.client(elapsed(), shown);
  auto id = co_await client_->ask("tools/call", call_params("big", Json::object()));
  if (!id) co_return propagate(id, shown);
  auto answer = co_await client_->answer(*id);
  if (!answer) co_return propagate(answer, shown);
  auto same = check(shown, response(*id, text_result(big_text())), answer->message);
  if (!same) co_return propagate(same);
  succeed(fmt::format("{}, every byte", show_size(answer->bytes)), answer->took);
  co_return ok();
}

// The server must learn of it, and the client must hear no answer.
awaitable<Result<void>> Play::cancel_a_call() {
  const std::string shown = "tools/call countdown from 1000";
  show_.client(elapsed(), shown);
  auto id = co_await client_->ask("tools/call", countdown_params(1000, "endless"));
  if (!id) co_return propagate(id, shown);
  auto heard = co_await client_->next();
  if (!heard) co_return propagate(heard, shown);
  auto same = check(shown, progress("endless", 1, 1000), *heard);
  if (!same) co_return propagate(same);
  show_.progress(elapsed(), "progress 1 of 1000");

  const auto asked = elapsed();
  show_.client(asked, "notifications/cancelled");
  Json cancel{{"jsonrpc", "2.0"}, {"method", "notifications/cancelled"}};
  cancel["params"] = Json{{"requestId", *id}, {"reason", "the demo has seen enough"}};
  auto told = co_await client_->tell(std::move(cancel));
  if (!told) co_return propagate(told, shown);
  auto stopped = co_await io::until(server_.cancelled());
  if (!stopped) co_return propagate(stopped, "waiting for the server to hear of the cancellation");
  succeed("stopped counting", elapsed() - asked);

  auto pinged = co_await exchange(ping("ping, after it"));
  if (!pinged) co_return propagate(pinged);
  if (client_->has_answer(*id))
    co_return fail(ErrorKind::protocol, "the cancelled call was answered all the same");
  co_return ok();
}

// The end of stdin ends the gateway, and the gateway ends its session.
awaitable<Result<void>> Play::leave() {
  const auto asked = elapsed();
  show_.client(asked, "closes stdin");
  gateway_->input().close();
  auto status = co_await io::with_deadline(kExitTime, gateway_->wait());
  if (!status) co_return propagate(status, "waiting for the gateway to end");
  if (!status->is_success())
    co_return fail(ErrorKind::protocol, fmt::format("the gateway ended with {}, not exit code 0",
                                                    process::describe(*status)));
  if (server_.sessions() != 0)
    co_return fail(ErrorKind::protocol, "the gateway left without ending its session (DELETE)");
  succeed("session ended, exit code 0", elapsed() - asked);
  co_return ok();
}

// Until the gateway closes its stderr.
awaitable<Result<void>> Play::keep_log() {
  std::array<char, 1024> piece;
  for (;;) {
    const auto [error, size] =
        co_await gateway_->errors().async_read_some(asio::buffer(piece), as_result);
    if (error) co_return ok();
    log_.append(piece.data(), size);
    if (log_.size() > kLogBytes) log_.erase(0, log_.size() - kLogBytes);
  }
}

Result<void> Play::check(std::string_view step, const Json& expected, const Json& got) {
  if (expected == got) return ok();
  return fail(ErrorKind::protocol, fmt::format("{}\n  expected  {}\n  got       {}", step,
                                               shortened(expected), shortened(got)));
}

void Play::succeed(const std::string& shown, Time took) {
  ++steps_;
  show_.answer(elapsed(), shown, took);
}

}  // namespace mcpio::demo
