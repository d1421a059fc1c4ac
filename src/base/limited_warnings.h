// SPDX-License-Identifier: MIT
// Warnings whose number somebody else decides.
#pragma once

#include <string_view>
#include <utility>

#include "base/log.h"

namespace mcpio::log {

// A server may send any number of bad events, each shorter than the line that warns of it. So the
// first limits::kWarningsPerStream are logged, then a line says that the rest is not, and the
// destructor says how many those were.
class LimitedWarnings {
 public:
  // `about` begins those two lines, and must live for ever: a literal.
  explicit LimitedWarnings(std::string_view about) : about_(about) {}
  LimitedWarnings(const LimitedWarnings&) = delete;
  LimitedWarnings& operator=(const LimitedWarnings&) = delete;
  ~LimitedWarnings();

  template <class... Args>
  void write(fmt::format_string<Args...> format, Args&&... args) {
    if (has_room()) warning(format, std::forward<Args>(args)...);
  }

 private:
  bool has_room();

  const std::string_view about_;
  int shown_ = 0;
  std::size_t hidden_ = 0;
};

}  // namespace mcpio::log
