// SPDX-License-Identifier: MIT
// Credentials in tokens.json, the file of the Python program of the same name.
#pragma once

#include <filesystem>
#include <string>

#include "store/atomic_file.h"
#include "store/credential_store.h"

namespace mcpio::store {

// One JSON object: a key for each server, two spaces of indentation, sorted. Entries of other
// servers, and members of theirs that we do not know, stay as they are. Each change holds the
// program's own lock file, reads again, and writes the whole.
//
// Old versions of that program kept an entry under the URL as it was given: it is found, and the
// next save moves it.
//
// A file that is no JSON object counts as empty and is replaced by the next save, with a warning; a
// file that cannot be read is never overwritten.
class FileStore final : public CredentialStore {
 public:
  explicit FileStore(std::filesystem::path file) : file_(std::move(file)) {}

  Result<std::optional<Credential>> load(std::string_view server) override;
  Result<void> save(std::string_view server, const Credential& credential) override;
  Result<void> remove(std::string_view server) override;
  Result<std::vector<std::string>> keys() override;
  std::string place() const override { return file_.path().string(); }

 private:
  AtomicFile file_;
};

}  // namespace mcpio::store
