// SPDX-License-Identifier: MIT
#include "demo/demo_command.h"

#include <fmt/core.h>

#include <boost/asio/io_context.hpp>
#include <csignal>
#include <filesystem>
#include <iostream>

#include "demo/play.h"

namespace mcpio::demo {
namespace {

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
  asio::io_context loop(1);
  Transcript show(out, options.style);
  Play play(loop.get_executor(), options, show);
  io::TaskScope tasks(loop.get_executor());
  tasks.spawn("demo", play.run());
  loop.run();

  report(show, play);
  if (!play.outcome()) return 1;
  advise(show, options.program);
  return 0;
}

int run_demo(const std::string& self_path) {
  DemoOptions options{.gateway = {self_path}, .program = typed(self_path)};
  options.style = style_of_stdout();
  return run_demo(options, std::cout);
}

}  // namespace mcpio::demo
