// SPDX-License-Identifier: MIT
// Reads a small file of the user's that decides what we do and may hold secrets.
#pragma once

#include <string>

#include "base/result.h"

namespace mcpio::cli {

struct PrivateFile {
  std::string text;
  bool others_can_read = false;  // group or anybody
  bool group_can_write = false;
};

// Fails if it cannot be read, is larger than a megabyte, or if others may write it or own it: who
// writes it decides where our credentials go. Root may read what belongs to anybody. The group may
// write it where it is the owner's own, which has the same number (umask 002). It may be a pipe,
// which is waited for, up to a minute. Messages name the file.
Result<PrivateFile> read_private_file(const std::string& path);

// What its owner should change, now that it is known whether it may hold secrets; empty: nothing.
std::string warning_about(const PrivateFile& file, const std::string& path, bool may_hold_secrets);

}  // namespace mcpio::cli
