// SPDX-License-Identifier: MIT
// Streamable HTTP with an MCP server that the test plays: one that has sessions.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "mcp/methods.h"
#include "upstream/streamable_http.h"
#include "upstream/upstream_fixture.h"

namespace mcpio::upstream {

inline constexpr std::string_view kUrl = "http://127.0.0.1:8080/mcp";
inline constexpr std::string_view kInitializeParams =
    R"({"protocolVersion":"2025-11-25","capabilities":{"roots":{}},"clientInfo":{"name":"c"}})";

MATCHER_P(Answers, text, "is the answer " + testing::PrintToString(text)) {
  if (arg) *result_listener << arg->text();
  return arg.has_value() && arg->text() == text;
}

// An MCP server with sessions, as FakeHttpClient's handler.
class Server {
 public:
  void operator()(test::FakeAnswer& answer) {
    const http::Request& request = answer.request();
    const std::string kind = kind_of(request);
    if (const auto own = handlers_.find(kind); own != handlers_.end()) return own->second(answer);
    if (kind == "initialize") return initialize(answer);
    if (field(request, "Mcp-Session-Id") != session_ || session_.empty()) {
      answer.status(404);
      return;
    }
    if (kind == "GET") {
      answer.stream();
    } else if (kind == "DELETE") {
      answer.status(200);
    } else if (const Message message = Message::of(body_of(request)); message.is_request()) {
      ++executed_[std::string(message.text())];
      if (!is_initialized_ && kind != "ping") ++too_early_;
      answer.json(mcp::make_result(message.id(), R"({"done":true})").text());
    } else {
      is_initialized_ = is_initialized_ || kind == "notifications/initialized";
      answer.status(202);
    }
  }

  void initialize(test::FakeAnswer& answer) {
    const Message message = Message::of(body_of(answer.request()));
    session_ = "session-" + std::to_string(++sessions_);
    is_initialized_ = false;
    answer.json(mcp::make_result(message.id(),
                                 R"({"protocolVersion":"2025-06-18","capabilities":{"tools":{}}})")
                    .text(),
                {{"Mcp-Session-Id", session_}});
  }

  void on(std::string kind, test::FakeHttpClient::Handler handler) {
    handlers_[std::move(kind)] = std::move(handler);
  }
  void forget() { session_.clear(); }

  int sessions() const { return sessions_; }
  // Requests that came between initialize and notifications/initialized.
  int too_early() const { return too_early_; }
  // How often each request was executed, by its bytes.
  const std::map<std::string, int>& executed() const { return executed_; }

 private:
  std::map<std::string, test::FakeHttpClient::Handler> handlers_;
  std::map<std::string, int> executed_;
  std::string session_;
  bool is_initialized_ = false;
  int sessions_ = 0;
  int too_early_ = 0;
};

class StreamableHttpTest : public UpstreamFixture {
 protected:
  explicit StreamableHttpTest(std::chrono::milliseconds ping_interval = {})
      : upstream_(loop_.get_executor(), link_, url_of(kUrl),
                  {.limits = {.message_bytes = 1 << 20, .budget = nullptr},
                   .ping_interval = ping_interval}) {}

  void SetUp() override {
    client_.on_request([this](test::FakeAnswer& answer) { server_(answer); });
    running_ = start(upstream_.run(own_));
  }

  void TearDown() override {
    test::run(loop_, upstream_.close());
    EXPECT_THAT(finish(running_), test::IsOk());
    UpstreamFixture::TearDown();
  }

  Started<Message> ask(std::string_view id, std::string_view method, std::string_view params = {}) {
    return start(upstream_.call(call_of(mcp::make_request(id, method, params))));
  }
  Started<void> tell(Message message) { return start(upstream_.tell(std::move(message), nullptr)); }

  // Up to the open GET stream.
  void shake_hands() {
    ASSERT_THAT(finish(ask("0", "initialize", kInitializeParams)), test::IsOk());
    ASSERT_THAT(finish(tell(mcp::make_notification("notifications/initialized"))), test::IsOk());
    turn();
  }

  std::size_t count(std::string_view kind) {
    const auto kinds = asked();
    return static_cast<std::size_t>(std::count(kinds.begin(), kinds.end(), kind));
  }
  // The nth request of that kind; 0 is the first.
  test::FakeAnswer& the(std::string_view kind, std::size_t nth = 0) {
    for (std::size_t i = 0; i < client_.count(); ++i)
      if (kind_of(client_.request(i)) == kind && nth-- == 0) return client_.answer(i);
    throw std::out_of_range("there was no such request");
  }
  // To requests of that kind the server says so in the first session, as if it had lost it.
  void refuse_first_session(std::string kind, int status) {
    server_.on(std::move(kind), [status](test::FakeAnswer& answer) {
      const http::Request& request = answer.request();
      if (field(request, "Mcp-Session-Id") == "session-1") return (void)answer.status(status);
      if (!request.body) return (void)answer.stream();
      const Message message = Message::of(body_of(request));
      if (!message.is_request()) return (void)answer.status(202);
      answer.json(mcp::make_result(message.id(), "{}").text());
    });
  }
  // Leaves requests of that kind to the test.
  void hold(std::string kind) {
    server_.on(std::move(kind), [](test::FakeAnswer&) {});
  }

  Server server_;
  StreamableHttp upstream_;
  Started<void> running_;
};

}  // namespace mcpio::upstream
