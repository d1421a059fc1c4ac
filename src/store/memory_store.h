// SPDX-License-Identifier: MIT
// Credentials that go with the process: --token-store memory.
#pragma once

#include <map>

#include "store/credential_store.h"

namespace mcpio::store {

class MemoryStore final : public CredentialStore {
 public:
  Result<std::optional<Credential>> load(std::string_view server) override;
  Result<void> save(std::string_view server, const Credential& credential) override;
  Result<void> remove(std::string_view server) override;
  Result<std::vector<std::string>> keys() override;
  std::string place() const override { return "memory"; }

 private:
  std::map<std::string, Credential, std::less<>> entries_;
};

}  // namespace mcpio::store
