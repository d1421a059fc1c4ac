// SPDX-License-Identifier: MIT
// Where a login rests.
#pragma once

#include <filesystem>

#include "store/credential_store.h"
#include "store/state.h"

namespace mcpio::auth {

struct Places {
  store::CredentialStore& credentials;
  store::State& state;
  std::filesystem::path locks;  // a folder; empty: no other process has these places
};

}  // namespace mcpio::auth
