// SPDX-License-Identifier: MIT
// The answer to a login, pasted into the terminal by whose browser is on another machine.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "auth/callback_listener.h"
#include "base/result.h"

namespace mcpio::auth {

// Reads lines from `fd` and gives those that hold an answer to the listener, where they are held
// against the same state and issuer as a browser's visit. What is wrong with a line is told, and
// the next one is waited for; an empty one is passed over. Returns at the end of input, and ends
// when it is cancelled. Bounded: a line of 64 KB.
awaitable<Result<void>> take_pasted(int fd, CallbackListener& listener,
                                    std::function<void(std::string)> tell);

}  // namespace mcpio::auth
