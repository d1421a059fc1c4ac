// SPDX-License-Identifier: MIT
// Every bound on what a peer, a file or the user can make this program hold or wait for.
//
// Sizes are bytes. Those a user may change are defaults here and options in cli/options.
#pragma once

#include <chrono>
#include <cstddef>

namespace mcpio::limits {

inline constexpr std::size_t kMiB = 1024 * 1024;

// One message, from either side (--max-message-size).
inline constexpr std::size_t kMessageBytes = 64 * kMiB;
// Everything buffered at one time, all messages together.
inline constexpr std::size_t kBufferedBytes = 256 * kMiB;
// How deep arrays and objects may be nested in one message.
inline constexpr std::size_t kJsonDepth = 512;

// Requests sent upstream and not yet answered.
inline constexpr std::size_t kRequestsInFlight = 256;
// Requests that wait for one of those places.
inline constexpr std::size_t kRequestsWaiting = 4096;
inline constexpr std::size_t kRequestsWaitingBytes = 64 * kMiB;
// Notifications and answers of the client on their way to the server.
inline constexpr std::size_t kTellsInFlight = 4096;
// Requests of the server that the client has not answered yet.
inline constexpr std::size_t kOpenQuestions = 1024;
// Messages inside one JSON-RPC batch.
inline constexpr std::size_t kBatchMessages = 1024;

// One line of an event stream that is not data: event, id, retry, comment.
inline constexpr std::size_t kSseFieldBytes = 64 * 1024;
// The longest pause before reconnecting that a server's `retry:` gets.
inline constexpr std::chrono::hours kLongestSseRetry{1};
// All header fields of one HTTP answer.
inline constexpr std::size_t kHttpHeaderBytes = 256 * 1024;
// Received from one connection and not yet read by its reader; then the transfer pauses.
inline constexpr std::size_t kHttpReceiveBytes = 256 * 1024;
// How long a server may take nothing more of a request's body.
inline constexpr std::chrono::seconds kUploadStall{30};
// The cookies a server has set, and their bytes.
inline constexpr std::size_t kCookies = 64;
inline constexpr std::size_t kCookieBytes = 64 * 1024;
// What is kept of a body that is not a message, to say what it was.
inline constexpr std::size_t kBodyPreviewBytes = 4 * 1024;

// Pages of one list that are merged into one answer.
inline constexpr int kListPages = 100;
// Attempts at one request, the first included.
inline constexpr int kAttempts = 3;
// The longest Retry-After that is waited for.
inline constexpr std::chrono::seconds kLongestRetryAfter{60};
// Redirects followed for one request.
inline constexpr int kRedirects = 5;

// What requests in flight get after the end of stdin, and what saying goodbye may take.
inline constexpr std::chrono::seconds kDrainOnEof{5};
inline constexpr std::chrono::seconds kGoodbye{2};
// How long an answered stream may take to end before its connection is given up.
inline constexpr std::chrono::seconds kStreamLinger{2};

// Cancelled ids whose late answers are dropped, and for how long.
inline constexpr std::size_t kCancelledIds = 256;
inline constexpr std::chrono::seconds kCancelledIdLife{60};

// Values that are kept out of the log.
inline constexpr std::size_t kHiddenValues = 256;

}  // namespace mcpio::limits
