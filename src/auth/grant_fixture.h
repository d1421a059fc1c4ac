// SPDX-License-Identifier: MIT
// An authorization server that says what the test wants, and all that a grant needs to talk to it.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auth/client_registry.h"
#include "auth/fetcher.h"
#include "auth/oauth_settings.h"
#include "auth/token_endpoint.h"
#include "auth/token_grant.h"
#include "codec/base64.h"
#include "codec/percent.h"
#include "store/folder_fixture.h"
#include "store/memory_store.h"
#include "store/state_file.h"
#include "support/fake_clock.h"
#include "support/fake_http_client.h"
#include "support/run.h"

namespace mcpio::auth {

constexpr std::string_view kIssuer = "https://as.example";
constexpr std::string_view kTokenUrl = "https://as.example/token";
constexpr std::string_view kGoodToken =
    R"({"access_token":"the-token","token_type":"Bearer","expires_in":600})";

// A JWT of somebody else, for this audience, good for an hour from the FakeClock's beginning.
inline std::string foreign_jwt(std::string_view audience, std::string_view id = "1") {
  const std::string claims =
      codec::JsonWriter().add("aud", audience).add("jti", id).add("exp", 1'800'003'600LL).text();
  return codec::base64url(R"({"alg":"RS256"})") + "." + codec::base64url(claims) + ".c2ln";
}

// The last one of the texts stays.
class FakeJwtSource final : public JwtSource {
 public:
  explicit FakeJwtSource(std::vector<std::string> texts) : texts_(texts.begin(), texts.end()) {}

  const std::string& name() const override { return name_; }
  const std::string& label() const override { return name_; }
  awaitable<Result<Secret>> read() override {
    ++reads;
    Secret text(texts_.front());
    if (texts_.size() > 1) texts_.pop_front();
    co_return text;
  }

  int reads = 0;

 private:
  const std::string name_ = "--assertion-file /run/token";
  std::deque<std::string> texts_;
};

// Settings are complete before the first use of anything else.
class GrantFixture {
 public:
  // What it answers to the requests for this URL, one after the other; the last one stays.
  struct Script {
    std::string url;
    std::deque<std::pair<int, std::string>> answers;
  };

  GrantFixture() : client_(loop_.get_executor()) {
    settings.server = codec::parse_url("https://mcp.example/mcp").value();
    client_.on_request([this](test::FakeAnswer& answer) { this->answer(answer); });
    where.server.issuer = kIssuer;
    where.server.endpoints.token = std::string(kTokenUrl);
    where.indicator = "https://mcp.example/mcp";
  }

  void answers(std::string_view url, std::deque<std::pair<int, std::string>> answers) {
    scripts_.push_back({std::string(url), std::move(answers)});
  }

  // The same, and nothing of what was said before.
  void answers_instead(std::string_view url, std::deque<std::pair<int, std::string>> answers) {
    std::erase_if(scripts_, [&](const Script& script) { return script.url == url; });
    this->answers(url, std::move(answers));
  }

  // What the nth request was about: a field of its form; empty: it had no such field.
  std::string sent(std::size_t nth, std::string_view field) {
    for (const auto& [name, value] : codec::decode_form(body_of(nth)))
      if (name == field) return value;
    return {};
  }
  std::string body_of(std::size_t nth) {
    const auto& body = client_.request(nth).body;
    return body ? std::string(body->view()) : std::string();
  }
  std::string header(std::size_t nth, std::string_view name) {
    return std::string(client_.request(nth).fields.find(name).value_or(""));
  }
  std::string url(std::size_t nth) { return client_.request(nth).url; }
  std::size_t count() const { return client_.count(); }
  void cannot_reach_server_at(std::size_t nth) { client_.fail_on(nth, ErrorKind::unreachable); }

  Result<LoginResult> run(TokenGrant& grant, std::string scope = "") {
    LoginRequest request{.where = where, .scope = std::move(scope)};
    return await(grant.run(std::move(request)));
  }
  template <class T>
  T await(awaitable<T> operation) {
    return test::run(loop_, std::move(operation));
  }

  http::Client& client() { return client_; }
  asio::io_context& loop() { return loop_; }

  OAuthSettings settings;
  Discovered where;
  test::FakeClock clock;

 private:
  void answer(test::FakeAnswer& answer) {
    for (Script& script : scripts_) {
      if (answer.request().url != script.url) continue;
      const auto [status, text] = script.answers.front();
      if (script.answers.size() > 1) script.answers.pop_front();
      if (status == 0) {
        answer.fail(ErrorKind::network);
        return;
      }
      answer.head(status, {{"Content-Type", "application/json"}}).piece(text).end();
      return;
    }
    answer.status(404);
  }

  asio::io_context loop_;
  test::FakeHttpClient client_;
  store::TemporaryFolder folder_;
  std::vector<Script> scripts_;

 public:
  store::StateFile state{folder_ / "state.json"};
  store::MemoryStore credentials;
  std::filesystem::path locks{folder_ / "locks"};
  Fetcher fetcher{client_, settings};
  ClientRegistry registry{fetcher, state, clock, settings};
  TokenEndpoint tokens{fetcher, clock, settings};
};

inline std::string refusal(std::string_view error) {
  return codec::JsonWriter().add("error", error).text();
}

inline std::string token_in(const Result<LoginResult>& result) {
  return result ? std::string(result->tokens.access_token.reveal()) : result.error().message;
}

}  // namespace mcpio::auth
