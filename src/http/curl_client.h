// SPDX-License-Identifier: MIT
// The HTTP client of the program: libcurl on the event loop.
#pragma once

#include <memory>

#include "http/client.h"
#include "http/client_settings.h"
#include "io/awaitable.h"

namespace mcpio::http {

// HTTP/1.1 and, over TLS, HTTP/2; gzip, deflate, br and zstd; proxies from the settings or the
// environment. No limit on connections: an answer never waits behind a slow call.
//
// One thread: that of the executor. Exchanges may outlive it, though nobody should need that.
class CurlClient final : public Client {
 public:
  CurlClient(asio::any_io_executor executor, ClientSettings settings);
  ~CurlClient() override;

  std::unique_ptr<Exchange> send(Request request) override;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace mcpio::http
