// SPDX-License-Identifier: MIT
// What must be remembered between runs and has no place in tokens.json.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/json_document.h"
#include "store/atomic_file.h"

namespace mcpio::store {

// JSON objects by section and name: registrations by issuer, keys and grants by server, and so on.
// Each change reads the file again, under its lock, and writes the whole.
class StateFile {
 public:
  explicit StateFile(std::filesystem::path file) : file_(std::move(file)) {}

  // No value: nothing of that name, or no object.
  Result<std::optional<codec::JsonObject>> find(std::string_view section, std::string_view name);
  // All names in a section, sorted.
  Result<std::vector<std::string>> names(std::string_view section);
  // `object` is the text of a JSON object. Servers decide on part of this, so it is bounded: fails
  // with io if one object is larger than 64 KiB; and of 256 in a section another one makes room.
  Result<void> put(std::string_view section, std::string_view name, std::string_view object);
  Result<void> remove(std::string_view section, std::string_view name);

 private:
  AtomicFile file_;
};

}  // namespace mcpio::store
