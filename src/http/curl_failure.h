// SPDX-License-Identifier: MIT
// What went wrong with a transfer, in our words: which kind of failure, where, and what to try.
#pragma once

#include <curl/curl.h>

#include <string_view>

#include "base/result.h"
#include "http/message.h"

namespace mcpio::http {

// How far a transfer had come when it failed.
struct Progress {
  bool sent = false;            // a byte of the request may have left
  bool repeat_refused = false;  // a reused connection died; sending it again was not allowed
  bool too_much_head = false;   // the bound on header bytes was passed
};

// `easy` is the handle after the transfer, `detail` what libcurl wrote into its error buffer.
Error failure_of(CURL* easy, CURLcode code, const Request& request, Progress progress,
                 std::string_view detail);

}  // namespace mcpio::http
