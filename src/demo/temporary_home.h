// SPDX-License-Identifier: MIT
// A home of its own for the demo's gateway, so that nothing of the user's is read or written.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace mcpio::demo {

// A folder for the owner alone; goes with everything in it when the object goes.
class TemporaryHome {
 public:
  // In it, `browser` is a link to that program. Fails with io.
  static Result<std::unique_ptr<TemporaryHome>> make(const std::string& browser_program);
  TemporaryHome(const TemporaryHome&) = delete;
  TemporaryHome& operator=(const TemporaryHome&) = delete;
  ~TemporaryHome();

  std::string browser() const;
  // This process's, without what would change what the gateway does, and with this as its home.
  std::vector<std::string> environment() const;

 private:
  explicit TemporaryHome(std::filesystem::path path) : path_(std::move(path)) {}

  const std::filesystem::path path_;
};

}  // namespace mcpio::demo
