// SPDX-License-Identifier: MIT
// The environment variables, as a function, so that tests bring their own.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace mcpio {

// The value of a variable; no value: it is not set. A set and empty one is an empty text.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

Environment process_environment();

}  // namespace mcpio
