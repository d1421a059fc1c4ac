// SPDX-License-Identifier: MIT
// Assertions that were refused are not presented again: nothing about them would be different.
#pragma once

#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "store/state.h"

namespace mcpio::auth {

// One is kept for each server, as a digest, over all runs.
class RefusedAssertions {
 public:
  // `state` must outlive it. `server` is the MCP server's URL.
  RefusedAssertions(store::State& state, std::string_view server);

  // Fails with config, naming where it comes from, if it was refused there before.
  Result<void> check(const Secret& assertion, const std::string& source);
  void remember(const Secret& assertion);

 private:
  store::State& state_;
  const std::string key_;
};

}  // namespace mcpio::auth
