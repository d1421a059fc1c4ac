// SPDX-License-Identifier: MIT
#include "store/state.h"

#include <fmt/core.h>

namespace mcpio::store {

Result<void> State::check_size(std::string_view name, std::string_view object) {
  if (name.size() + object.size() <= kMostObjectBytes) return ok();
  constexpr std::size_t kShown = 200;  // names are those of servers, which may be all of it
  return fail(ErrorKind::io, fmt::format("what is to be kept of {} is larger than 64 KiB",
                                         name.substr(0, kShown)));
}

}  // namespace mcpio::store
