// SPDX-License-Identifier: MIT
#include "store/memory_store.h"

#include "store/server_key.h"

namespace mcpio::store {

Result<std::optional<Credential>> MemoryStore::load(std::string_view server) {
  const auto found = entries_.find(server_key(server));
  return found == entries_.end() ? std::nullopt : std::optional(found->second);
}

Result<void> MemoryStore::save(std::string_view server, const Credential& credential) {
  entries_.insert_or_assign(server_key(server), credential);
  return ok();
}

Result<void> MemoryStore::remove(std::string_view server) {
  const auto found = entries_.find(server_key(server));
  if (found != entries_.end()) entries_.erase(found);
  return ok();
}

Result<std::vector<std::string>> MemoryStore::keys() {
  std::vector<std::string> keys;
  for (const auto& [key, credential] : entries_) keys.push_back(key);
  return keys;
}

}  // namespace mcpio::store
