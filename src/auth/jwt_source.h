// SPDX-License-Identifier: MIT
// Where a JSON Web Token that somebody else makes comes from: a file that is renewed, a program.
#pragma once

#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "io/awaitable.h"

namespace mcpio::auth {

// Such tokens live for minutes, so each use reads a new one.
class JwtSource {
 public:
  JwtSource() = default;
  JwtSource(const JwtSource&) = delete;
  JwtSource& operator=(const JwtSource&) = delete;
  virtual ~JwtSource() = default;

  // Tells it from others, and is always the same for the same source: "--assertion-file
  // /run/token". May hold the arguments of a command, which are the user's affair: not to be shown.
  virtual const std::string& name() const = 0;
  // For messages.
  virtual const std::string& label() const = 0;

  // Bounded in time and size. Fails with config or io, naming the option; the token is hidden from
  // the log.
  virtual awaitable<Result<Secret>> read() = 0;
};

}  // namespace mcpio::auth
