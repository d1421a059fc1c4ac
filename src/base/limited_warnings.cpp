// SPDX-License-Identifier: MIT
#include "base/limited_warnings.h"

#include "base/limits.h"

namespace mcpio::log {

LimitedWarnings::~LimitedWarnings() {
  if (hidden_ > 0) warning("{}: {} more warnings were not shown", about_, hidden_);
}

bool LimitedWarnings::has_room() {
  if (shown_ < limits::kWarningsPerStream) {
    ++shown_;
    return true;
  }
  if (++hidden_ == 1) warning("{}: further warnings are not shown", about_);
  return false;
}

}  // namespace mcpio::log
