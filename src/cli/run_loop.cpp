// SPDX-License-Identifier: MIT
#include "cli/run_loop.h"

#include <boost/asio/co_spawn.hpp>
#include <csignal>
#include <exception>
#include <utility>

#include "cli/exit_code.h"
#include "cli/say.h"

namespace mcpio::cli {

int run_to_its_end(asio::io_context& loop, awaitable<Result<int>> command) {
  std::signal(SIGPIPE, SIG_IGN);
  int code = exit_code::kFailed;
  const auto done = [&](std::exception_ptr thrown, Result<int> result) {
    if (thrown) std::rethrow_exception(thrown);
    if (result) code = *result;
    if (!result) say("error", {result.error().message});
    loop.stop();
  };
  asio::co_spawn(loop, std::move(command), done);
  loop.run();
  return code;
}

}  // namespace mcpio::cli
