// SPDX-License-Identifier: MIT
#include "cli/demo_command.h"

#include "demo/demo_command.h"

namespace mcpio::cli {

int run_demo() { return demo::run_demo("/proc/self/exe"); }

}  // namespace mcpio::cli
