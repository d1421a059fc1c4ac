// SPDX-License-Identifier: MIT
// Who gets the next access token with a refresh token.
#pragma once

#include <memory>
#include <optional>

#include "auth/proof_key.h"
#include "base/result.h"
#include "io/awaitable.h"
#include "store/credential.h"
#include "store/process_lock.h"

namespace mcpio::auth {

struct RefreshRequest {
  store::Credential credential;         // with a refresh token, as the store has it
  std::shared_ptr<ProofKey> proof_key;  // what its tokens are bound to; null: nothing
};

class Refresher {
 public:
  Refresher() = default;
  Refresher(const Refresher&) = delete;
  Refresher& operator=(const Refresher&) = delete;
  virtual ~Refresher() = default;

  // What takes the credential's place; it has been saved, or a warning says why not. No value: the
  // grant is spent, and only a login gives another. Fails if that is not known: everything is as it
  // was, and may be tried again later. `lock` is the credential's, and held meanwhile.
  virtual awaitable<Result<std::optional<store::Credential>>> refresh(
      RefreshRequest request, const store::ProcessLock& lock) = 0;
};

}  // namespace mcpio::auth
