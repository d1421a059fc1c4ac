// SPDX-License-Identifier: MIT
#include "http/curl_client.h"

#include <utility>

#include "http/curl_exchange.h"
#include "http/curl_loop.h"
#include "http/curl_options.h"

namespace mcpio::http {

struct CurlClient::Parts {
  std::shared_ptr<CurlLoop> loop;
  CurlOptions options;
};

CurlClient::CurlClient(asio::any_io_executor executor, ClientSettings settings)
    : parts_(new Parts{.loop = std::make_shared<CurlLoop>(std::move(executor)),
                       .options = CurlOptions(std::move(settings))}) {}

CurlClient::~CurlClient() = default;

std::unique_ptr<Exchange> CurlClient::send(Request request) {
  return std::make_unique<CurlExchange>(parts_->loop, parts_->options, std::move(request));
}

}  // namespace mcpio::http
