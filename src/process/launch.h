// SPDX-License-Identifier: MIT
// Starts a program: the part between vfork and exec. No event loop.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace mcpio::process {

struct Command {
  std::vector<std::string> arguments;  // the first is the program, looked up in PATH; no shell
  std::string program = {};            // what is run instead of the first, which is only its name
  // "NAME=value", all of it; no value: ours.
  std::optional<std::vector<std::string>> environment = {};
  std::string directory = {};    // empty: ours
  bool captures_stderr = false;  // else it goes where ours goes
  int input = -1;                // for a Child: what becomes its stdin; -1: a pipe of ours
  // It has a session of its own, and goes on when we end or are killed.
  bool outlives_us = false;
};

// The descriptors that become the program's 0, 1 and 2. Each must be above 2; -1: ours is
// inherited.
struct Stdio {
  int in = -1, out = -1, err = -1;
};

// Starts the program in a process group of its own, with no other descriptor of ours and with the
// default reaction to SIGPIPE. Unless it shall outlive us, the kernel sends it SIGTERM when the
// calling thread ends, also if we are killed: call this from a thread that lives as long as we do.
//
// Fails with `config` if the program cannot be executed, with `io` if no process can be made.
Result<pid_t> launch(const Command& command, Stdio stdio);

}  // namespace mcpio::process
