// SPDX-License-Identifier: MIT
// Credentials in the system's keychain, by the docker credential-helper protocol.
#pragma once

#include <string>

#include "store/credential_store.h"

namespace mcpio::store {

// `docker-credential-NAME get|store|erase|list`, found in PATH and run without a shell: one JSON
// object or URL on its stdin, one on its stdout, nothing secret in its arguments. The Secret is the
// entry as JSON text.
//
// Helpers take server URLs apart, refuse schemes other than http and https and drop queries; so a
// server's key goes into the last segment of an https URL on a host that is ours and does not
// exist, and its host before that, for people who look into their keychain.
//
// Blocks while the helper runs, up to half a minute: it may have to ask for the keychain's
// password.
class HelperStore final : public CredentialStore {
 public:
  // `profile` keeps entries of one server apart; empty: none.
  HelperStore(std::string name, std::string profile);

  Result<std::optional<Credential>> load(std::string_view server) override;
  Result<void> save(std::string_view server, const Credential& credential) override;
  Result<void> remove(std::string_view server) override;
  Result<std::vector<std::string>> keys() override;
  std::string place() const override { return program_; }

 private:
  Result<std::string> ask(std::string_view verb, std::string_view input) const;
  std::string url_of(std::string_view server) const;

  const std::string program_;
  const std::string root_;  // what our URLs begin with
};

// Letters, digits, `.`, `_` and `-`: it becomes part of a program's name.
bool is_helper_name(std::string_view name);

}  // namespace mcpio::store
