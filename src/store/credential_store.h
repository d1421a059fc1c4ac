// SPDX-License-Identifier: MIT
// Where credentials are kept between runs.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/credential.h"

namespace mcpio::store {

// One entry for each server, under its server_key(); `server` is its URL in any form. A failure to
// save is never the end of a session: the caller warns and goes on with what it has in memory.
class CredentialStore {
 public:
  virtual ~CredentialStore() = default;

  // No value: there is none that can be used. Fails with io if the store cannot be read.
  virtual Result<std::optional<Credential>> load(std::string_view server) = 0;
  virtual Result<void> save(std::string_view server, const Credential& credential) = 0;
  // Also when there is none.
  virtual Result<void> remove(std::string_view server) = 0;
  // All keys, sorted.
  virtual Result<std::vector<std::string>> keys() = 0;

  // Where it is, for people: a path, or "memory".
  virtual std::string place() const = 0;
};

}  // namespace mcpio::store
