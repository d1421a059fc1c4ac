// SPDX-License-Identifier: MIT
// State that goes with the process: --token-store memory.
#pragma once

#include <map>

#include "store/state.h"

namespace mcpio::store {

class MemoryState final : public State {
 public:
  Result<std::optional<codec::JsonObject>> find(std::string_view section,
                                                std::string_view name) override;
  Result<std::vector<std::string>> names(std::string_view section) override;
  Result<void> put(std::string_view section, std::string_view name,
                   std::string_view object) override;
  Result<void> remove(std::string_view section, std::string_view name) override;

 private:
  using Names = std::map<std::string, codec::JsonObject, std::less<>>;
  std::map<std::string, Names, std::less<>> sections_;
};

}  // namespace mcpio::store
