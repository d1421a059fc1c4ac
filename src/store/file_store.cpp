// SPDX-License-Identifier: MIT
#include "store/file_store.h"

#include "codec/url.h"
#include "store/json_file.h"
#include "store/server_key.h"

namespace mcpio::store {

Result<std::optional<Credential>> FileStore::load(std::string_view server) {
  auto read = read_object(file_);
  if (!read) return propagate(read);
  const auto& entries = read->object;
  auto found = entries.find(server_key(server));
  if (found == entries.end()) found = entries.find(std::string(server));
  if (found == entries.end()) return std::nullopt;
  auto credential = credential_from_json(found->dump());
  if (credential) return std::optional(*std::move(credential));
  log::warning("the entry of {} in '{}' cannot be used: {}", codec::for_log(server), place(),
               credential.error().message);
  return std::nullopt;
}

Result<void> FileStore::save(std::string_view server, const Credential& credential) {
  return update_object(file_, [&](nlohmann::json& entries) {
    const std::string key = server_key(server);
    if (key != server) entries.erase(std::string(server));
    auto& entry = entries[key];
    const auto members = nlohmann::json::parse(to_json(credential));
    if (entry.is_object())
      entry.update(members);
    else
      entry = members;
  });
}

Result<void> FileStore::remove(std::string_view server) {
  return update_object(file_, [&](nlohmann::json& entries) {
    entries.erase(server_key(server));
    entries.erase(std::string(server));
  });
}

Result<std::vector<std::string>> FileStore::keys() {
  auto read = read_object(file_);
  if (!read) return propagate(read);
  std::vector<std::string> keys;
  for (const auto& [key, entry] : read->object.items()) keys.push_back(key);
  return keys;
}

}  // namespace mcpio::store
