// SPDX-License-Identifier: MIT
// What the program's exit code means. Scripts depend on it; docs/options.md lists it.
#pragma once

namespace mcpio::cli::exit_code {

inline constexpr int kOk = 0;
inline constexpr int kFailed = 1;         // at run time, or a configuration that cannot work
inline constexpr int kUsage = 2;          // the command line, the environment or a value is wrong
inline constexpr int kBug = 70;           // a promise of our own was broken
inline constexpr int kInterrupted = 130;  // Ctrl-C before the relay began

}  // namespace mcpio::cli::exit_code
