// SPDX-License-Identifier: MIT
// Reads a small file of the user's that decides what we do and may hold secrets.
#pragma once

#include <string>

#include "base/result.h"

namespace mcpio::cli {

struct PrivateFile {
  std::string text;
  bool others_can_read = false;  // group or anybody
};

// Fails if it cannot be read, is larger than a megabyte, or if others may write it or own it: who
// writes it decides where our credentials go. It may be a pipe, which is waited for, up to a
// minute. Messages name the file.
Result<PrivateFile> read_private_file(const std::string& path);

}  // namespace mcpio::cli
