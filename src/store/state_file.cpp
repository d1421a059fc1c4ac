// SPDX-License-Identifier: MIT
#include "store/state_file.h"

#include <fmt/core.h>

#include "store/json_file.h"

namespace mcpio::store {

Result<std::optional<codec::JsonObject>> StateFile::find(std::string_view section,
                                                         std::string_view name) {
  auto state = read_object(file_);
  if (!state) return propagate(state);
  const auto names = state->object.find(std::string(section));
  if (names == state->object.end() || !names->is_object()) return std::nullopt;
  const auto found = names->find(std::string(name));
  if (found == names->end() || !found->is_object()) return std::nullopt;
  auto object = codec::JsonObject::parse(found->dump(), "state file");
  if (!object) return propagate(object);
  return std::optional(*std::move(object));
}

Result<std::vector<std::string>> StateFile::names(std::string_view section) {
  auto state = read_object(file_);
  if (!state) return propagate(state);
  std::vector<std::string> names;
  const auto found = state->object.find(std::string(section));
  if (found == state->object.end() || !found->is_object()) return names;
  for (const auto& [name, value] : found->items()) names.push_back(name);
  return names;
}

Result<void> StateFile::put(std::string_view section, std::string_view name,
                            std::string_view object) {
  if (object.size() > kMostObjectBytes)
    return fail(ErrorKind::io, fmt::format("what is to be kept of {} is larger than 64 KiB", name));
  return update_object(file_, [&](nlohmann::json& state) {
    auto& names = state[std::string(section)];
    if (!names.is_object()) names = nlohmann::json::object();
    if (names.size() >= kMostNames && !names.contains(std::string(name)))
      names.erase(names.begin());
    names[std::string(name)] = nlohmann::json::parse(object, nullptr, false);
  });
}

Result<void> StateFile::remove(std::string_view section, std::string_view name) {
  return update_object(file_, [&](nlohmann::json& state) {
    const auto names = state.find(std::string(section));
    if (names != state.end() && names->is_object()) names->erase(std::string(name));
  });
}

}  // namespace mcpio::store
