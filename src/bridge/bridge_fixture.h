// SPDX-License-Identifier: MIT
// A bridge between a client that the test speaks for and a FakeUpstream, on a loop that runs only
// when the test says so.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/bridge.h"
#include "codec/json_view.h"
#include "support/fake_upstream.h"
#include "support/recording_reply.h"
#include "support/run.h"

namespace mcpio::bridge {

inline std::string request(std::string_view id, std::string_view method) {
  return std::string(mcp::make_request(id, method).text());
}
inline std::string notification(std::string_view method, std::string_view params = "{}") {
  return std::string(mcp::make_notification(method, params).text());
}
inline std::string cancellation(std::string_view id) {
  return notification("notifications/cancelled", "{\"requestId\":" + std::string(id) + "}");
}
inline std::string result(std::string_view id, std::string_view value = "{}") {
  return std::string(mcp::make_result(id, value).text());
}

MATCHER_P2(IsErrorFor, id, code,
           "is an error " + testing::PrintToString(code) + " under the id " + id) {
  const Message message = Message::of(arg);
  return message.is_response() && message.id() == id && message.error() &&
         codec::find_member(*message.error(), "code") == std::to_string(code);
}

// Invariant 1: at the end of every test each request has had exactly one reply, nothing else any.
class BridgeFixture : public testing::Test {
 protected:
  void open(Bridge::Settings settings) {
    auto end = std::make_unique<test::FakeUpstream>(loop_.get_executor());
    server_ = end.get();
    bridge_ = std::make_unique<Bridge>(loop_.get_executor(), std::move(end), client_, settings);
    turn();
  }

  void SetUp() override { open({}); }

  void TearDown() override {
    inbox_->reads.set();
    server_->take_tells();
    server_->finish_farewells();
    if (!stopped_) stop(std::chrono::milliseconds(0));
    turn();
    for (const Said& said : said_)
      EXPECT_EQ(said.reply->answers(), said.is_request ? 1 : 0) << said.line;
    bridge_.reset();
  }

  // Runs everything that can run without waiting for the time.
  void turn() {
    loop_.restart();
    loop_.poll();
  }

  // Runs the loop, timers included, until it is so.
  template <class Condition>
  void turn_until(Condition is_so) {
    const auto until = std::chrono::steady_clock::now() + test::kPatience;
    loop_.restart();
    while (!is_so() && loop_.run_one_until(until) > 0) {
    }
    ASSERT_TRUE(is_so());
  }

  // The client's lines, all read in one piece, as from a pipe.
  void say(std::vector<std::string> lines) {
    asio::post(loop_, [this, lines = std::move(lines)] {
      for (const std::string& line : lines) accept(line);
    });
    turn();
  }
  void say(std::string line) { say(std::vector<std::string>{std::move(line)}); }

  void answer(std::string_view id, std::string_view value = "{}") {
    server_->answer(id, value);
    turn();
  }

  // The whole handshake, with nothing special in it. Clears the log of the client.
  void shake_hands(std::string_view version = "2025-06-18") {
    say(request("0", "initialize"));
    answer("0", "{\"protocolVersion\":\"" + std::string(version) + "\"}");
    say(notification("notifications/initialized"));
    inbox_->lines.clear();
  }

  void stop(std::chrono::milliseconds grace) {
    stopped_ = true;
    test::run(loop_, bridge_->stop(grace));
  }

  const std::vector<std::string>& client_got() const { return inbox_->lines; }
  const std::vector<std::string>& server_got() const { return server_->log(); }
  test::FakeUpstream& server() { return *server_; }
  Bridge& bridge() { return *bridge_; }

  asio::io_context loop_{1};
  std::shared_ptr<test::RecordingHearer> client_ = std::make_shared<test::RecordingHearer>();
  std::shared_ptr<test::Inbox> inbox_ = std::make_shared<test::Inbox>(loop_.get_executor());
  bool stopped_ = false;

 private:
  struct Said {
    std::string line;
    bool is_request;
    std::shared_ptr<test::RecordingReply> reply;
  };

  void accept(const std::string& line) {
    Message message = Message::of(line);
    auto reply = std::make_shared<test::RecordingReply>(inbox_);
    said_.push_back(Said(line.substr(0, 200), message.is_request(), reply));
    bridge_->accept(std::move(message), std::move(reply));
  }

  std::vector<Said> said_;
  test::FakeUpstream* server_ = nullptr;
  std::unique_ptr<Bridge> bridge_;
};

}  // namespace mcpio::bridge
