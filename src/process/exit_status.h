// SPDX-License-Identifier: MIT
// How a program ended.
#pragma once

#include <csignal>
#include <string>

namespace mcpio::process {

// By itself with a code, or by a signal.
struct ExitStatus {
  int code = 0;
  int signal = 0;  // 0: by itself

  bool is_success() const { return code == 0 && signal == 0; }
  friend bool operator==(const ExitStatus&, const ExitStatus&) = default;
};

// What waitid() said.
ExitStatus status_of(const siginfo_t& ended);

// "exit code 3", "signal 9 (Killed)"
std::string describe(const ExitStatus& status);

}  // namespace mcpio::process
