// SPDX-License-Identifier: MIT
// What the browser shows when it comes back from the authorization server.
#pragma once

#include <string>
#include <string_view>

#include "http/message.h"

namespace mcpio::auth {

struct LoginPage {
  enum class Tone { good, bad, waiting };
  Tone tone = Tone::waiting;
  std::string title = {};
  std::string text = {};    // a sentence or two
  std::string detail = {};  // small print: what the server said; may be empty
};

LoginPage signed_in(std::string_view server);
// `why` is the error text of the login, which also goes to the log.
LoginPage not_signed_in(std::string_view why);
// This sign-in did not work, and another one begins by itself.
LoginPage once_more();
// The answer is not ours, or not whole: the login goes on waiting.
LoginPage still_waiting();

// The page as HTML: without script, in light and dark, everything that came from outside escaped.
std::string html(const LoginPage& page);
// The header fields it is sent with: no caching, no referrer, nothing may be loaded.
http::Fields page_fields();

}  // namespace mcpio::auth
