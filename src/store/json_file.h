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

inline std::string text_of(const nlohmann::json& value) {
  return value.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

struct ReadObject {
  nlohmann::json object = nlohmann::json::object();
  bool is_damaged = false;
};

// Empty if there is no file, or none that is a JSON object, which is said.
inline Result<ReadObject> read_object(const AtomicFile& file) {
  ReadObject read;
  auto text = file.read();
  if (!text) return propagate(text);
  if (!*text || (*text)->empty()) return read;
  auto object = parse_shallow(**text);
  read.is_damaged = !object.is_object();
  if (!read.is_damaged)
    read.object = std::move(object);
  else
    log::warning(
        "'{0}' is damaged; it counts as empty, and the next login keeps it as "
        "'{0}.damaged'",
        file.path().string());
  return read;
}

// Under the file's lock: what `change` makes of the object becomes the file. What somebody may
// still want to mend by hand is set aside.
template <class Change>
Result<void> update_object(const AtomicFile& file, Change change) {
  const auto lock = file.lock();
  auto read = read_object(file);
  if (!read) return propagate(read);
  if (read->is_damaged) {
    auto aside = file.set_aside();
    if (!aside) return aside;
  }
  change(read->object);
  return file.write(text_of(read->object));
}

}  // namespace mcpio::store
