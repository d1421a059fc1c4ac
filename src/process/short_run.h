// SPDX-License-Identifier: MIT
// Runs a program that answers one question and ends, and waits for it. No event loop: nothing else
// happens meanwhile, so it is for programs that are quick and for moments when nobody waits.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "process/exit_status.h"
#include "process/launch.h"

namespace mcpio::process {

struct RunLimits {
  std::chrono::milliseconds time;
  std::size_t output_bytes;
};

struct Finished {
  ExitStatus status;
  std::string output;  // what it wrote to stdout; its stderr is ours
};

// `input` is what it reads. Whatever it has started ends with it. Fails as launch() does; with
// timed_out or too_large, and then it is killed; with io.
Result<Finished> run_to_end(const Command& command, std::string_view input, RunLimits limits);

}  // namespace mcpio::process
