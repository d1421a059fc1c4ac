// SPDX-License-Identifier: MIT
// State that outlives the program: state.json, beside tokens.json.
#pragma once

#include <filesystem>

#include "store/atomic_file.h"
#include "store/state.h"

namespace mcpio::store {

// Each change reads the file again, under its lock, and writes the whole.
class StateFile final : public State {
 public:
  explicit StateFile(std::filesystem::path file) : file_(std::move(file)) {}

  Result<std::optional<codec::JsonObject>> find(std::string_view section,
                                                std::string_view name) override;
  Result<std::vector<std::string>> names(std::string_view section) override;
  Result<void> put(std::string_view section, std::string_view name,
                   std::string_view object) override;
  Result<void> remove(std::string_view section, std::string_view name) override;

 private:
  AtomicFile file_;
};

}  // namespace mcpio::store
