// SPDX-License-Identifier: MIT
// This program, to be started once more.
#pragma once

#include <string>

#include "base/result.h"
#include "process/launch.h"

namespace mcpio::process {

// The same program with the same arguments, and `variable` ("NAME=value") beside our environment.
// It is this one also if its file has been replaced or removed since we started. Fails with io
// where the system does not say what we are.
Result<Command> this_program(std::string variable);

}  // namespace mcpio::process
