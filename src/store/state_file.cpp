// SPDX-License-Identifier: MIT
#include "store/state_file.h"

#include <algorithm>

#include "store/json_file.h"

namespace mcpio::store {
namespace {

// All sections together stay below what AtomicFile reads, however the text is written.
constexpr std::size_t kMostSectionBytes = 1024 * 1024;

std::size_t size_in_file(const nlohmann::json& value) { return text_of(value).size(); }

// Others than `kept` go.
void make_room(nlohmann::json& names, std::string_view kept) {
  std::size_t bytes = size_in_file(names);
  while (names.size() > State::kMostNames || bytes > kMostSectionBytes) {
    auto other = names.begin();
    if (other != names.end() && other.key() == kept) ++other;
    if (other == names.end()) return;
    bytes -= std::min(bytes, size_in_file(*other) + other.key().size());
    names.erase(other);
  }
}

}  // namespace

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
  auto fits = check_size(name, object);
  if (!fits) return fits;
  return update_object(file_, [&](nlohmann::json& state) {
    auto& names = state[std::string(section)];
    if (!names.is_object()) names = nlohmann::json::object();
    names[std::string(name)] = nlohmann::json::parse(object, nullptr, false);
    make_room(names, name);
  });
}

Result<void> StateFile::remove(std::string_view section, std::string_view name) {
  return update_object(file_, [&](nlohmann::json& state) {
    const auto names = state.find(std::string(section));
    if (names != state.end() && names->is_object()) names->erase(std::string(name));
  });
}

}  // namespace mcpio::store
