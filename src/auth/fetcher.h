// SPDX-License-Identifier: MIT
// Small requests to authorization servers, and their whole answers.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "codec/url.h"
#include "http/client.h"
#include "io/awaitable.h"

namespace mcpio::auth {

struct Document {
  http::Head head;
  std::string body;
  codec::Url url;  // where it came from, behind redirects

  int status() const { return head.status; }
  // Lower case, without parameters.
  std::string type() const;
};

// Bodies are read up to a megabyte. Only same-origin redirects of a GET are followed, and only a
// few; any other is an answer like another, for the caller to refuse.
//
// Fails with the kinds of http::Exchange, and too_large. Messages name the URL without its query.
class Fetcher {
 public:
  struct Settings {
    http::Timeouts timeouts{.connect = std::chrono::seconds(10),
                            .head = std::chrono::seconds(30),
                            .idle = std::chrono::seconds(30)};
  };

  // `client` must outlive it.
  Fetcher(http::Client& client, Settings settings) : client_(client), settings_(settings) {}

  awaitable<Result<Document>> get(codec::Url url, http::Fields fields);
  awaitable<Result<Document>> remove(codec::Url url, http::Fields fields);  // DELETE
  // As a browser asks for a page, without going where it leads.
  awaitable<Result<Document>> look_at(codec::Url url);
  // `body` of that content type.
  awaitable<Result<Document>> post(codec::Url url, http::Fields fields, std::string type,
                                   Secret body);

 private:
  awaitable<Result<Document>> exchange(http::Request request, codec::Url url);

  http::Client& client_;
  const Settings settings_;
};

}  // namespace mcpio::auth
