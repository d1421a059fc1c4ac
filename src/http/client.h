// SPDX-License-Identifier: MIT
// The HTTP client as the rest of the program sees it: send a request, read its answer piece by
// piece.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/message.h"
#include "io/awaitable.h"

namespace mcpio::http {

// Where the time of an exchange went; zero for steps that were not needed.
struct Timings {
  std::chrono::microseconds name{0};        // finding the address
  std::chrono::microseconds connect{0};     // TCP, and a proxy's consent
  std::chrono::microseconds tls{0};         // the handshake
  std::chrono::microseconds first_byte{0};  // from the request's start to the answer's first byte
  std::string remote_address = {};  // "192.0.2.1:443", "[2001:db8::1]:443"; of the proxy if any
  std::string_view version = {};    // of HTTP: "1.1", "2"
  bool reused_connection = false;
};

// One request under way and its answer. Destroying it abandons the request: an HTTP/1.1 connection
// is closed, an HTTP/2 stream is reset. One coroutine at a time may await it. It must not outlive
// its Client.
class Exchange {
 public:
  virtual ~Exchange() = default;

  // Waits for the header of the final answer (1xx are skipped). Once, before read().
  // Fails with: unreachable (nothing of the request was sent: safe to repeat), untrusted (nothing
  // either, and repeating it is of no use), network (sent, at least in part, and no answer),
  // timed_out, too_large (header), protocol, cancelled, config (the URL or a certificate file
  // cannot be used), and with what Request::check_address fails with (nothing was sent).
  virtual awaitable<Result<Head>> head() = 0;

  // The next piece of the decoded body; no value: the body is complete. The view is good until the
  // next read(). While nobody reads, at most limits::kHttpReceiveBytes are held and the transfer
  // pauses; what one packet of a compressed answer decodes to is held besides, up to 64 MiB. Fails
  // as head() does; a body shorter than announced is `network`.
  virtual awaitable<Result<std::optional<std::string_view>>> read() = 0;

  // Has the whole answer been given out? Then read() ends at once. False may also mean that nobody
  // knows yet.
  virtual bool is_complete() const { return false; }

  // Once head() has returned: the numeric address of the server. Empty: not known, say because it
  // is behind a proxy.
  virtual std::string server_address() const { return {}; }

  // What is known so far; complete once head() has returned.
  virtual Timings timings() const { return {}; }
};

// One per process, event loop and server. Keeps connections and, in memory, cookies: these go to
// the same host on every port (RFC 6265, section 8.5), so a client serves one origin only.
class Client {
 public:
  virtual ~Client() = default;

  // Starts the request at once. Redirects are never followed here.
  virtual std::unique_ptr<Exchange> send(Request request) = 0;
};

}  // namespace mcpio::http
