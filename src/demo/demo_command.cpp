// SPDX-License-Identifier: MIT
#include "demo/demo_command.h"

#include <fmt/core.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <filesystem>
#include <iostream>

#include "demo/play.h"

namespace mcpio::demo {
namespace {

constexpr int kInterrupted = 130;

void advise(Transcript& show, const std::string& program) {
  show.plain("");
  show.plain("Next: a server of your own");
  show.plain(fmt::format("  try it       {} --check https://YOUR-SERVER/mcp", program));
  show.plain(fmt::format("  connect it   {} https://YOUR-SERVER/mcp", program));
  show.plain("  from Claude Desktop, Claude Code, Cursor, VS Code, Zed: snippets in README.md");
}

void report(Transcript& show, const Play& play) {
  if (play.outcome()) {
    show.success(
        fmt::format("{} steps, all as expected, {}", play.steps(), show_time(play.elapsed())));
    return;
  }
  show.failure(fmt::format("Not as expected after {} steps: {}", play.steps(),
                           play.outcome().error().message));
  if (play.gateway_log().empty()) return;
  show.plain("");
  show.plain("The gateway's own words:");
  show.plain(play.gateway_log());
}

// The play, and its end before its time.
class Stage {
 public:
  Stage(const DemoOptions& options, Transcript& show)
      : play_(loop_.get_executor(), options, show),
        signals_(loop_, SIGINT, SIGTERM, SIGHUP),
        tasks_(loop_.get_executor()) {}

  const Play& run() {
    tasks_.spawn("demo", play());
    tasks_.spawn("demo: signals", watch_signals());
    loop_.run();
    return play_;
  }

 private:
  awaitable<Result<void>> play() {
    auto done = co_await play_.run();
    signals_.cancel();
    co_return done;
  }

  // Until a signal, or the end of the play.
  awaitable<Result<void>> watch_signals() {
    const auto [error, number] = co_await signals_.async_wait(as_result);
    if (!error) tasks_.cancel();
    co_return ok();
  }

  asio::io_context loop_{1};
  Play play_;
  asio::signal_set signals_;
  io::TaskScope tasks_;
};

// Where the program is, not what it calls itself; relative where that is shorter to type.
std::string typed(const std::string& path) {
  std::error_code failed;
  const std::filesystem::path whole = std::filesystem::canonical(path, failed);
  if (failed) return path;
  const std::string near = std::filesystem::proximate(whole, failed).string();
  const bool is_below = !failed && !near.starts_with("..");
  if (!is_below) return whole.string();
  return near.find('/') == std::string::npos ? "./" + near : near;
}

}  // namespace

int run_demo(const DemoOptions& options, std::ostream& out) {
  ::signal(SIGPIPE, SIG_IGN);  // a gateway that dies is a step that fails
  Transcript show(out, options.style);
  Stage stage(options, show);
  const Play& play = stage.run();
  if (!play.outcome() && play.outcome().error().kind == ErrorKind::cancelled) {
    show.failure("interrupted");
    return kInterrupted;
  }
  report(show, play);
  if (!play.outcome()) return 1;
  advise(show, options.program);
  return 0;
}

int run_demo(const std::string& self_path) {
  DemoOptions options{.gateway = {self_path}, .browser = {}, .program = typed(self_path)};
  std::error_code failed;
  options.browser = std::filesystem::canonical(self_path, failed).string();
  options.style = style_of_stdout();
  return run_demo(options, std::cout);
}

}  // namespace mcpio::demo
