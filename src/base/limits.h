// SPDX-License-Identifier: MIT
// Every bound on what a peer, a file or the user can make this program hold or wait for.
//
// Sizes are bytes. Those a user may change are defaults here and options in cli/option_table.cpp.
#pragma once

#include <chrono>
#include <cstddef>

namespace mcpio::limits {

inline constexpr std::size_t kMiB = 1024 * 1024;

// One message, from either side (--max-message-size).
inline constexpr std::size_t kMessageBytes = 64 * kMiB;
// The texts of all messages held at one time, but for the first Buffer::kFree bytes of each.
inline constexpr std::size_t kBufferedBytes = 256 * kMiB;
// How deep arrays and objects may be nested in one message.
inline constexpr std::size_t kJsonDepth = 512;
// Members of a message's outermost object. There are six in JSON-RPC, and each costs an entry of 40
// bytes, however short it is.
inline constexpr std::size_t kTopMembers = 1024;
// Members of an object whose names are compared with each other, at 24 bytes each.
inline constexpr std::size_t kInspectedMembers = 65536;

// Requests sent upstream and not yet answered.
inline constexpr std::size_t kRequestsInFlight = 256;
// Requests that wait for one of those places.
inline constexpr std::size_t kRequestsWaiting = 4096;
inline constexpr std::size_t kRequestsWaitingBytes = 64 * kMiB;
// Notifications and answers of the client on their way to the server.
inline constexpr std::size_t kTellsInFlight = 4096;
// Refused requests whose errors the client has not read yet.
inline constexpr std::size_t kRefusalsGiven = 4096;
// Answers to lines of the client that are no messages, if it does not read them; then nothing more
// is read from it.
inline constexpr std::size_t kErrorsGiven = 256;
// Requests of the server that the client has not answered yet.
inline constexpr std::size_t kOpenQuestions = 1024;
// The id of one, as JSON text.
inline constexpr std::size_t kQuestionIdBytes = 1024;
// Messages inside one JSON-RPC batch.
inline constexpr std::size_t kBatchMessages = 1024;
// What a server gives that is repeated in every header.
inline constexpr std::size_t kSessionIdBytes = 4 * 1024;
inline constexpr std::size_t kProtocolVersionBytes = 64;

// How long the end of the handshake waits for a server to answer about the stream it speaks on
// unasked.
inline constexpr std::chrono::milliseconds kListeningPatience{500};

// One line of an event stream that is not data: event, id, retry, comment.
inline constexpr std::size_t kSseFieldBytes = 64 * 1024;
// The pauses before reconnecting that a server's `retry:` gets: never shorter than the first, and
// never longer than the last. The first grows to the second while the server says nothing.
inline constexpr std::chrono::milliseconds kShortestSseRetry{100};
inline constexpr std::chrono::milliseconds kShortestSilentSseRetry{1'000};
inline constexpr std::chrono::hours kLongestSseRetry{1};
// All header fields of one HTTP answer.
inline constexpr std::size_t kHttpHeaderBytes = 256 * 1024;
// Received from one connection and not yet read by its reader; then the transfer pauses.
inline constexpr std::size_t kHttpReceiveBytes = 256 * 1024;
// A document or an answer of an authorization server.
inline constexpr std::size_t kDocumentBytes = kMiB;
// How long a server may take nothing more of a request's body.
inline constexpr std::chrono::seconds kUploadStall{30};
// The cookies a server has set, and their bytes.
inline constexpr std::size_t kCookies = 64;
inline constexpr std::size_t kCookieBytes = 64 * 1024;
// What is kept of a body that is not a message, to say what it was.
inline constexpr std::size_t kBodyPreviewBytes = 4 * 1024;

// The end of an event that is too large to keep, to find out whose answer it was.
inline constexpr std::size_t kEventTailBytes = 512;
// Warnings about one event stream that are logged; then they are only counted.
inline constexpr int kWarningsPerStream = 10;

// Pages of one list that are merged into one answer.
inline constexpr int kListPages = 100;
// Members of their results. The specification knows five.
inline constexpr std::size_t kListMembers = 256;
// Attempts at one request, the first included.
inline constexpr int kAttempts = 3;
// The longest Retry-After that is waited for.
inline constexpr std::chrono::seconds kLongestRetryAfter{60};
// Times that one request is sent again with other credentials: a refresh, a login, more scope.
inline constexpr int kChallenges = 4;
// Redirects followed for one request.
inline constexpr int kRedirects = 5;

// What requests in flight get after the end of stdin, and what saying goodbye may take.
inline constexpr std::chrono::seconds kDrainOnEof{5};
inline constexpr std::chrono::seconds kGoodbye{2};
// How long an answered stream may take to end before its connection is given up.
inline constexpr std::chrono::seconds kStreamLinger{2};

// How long a request waits for a person to sign in: clients give up after 30 s or 60 s.
inline constexpr std::chrono::seconds kSignInPatience{20};
// Authorization servers of one resource that are tried.
inline constexpr std::size_t kAuthorizationServers = 8;
// The longest scope that is asked for again: it ends up in a URL.
inline constexpr std::size_t kScopeBytes = 8 * 1024;
// Logins for more scope that one operation gets, after the one before it; and such operations.
inline constexpr std::size_t kStepUps = 2;
inline constexpr std::size_t kStepUpOperations = 256;

// Values that are kept out of the log.
inline constexpr std::size_t kHiddenValues = 256;

}  // namespace mcpio::limits
