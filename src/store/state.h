// SPDX-License-Identifier: MIT
// What must be remembered of logins and has no place among the credentials.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/json_document.h"

namespace mcpio::store {

// JSON objects by section and name: registrations by issuer, keys and grants by server, and so on.
// Servers decide on part of this, so it is bounded.
class State {
 public:
  static constexpr std::size_t kMostNames = 256;              // in a section
  static constexpr std::size_t kMostObjectBytes = 64 * 1024;  // with its name

  virtual ~State() = default;

  // No value: nothing of that name, or no object.
  virtual Result<std::optional<codec::JsonObject>> find(std::string_view section,
                                                        std::string_view name) = 0;
  // All names in a section, sorted.
  virtual Result<std::vector<std::string>> names(std::string_view section) = 0;
  // `object` is the text of a JSON object. Fails with io if it and its name are too large; of too
  // many in a section another one makes room.
  virtual Result<void> put(std::string_view section, std::string_view name,
                           std::string_view object) = 0;
  virtual Result<void> remove(std::string_view section, std::string_view name) = 0;

 protected:
  static Result<void> check_size(std::string_view name, std::string_view object);
};

}  // namespace mcpio::store
