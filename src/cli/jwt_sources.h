// SPDX-License-Identifier: MIT
// Tokens of somebody else, out of a file of the user's or from a program of the user's.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "auth/jwt_source.h"

namespace mcpio::cli {

// `option` is how messages call it: "--assertion-file". The file is held to the rules of
// read_private_file() each time.
std::shared_ptr<auth::JwtSource> jwt_from_file(std::string option, std::string path);

// The program is started each time, without a shell and without anything on its stdin. It must
// write the token to its stdout, and end with success, within `patience`; what it says on stderr
// goes where ours goes.
std::shared_ptr<auth::JwtSource> jwt_from_program(std::string option,
                                                  std::vector<std::string> words,
                                                  std::chrono::seconds patience);

}  // namespace mcpio::cli
