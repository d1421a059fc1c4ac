// SPDX-License-Identifier: MIT
// An HTTP client that remembers how its exchanges went, for --check.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "http/client.h"

namespace mcpio::cli {

// One exchange as far as it got: what the request was, when what happened, what the answer's header
// says. Bodies are not looked at.
struct Sighting {
  std::string method;
  bool is_https = false;
  int status = 0;  // 0: no answer
  std::string media_type;
  std::string session_id;  // Mcp-Session-Id of the answer
  http::Timings timings;
  std::optional<ErrorKind> failure;
};

// Stands in front of another client, which must outlive it. Remembers the first kMost exchanges.
class ObservedClient final : public http::Client {
 public:
  static constexpr std::size_t kMost = 32;

  explicit ObservedClient(http::Client& inner) : inner_(inner) {}

  std::unique_ptr<http::Exchange> send(http::Request request) override;

  // In the order they were sent.
  const std::vector<std::shared_ptr<Sighting>>& sightings() const { return sightings_; }

 private:
  http::Client& inner_;
  std::vector<std::shared_ptr<Sighting>> sightings_;
};

}  // namespace mcpio::cli
