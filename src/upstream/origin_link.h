// SPDX-License-Identifier: MIT
// Sends HTTP requests to the one origin the MCP server lives on: credentials, redirects, patience.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/limits.h"
#include "base/result.h"
#include "codec/url.h"
#include "http/authorizer.h"
#include "http/client.h"
#include "io/awaitable.h"

namespace mcpio::upstream {

struct Outgoing {
  std::string method = "POST";
  codec::Url url;
  http::Fields fields;  // beyond what every request carries
  std::shared_ptr<const Buffer> body;
  // May it be sent again when nobody knows whether the server executed it?
  bool replay_safe = false;
  // A long quiet answer is legitimate: --timeout-read does not apply to the wait for its head, nor
  // to that between its pieces; this does, and 0 means no limit.
  bool may_be_quiet = false;
  std::chrono::milliseconds longest_silence{0};
  // Fields it must not have, not even if the user adds them to every request.
  std::vector<std::string_view> without;
  int attempts_made = 0;  // before this send()
  std::string label;      // what it is, for logs
};

struct Answer {
  http::Head head;
  std::unique_ptr<http::Exchange> body;
  int credentials = 0;  // what the authorizer called those that were used
  int attempts = 1;     // that were made until it came, Outgoing::attempts_made included

  // The media type of the body, lower case, without parameters.
  std::string type() const;
};

// Up to Settings::attempts times, and never again what may have been executed already:
//   not a byte left this machine    any method, after 1 s, then 2 s
//   broken or silent after that     only if replay_safe, same pauses
//   429, or 503 with Retry-After    any method (it was refused), after Retry-After or same pauses
//   503 without                     only if replay_safe: proxies say so of what they have delivered
//   401, 403                        as often as the authorizer has other credentials, up to
//                                   limits::kChallenges times
//   307, 308 to the same origin     followed, up to limits::kRedirects times
class OriginLink {
 public:
  struct Settings {
    std::chrono::milliseconds timeout_connect{10'000};
    std::chrono::milliseconds timeout_read{120'000};
    std::chrono::milliseconds retry_delay{1'000};  // times the number of the attempt
    int attempts = limits::kAttempts;              // the first included
  };

  // Everything passed in must outlive the link.
  OriginLink(http::Client& client, http::Authorizer& authorizer, const Clock& clock,
             Settings settings);

  // The answer of any status but those handled above, head received, body not yet read. Fails with
  // the kinds of http::Exchange::head(), those of the authorizer when it gave up (`no_credentials`
  // for what went wrong on its own way), `rejected` for a redirect that is not followed, and
  // `cancelled` when the awaiting coroutine was.
  awaitable<Result<Answer>> send(Outgoing outgoing);

  const Settings& settings() const { return settings_; }

  // What to tell the client about an answer that is no success.
  Error refusal(const http::Head& head) const;

 private:
  awaitable<Result<Answer>> send_once(std::shared_ptr<const Outgoing> outgoing);
  awaitable<Result<Answer>> send_to(std::shared_ptr<const Outgoing> outgoing, codec::Url url);
  Result<codec::Url> redirect_target(const codec::Url& from, const http::Head& head) const;

  http::Client& client_;
  http::Authorizer& authorizer_;
  const Clock& clock_;
  const Settings settings_;
};

}  // namespace mcpio::upstream
