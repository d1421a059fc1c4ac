// SPDX-License-Identifier: MIT
// Where a login rests.
#pragma once

#include <filesystem>

#include "store/credential_store.h"
#include "store/state_file.h"

namespace mcpio::auth {

struct Places {
  store::CredentialStore& credentials;
  store::StateFile& state;
  std::filesystem::path locks;  // a folder
};

}  // namespace mcpio::auth
