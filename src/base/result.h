// SPDX-License-Identifier: MIT
// How this program says "it did not work".
//
// Every function that can fail returns Result<T>. An Error says what kind of failure it is (code
// decides on `kind`) and tells its story (people read `message`). Messages are lower case, end
// without a period, name the thing and the next step, and never hold a secret.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace mcpio {

enum class ErrorKind {
  cancelled,       // somebody who may asked for it to stop
  timed_out,       // a deadline of ours passed
  unreachable,     // the peer never got the request: no name, no connection, no TLS; safe to repeat
  untrusted,       // the peer could not prove who it is; trying again changes nothing
  network,         // the connection broke after the peer may have got the request
  protocol,        // the peer said something its protocol does not allow
  too_large,       // a bound of ours was reached
  unauthorized,    // the peer wants other credentials
  no_credentials,  // a token could not be got now, for the reason that the message tells
  no_sign_in,      // nobody is named who could sign us in: only the user can give credentials
  sign_in_pending,  // a person is asked to sign in and has not yet; the message says where
  rejected,         // the peer understood and said no
  session_lost,     // the peer no longer knows the session
  config,           // the user asked for something that cannot be done
  io,               // the operating system refused
};

struct Error {
  ErrorKind kind;
  std::string message;
  int http_status = 0;                     // the status line behind this failure; 0: none
  std::optional<double> retry_after = {};  // seconds the peer asked us to wait
};

// std::expected, except that dropping one is a warning (std's own is not nodiscard).
template <class T>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
  using std::expected<T, Error>::expected;
};

// `co_return {}` does not compile with Asio's awaitable; `co_return ok()` does.
inline Result<void> ok() { return {}; }

[[nodiscard]] inline std::unexpected<Error> fail(ErrorKind kind, std::string message) {
  return std::unexpected(Error{.kind = kind, .message = std::move(message)});
}

// Passes a failure up, prefixed with what the caller was doing.
template <class T>
[[nodiscard]] std::unexpected<Error> propagate(Result<T>& failed, std::string_view doing) {
  Error error = std::move(failed).error();
  error.message.insert(0, std::string(doing) + ": ");
  return std::unexpected(std::move(error));
}

// Passes a failure up as it is.
template <class T>
[[nodiscard]] std::unexpected<Error> propagate(Result<T>& failed) {
  return std::unexpected(std::move(failed).error());
}

}  // namespace mcpio
