// SPDX-License-Identifier: MIT
#include "bridge/cold_start.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "io/event.h"
#include "io/task_scope.h"
#include "support/fake_upstream.h"
#include "support/result_matchers.h"
#include "support/run.h"

namespace mcpio::bridge {
namespace {

using test::FailsWith;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view kOpening =
    R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{"roots":{}}}})";
constexpr std::string_view kConfirmation =
    R"({"jsonrpc":"2.0","method":"notifications/initialized"})";
constexpr std::string_view kTool = R"({"jsonrpc":"2.0","id":7,"method":"tools/call","params":{}})";

Error pending(std::string text) {
  return Error{.kind = ErrorKind::sign_in_pending, .message = std::move(text)};
}

awaitable<Result<void>> keep_running(Upstream& top, std::shared_ptr<Hearer> own) {
  co_return co_await top.run(std::move(own));
}

// A server that nobody may talk to before somebody has signed in.
class ColdStartTest : public testing::Test {
 protected:
  ColdStartTest() {
    auto end = std::make_unique<test::FakeUpstream>(loop_.get_executor());
    server_ = end.get();
    server_->answers([this](const Message& asked) -> Result<Message> {
      if (refusal_) return std::unexpected(*refusal_);
      return mcp::make_result(asked.id(), R"({"from":"the server"})");
    });
    top_ = std::make_unique<ColdStart>(loop_.get_executor(), std::move(end), "1.2.3",
                                       [this] { return io::until(login_ended_); });
    life_.spawn("life", keep_running(*top_, own_));
  }
  ~ColdStartTest() override {
    test::run(loop_, top_->close());
    test::run(loop_, life_.join());
  }

  Result<Message> ask(std::string_view request) {
    Call call(Message::of(request), own_, nullptr, nullptr);
    return test::run(loop_, top_->call(std::move(call)));
  }
  std::string result_of(std::string_view request) {
    auto answer = ask(request);
    return answer ? std::string(answer->result().value_or("no result")) : answer.error().message;
  }
  void tell(std::string_view note) {
    EXPECT_THAT(test::run(loop_, top_->tell(Message::of(note), nullptr)), test::IsOk());
  }
  void login_ends(std::optional<Error> refusal) {
    refusal_ = std::move(refusal);
    login_ended_.set();
    while (loop_.poll() > 0) {
    }
  }

  asio::io_context loop_{1};
  std::shared_ptr<test::RecordingHearer> own_ = std::make_shared<test::RecordingHearer>();
  io::Event login_ended_{loop_.get_executor()};
  io::TaskScope life_{loop_.get_executor()};
  test::FakeUpstream* server_ = nullptr;
  std::optional<Error> refusal_ = pending("open https://as.example/login");
  std::unique_ptr<ColdStart> top_;
};

TEST_F(ColdStartTest, IsNotInTheWayOfAServerThatNeedsNoLogin) {
  refusal_.reset();
  EXPECT_EQ(result_of(kOpening), R"({"from":"the server"})");
  tell(kConfirmation);
  EXPECT_EQ(result_of(kTool), R"({"from":"the server"})");
  EXPECT_THAT(server_->log(),
              ElementsAre("initialize 0", "notifications/initialized", "tools/call 7"));
}

TEST_F(ColdStartTest, AnotherFailureOfTheHandshakeIsHandedOn) {
  refusal_ = Error{.kind = ErrorKind::network, .message = "broken"};
  EXPECT_THAT(ask(kOpening), FailsWith(ErrorKind::network, "broken"));
  EXPECT_THAT(ask(kTool), FailsWith(ErrorKind::network, "broken"));
}

TEST_F(ColdStartTest, ShakesHandsWithTheRevisionTheClientAskedFor) {
  EXPECT_EQ(
      result_of(kOpening),
      R"({"protocolVersion":"2025-06-18","capabilities":{"tools":{"listChanged":true},"resources":{"listChanged":true},"prompts":{"listChanged":true}},"serverInfo":{"name":"mcp-stdio","version":"1.2.3"}})");
}

TEST_F(ColdStartTest, AnswersListsAndPingsAndSaysWhereToSignIn) {
  (void)ask(kOpening);
  tell(kConfirmation);
  EXPECT_EQ(result_of(R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})"), R"({"tools":[]})");
  EXPECT_EQ(result_of(R"({"jsonrpc":"2.0","id":2,"method":"resources/list"})"),
            R"({"resources":[]})");
  EXPECT_EQ(result_of(R"({"jsonrpc":"2.0","id":3,"method":"resources/templates/list"})"),
            R"({"resourceTemplates":[]})");
  EXPECT_EQ(result_of(R"({"jsonrpc":"2.0","id":4,"method":"prompts/list"})"), R"({"prompts":[]})");
  EXPECT_EQ(result_of(R"({"jsonrpc":"2.0","id":5,"method":"ping"})"), "{}");
  EXPECT_THAT(ask(kTool), FailsWith(ErrorKind::sign_in_pending, "open https://as.example/login"));
  EXPECT_THAT(server_->log(), ElementsAre("initialize 0"));
}

TEST_F(ColdStartTest, AfterTheLoginTheClientsOwnHandshakeGoesToTheServerAndListsHaveChanged) {
  (void)ask(kOpening);
  tell(kConfirmation);
  tell(R"({"jsonrpc":"2.0","method":"notifications/roots/list_changed"})");
  login_ends(std::nullopt);
  EXPECT_THAT(server_->log(),
              ElementsAre("initialize 0", "initialize 0", "notifications/initialized"));
  EXPECT_EQ(server_->calls().at(1).request.text(), kOpening);
  EXPECT_THAT(own_->heard(), ElementsAre(HasSubstr("notifications/tools/list_changed"),
                                         HasSubstr("notifications/resources/list_changed"),
                                         HasSubstr("notifications/prompts/list_changed")));
  EXPECT_EQ(result_of(kTool), R"({"from":"the server"})");
}

TEST_F(ColdStartTest, AConfirmationThatComesAfterTheLoginGoesStraightToTheServer) {
  (void)ask(kOpening);
  login_ends(std::nullopt);
  tell(kConfirmation);
  EXPECT_THAT(server_->log(),
              ElementsAre("initialize 0", "initialize 0", "notifications/initialized"));
}

TEST_F(ColdStartTest, AFailedLoginIsToldAndTheNextRequestTriesAgain) {
  (void)ask(kOpening);
  login_ends(Error{.kind = ErrorKind::rejected, .message = "the user said no"});
  EXPECT_EQ(result_of(R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})"), R"({"tools":[]})");
  EXPECT_EQ(server_->calls().size(), 2U);
  login_ended_.reset();  // the next one has begun
  EXPECT_THAT(ask(kTool), FailsWith(ErrorKind::sign_in_pending, "not signed in: the user said no"));
  login_ends(std::nullopt);
  EXPECT_EQ(server_->calls().size(), 3U);
  EXPECT_EQ(result_of(kTool), R"({"from":"the server"})");
}

TEST_F(ColdStartTest, AnEndWhileSomebodySignsInIsOrderly) {
  (void)ask(kOpening);
  test::run(loop_, top_->close());
  EXPECT_EQ(server_->closed(), 1);
}

}  // namespace
}  // namespace mcpio::bridge
