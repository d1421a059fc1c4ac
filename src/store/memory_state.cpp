// SPDX-License-Identifier: MIT
#include "store/memory_state.h"

namespace mcpio::store {

Result<std::optional<codec::JsonObject>> MemoryState::find(std::string_view section,
                                                           std::string_view name) {
  const auto names = sections_.find(section);
  if (names == sections_.end()) return std::nullopt;
  const auto found = names->second.find(name);
  return found == names->second.end() ? std::nullopt : std::optional(found->second);
}

Result<std::vector<std::string>> MemoryState::names(std::string_view section) {
  std::vector<std::string> names;
  const auto found = sections_.find(section);
  if (found == sections_.end()) return names;
  for (const auto& [name, object] : found->second) names.push_back(name);
  return names;
}

Result<void> MemoryState::put(std::string_view section, std::string_view name,
                              std::string_view object) {
  auto fits = check_size(name, object);
  if (!fits) return fits;
  auto parsed = codec::JsonObject::parse(object, "state");
  if (!parsed) return propagate(parsed);
  Names& names = sections_[std::string(section)];
  if (names.size() >= kMostNames && !names.contains(name)) names.erase(names.begin());
  names.insert_or_assign(std::string(name), *std::move(parsed));
  return ok();
}

Result<void> MemoryState::remove(std::string_view section, std::string_view name) {
  const auto names = sections_.find(section);
  if (names == sections_.end()) return ok();
  const auto found = names->second.find(name);
  if (found != names->second.end()) names->second.erase(found);
  return ok();
}

}  // namespace mcpio::store
