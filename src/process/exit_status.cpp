// SPDX-License-Identifier: MIT
#include "process/exit_status.h"

#include <fmt/core.h>

#include <cstring>

namespace mcpio::process {

ExitStatus status_of(const siginfo_t& ended) {
  if (ended.si_code == CLD_EXITED) return ExitStatus{.code = ended.si_status};
  return ExitStatus{.signal = ended.si_status};
}

std::string describe(const ExitStatus& status) {
  if (status.signal == 0) return fmt::format("exit code {}", status.code);
  return fmt::format("signal {} ({})", status.signal, strsignal(status.signal));
}

}  // namespace mcpio::process
