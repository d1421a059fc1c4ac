// SPDX-License-Identifier: MIT
// A JSON object in an AtomicFile. Only for the sources of this module.
#pragma once

#include <fmt/core.h>

#include <nlohmann/json.hpp>
#include <string>

#include "base/log.h"
#include "store/atomic_file.h"

namespace mcpio::store {

// Nobody nests deeper; and a text of millions of levels must not become a stack of as many calls.
inline constexpr int kMostLevels = 64;

// Discarded if it is no JSON, or nested too deep.
inline nlohmann::json parse_shallow(std::string_view text) {
  bool is_too_deep = false;
  const auto look = [&](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
    is_too_deep = is_too_deep || depth > kMostLevels;
    return !is_too_deep;
  };
  auto parsed = nlohmann::json::parse(text, look, /*allow_exceptions=*/false);
  return is_too_deep ? nlohmann::json(nlohmann::json::value_t::discarded) : parsed;
}

// Empty if there is no file, or none that is a JSON object, which is said.
inline Result<nlohmann::json> read_object(const AtomicFile& file) {
  auto text = file.read();
  if (!text) return propagate(text);
  if (!*text || (*text)->empty()) return nlohmann::json::object();
  auto object = parse_shallow(**text);
  if (object.is_object()) return object;
  log::warning("'{}' is damaged; it counts as empty, and the next login replaces it",
               file.path().string());
  return nlohmann::json::object();
}

// Under the file's lock: what `change` makes of the object becomes the file.
template <class Change>
Result<void> update_object(const AtomicFile& file, Change change) {
  const auto lock = file.lock();
  auto object = read_object(file);
  if (!object) return propagate(object);
  change(*object);
  return file.write(object->dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace mcpio::store
