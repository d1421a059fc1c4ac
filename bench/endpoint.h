// SPDX-License-Identifier: MIT
// The server's side of a conversation, as the driver sees it: through a bridge, or directly.
#pragma once

#include <chrono>
#include <string_view>

namespace bench {

using Clock = std::chrono::steady_clock;

// What no answer takes, however slow the bridge.
inline constexpr std::chrono::seconds kPatience{60};

// Fails by exception (std::runtime_error): a bridge that dies or falls silent ends its case.
class Endpoint {
 public:
  virtual ~Endpoint() = default;

  virtual void send(std::string_view message) = 0;

  // The next whole message, received to its last byte. Valid until the next call.
  virtual std::string_view receive() = 0;

  // Processor time used so far by what stands between the driver and the server: the bridge with
  // its children, or for the direct client the driver itself.
  virtual std::chrono::nanoseconds cpu_time() const = 0;
};

}  // namespace bench
