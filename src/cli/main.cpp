// SPDX-License-Identifier: MIT
#include <fmt/core.h>
#include <malloc.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "base/environment.h"
#include "base/log.h"
#include "cli/client_metadata_command.h"
#include "cli/command_line.h"
#include "cli/connect_command.h"
#include "cli/demo_command.h"
#include "cli/exit_code.h"
#include "cli/help.h"
#include "cli/option_table.h"
#include "cli/refresh_command.h"
#include "cli/resolve.h"
#include "cli/say.h"
#include "cli/sign_in_commands.h"
#include "cli/signals.h"
#include "cli/status_command.h"
#include "cli/version.h"
#include "demo/demo_browser.h"

namespace mcpio::cli {

namespace {

int run_command(const ConnectConfig& config) {
  switch (config.command) {
    case Command::login:
      return run_login(config);
    case Command::logout:
      return run_logout(config);
    case Command::status:
      return run_status(config);
    case Command::token:
      return run_token(config);
    case Command::client_metadata:
      return run_client_metadata(config);
    case Command::demo:
    case Command::connect:
      break;
  }
  return run_connect(config);
}

int resolve_and_run(CommandLine line) {
  leave_on_signals();  // resolve() may wait for a pipe
  const Resolved resolved = resolve(std::move(line), process_environment());
  say("warning", resolved.warnings);
  say("error", resolved.mistakes.lines());
  if (!resolved.mistakes.empty()) return resolved.mistakes.exit_code();

  auto started = log::start(resolved.config.log);
  if (!started) {
    say("error", {"--log-file: " + started.error().message});
    return exit_code::kFailed;
  }
  return run_command(resolved.config);
}

int run(const std::vector<std::string>& arguments) {
  if (is_refresh_process()) return run_refresh(arguments);
  CommandLine line = parse_command_line(arguments);
  if (line.settings.has("help")) {
    fmt::print("{}", line.is_named ? help_text(page_of(STDOUT_FILENO), line.command)
                                   : help_text(page_of(STDOUT_FILENO)));
    return exit_code::kOk;
  }
  if (line.settings.has("version")) {
    fmt::print("mcp-stdio {}\n", version());
    return exit_code::kOk;
  }
  if (line.settings.has("list-options")) {
    fmt::print("{}", option_list());
    return exit_code::kOk;
  }
  if (line.command != Command::demo) return resolve_and_run(std::move(line));

  say("error", line.mistakes.lines());
  return line.mistakes.empty() ? run_demo() : line.mistakes.exit_code();
}

}  // namespace

}  // namespace mcpio::cli

int main(int argc, char** argv) {
  // A large message lives in pages of its own, which grow without being copied and go back to the
  // system at once; glibc would otherwise give that up after the first one.
  mallopt(M_MMAP_THRESHOLD, 512 * 1024);
  // With that, glibc would also give back and fetch again a few pages at every small call.
  mallopt(M_TRIM_THRESHOLD, 4 * 1024 * 1024);
  try {
    if (argc == 2 && mcpio::demo::is_browser(argv[0])) return mcpio::demo::browse(argv[1]);
    return mcpio::cli::run({argv + 1, argv + argc});
  } catch (const std::exception& bug) {
    fmt::print(stderr, "error: this is a bug in mcp-stdio, please report it: {}\n",
               mcpio::log::redacted(bug.what()));
    return mcpio::cli::exit_code::kBug;
  }
}
