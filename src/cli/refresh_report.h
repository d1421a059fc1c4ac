// SPDX-License-Identifier: MIT
// What a process that refreshes tells the one that started it: lines of JSON on a pipe, which
// nobody else reads.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "base/secret.h"
#include "store/credential.h"

namespace mcpio::cli {

struct RefreshBegun {};  // all that the user has set is read; the first line
struct RefreshNotMade {  // nothing was sent
  std::string why;
};
struct GrantSpent {};

using RefreshReport =
    std::variant<RefreshBegun, RefreshNotMade, GrantSpent, Error, store::Credential>;

// One line, with its end. It may hold tokens.
Secret to_line(const RefreshReport& report);
// Fails with protocol.
Result<RefreshReport> report_from(std::string_view line);

}  // namespace mcpio::cli
