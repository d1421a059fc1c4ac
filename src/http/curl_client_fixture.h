// SPDX-License-Identifier: MIT
// What the tests of the HTTP client share: a client on a loop, and whole answers.
#pragma once

#include <gmock/gmock.h>

#include <boost/asio/io_context.hpp>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/environment.h"
#include "http/curl_client.h"
#include "support/environment.h"
#include "support/result_matchers.h"
#include "support/run.h"
#include "support/scripted_peer.h"

namespace mcpio::http {

struct Answer {
  int status = 0;
  std::string body = {};
  Fields fields = {};
};

inline void PrintTo(const Answer& answer, std::ostream* out) {
  *out << answer.status << " \"" << answer.body.substr(0, 200) << '"';
}

MATCHER_P2(IsAnswer, status, body, "") { return arg.status == status && arg.body == body; }

class CurlClientTest : public testing::Test {
 protected:
  using Connection = test::ScriptedPeer::Connection;

  CurlClientTest() {
    for (const char* name : {"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy",
                             "ALL_PROXY", "no_proxy", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"})
      environment_.emplace_back(name, std::nullopt);
    settings_.user_agent = "mcp-stdio/0.0";
  }

  void set_environment(const char* name, std::string value) {
    environment_.emplace_back(name, std::move(value));
  }

  Client& client() {
    if (client_) return *client_;
    settings_.proxies = ProxySettings::from_environment(proxy_, process_environment());
    client_ = std::make_unique<CurlClient>(loop_.get_executor(), settings_);
    return *client_;
  }

  static Request get(std::string url) { return Request{.url = std::move(url)}; }
  static Request post(std::string url, std::string_view body) {
    return Request{
        .method = "POST", .url = std::move(url), .body = std::make_shared<const Buffer>(body)};
  }

  static awaitable<Result<std::string>> rest_of(Exchange* exchange) {
    std::string body;
    for (;;) {
      auto piece = co_await exchange->read();
      if (!piece) co_return propagate(piece);
      if (!*piece) co_return body;
      body += **piece;
    }
  }

  static awaitable<Result<Answer>> answer_of(std::unique_ptr<Exchange> exchange) {
    auto head = co_await exchange->head();
    if (!head) co_return propagate(head);
    auto body = co_await rest_of(exchange.get());
    if (!body) co_return propagate(body);
    co_return Answer{.status = head->status, .body = *body, .fields = head->fields};
  }

  template <class T>
  T run(awaitable<T> operation) {
    return test::run(loop_, std::move(operation));
  }
  Result<Answer> fetch(Request request) {
    return run(answer_of(client().send(std::move(request))));
  }

  std::list<test::EnvironmentVariable> environment_;
  asio::io_context loop_{1};
  std::string proxy_;        // chosen, as with --proxy
  ClientSettings settings_;  // but for the proxies
  std::unique_ptr<CurlClient> client_;
};

}  // namespace mcpio::http
