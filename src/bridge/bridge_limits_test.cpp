// SPDX-License-Identifier: MIT
#include "base/limits.h"
#include "bridge/bridge_fixture.h"
#include "mcp/methods.h"
#include "support/result_matchers.h"

namespace mcpio::bridge {
namespace {

using mcp::error_code::kBridge;
using mcp::error_code::kInvalidRequest;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// ---- How much at one time -----------------------------------------------------------------------

class BridgeLimits : public BridgeFixture {
 protected:
  static constexpr std::size_t kPlaces = limits::kRequestsInFlight;

  // Requests under the ids first ... last-1.
  void say_many(std::size_t first, std::size_t last, const std::string& method = "slow") {
    std::vector<std::string> lines;
    for (std::size_t id = first; id < last; ++id)
      lines.push_back(request(std::to_string(id), method));
    say(std::move(lines));
  }
  void answer_many(std::size_t first, std::size_t last) {
    for (std::size_t id = first; id < last; ++id) answer(std::to_string(id));
  }
};

TEST_F(BridgeLimits, TheExcessWaitsInOrder) {
  say_many(0, kPlaces + 3);
  EXPECT_EQ(server().open(), kPlaces);
  answer("7");
  EXPECT_EQ(server_got().back(), "slow " + std::to_string(kPlaces));
  answer("3");
  EXPECT_EQ(server_got().back(), "slow " + std::to_string(kPlaces + 1));
  EXPECT_EQ(server().open(), kPlaces);
  EXPECT_THAT(client_got(), ElementsAre(result("7"), result("3")));
  stop(milliseconds(0));
}

TEST_F(BridgeLimits, PingsAnswersNotificationsAndCancellationsDoNotWait) {
  say_many(0, kPlaces + 1);
  say({request(R"("p")", "ping"), result("9"), notification("notifications/x"), cancellation("5")});
  EXPECT_THAT(
      std::vector<std::string>(server_got().begin() + kPlaces, server_got().end()),
      ElementsAre("ping \"p\"", "response 9", "notifications/x", "slow " + std::to_string(kPlaces)))
      << "the place of the cancelled request is free";
  answer(R"("p")");
  EXPECT_THAT(client_got(), ElementsAre(result(R"("p")")));
}

TEST_F(BridgeLimits, PingsTakeNoPlace) {
  for (std::size_t id = 0; id < kPlaces; ++id) say(request(std::to_string(id), "ping"));
  say(request("\"x\"", "x"));
  EXPECT_EQ(server().open(), kPlaces + 1);
}

TEST_F(BridgeLimits, ARequestCancelledWhileItWaitsIsNeverSent) {
  say_many(0, kPlaces + 2);
  say(cancellation(std::to_string(kPlaces)));
  EXPECT_THAT(server().told(), IsEmpty());
  answer("0");
  EXPECT_EQ(server_got().back(), "slow " + std::to_string(kPlaces + 1));
  EXPECT_THAT(client_got(), ElementsAre(result("0")));
}

TEST_F(BridgeLimits, ASecondRequestUnderAnIdThatWaitsIsRefused) {
  say_many(0, kPlaces + 1);
  const std::string id = std::to_string(kPlaces);
  say(request(id, "other"));
  EXPECT_THAT(client_got(), ElementsAre(IsErrorFor(id, kInvalidRequest)));
  answer_many(0, kPlaces + 1);
  EXPECT_THAT(client_got(), SizeIs(kPlaces + 2));
}

TEST_F(BridgeLimits, AQueueThatIsFullRefuses) {
  say_many(0, kPlaces + limits::kRequestsWaiting);
  EXPECT_THAT(client_got(), IsEmpty());
  say(request("\"x\"", "x"));
  EXPECT_THAT(client_got(), ElementsAre(IsErrorFor("\"x\"", kBridge)));
  answer("0");
  say(request("\"y\"", "x"));
  EXPECT_THAT(client_got(), SizeIs(2)) << "there was room again";
}

TEST_F(BridgeLimits, AQueueThatHoldsTooManyBytesRefuses) {
  say_many(0, kPlaces);
  const std::string params =
      "[\"" + std::string(limits::kRequestsWaitingBytes / 2 - 1000, 'x') + "\"]";
  const auto large = [&](std::string_view id) {
    return R"({"jsonrpc":"2.0","id":)" + std::string(id) + R"(,"method":"x","params":)" + params +
           "}";
  };
  for (const auto id : {"\"a\"", "\"b\"", "\"c\""}) say(large(id));
  EXPECT_THAT(client_got(), ElementsAre(IsErrorFor("\"c\"", kBridge)));
  say(cancellation("\"a\""));
  say(large("\"d\""));
  EXPECT_THAT(client_got(), SizeIs(1)) << "what was cancelled counts no more";
}

TEST_F(BridgeLimits, TheQueueBehindTheHandshakeIsBoundedAsWell) {
  say(request("\"i\"", "initialize"));
  say_many(0, limits::kRequestsWaiting + 1);
  EXPECT_THAT(client_got(),
              ElementsAre(IsErrorFor(std::to_string(limits::kRequestsWaiting), kBridge)));
}

// Each answer lets the next request go, which is answered at once: that must not nest.
TEST_F(BridgeLimits, ManyRequestsWaitForAServerThatAnswersAtOnce) {
  say(request("\"i\"", "initialize"));
  say_many(0, limits::kRequestsWaiting);
  server().answers([](const Message& asked) { return mcp::make_result(asked.id(), "{}"); });
  answer("\"i\"");
  EXPECT_THAT(client_got(), SizeIs(1 + limits::kRequestsWaiting));
  EXPECT_EQ(client_got().back(), result(std::to_string(limits::kRequestsWaiting - 1)));
}

TEST_F(BridgeLimits, NotificationsThatNobodyTakesAreDropped) {
  server().hold_tells();
  std::vector<std::string> lines(limits::kTellsInFlight + 10, notification("notifications/x"));
  say(std::move(lines));
  EXPECT_THAT(server().told(), SizeIs(limits::kTellsInFlight));
}

// They had one bound, and a refused request got no answer.
TEST_F(BridgeLimits, NotificationsThatNobodyTakesTakeNoPlaceOfARefusal) {
  server().hold_tells();
  say(std::vector<std::string>(limits::kTellsInFlight, notification("notifications/x")));
  say(R"({"jsonrpc":"2.0","id":1,"method":"x","method":"y"})");
  EXPECT_THAT(client_got(), ElementsAre(IsErrorFor("1", kInvalidRequest)));
}

// ---- --timeout-request --------------------------------------------------------------------------

class BridgeTimeout : public BridgeFixture {
 protected:
  void SetUp() override {}
};

TEST_F(BridgeTimeout, AnswersWithAnErrorThatNamesTheOption) {
  open({.request_timeout = milliseconds(1)});
  say(request("1", "x"));
  turn_until([&] { return !client_got().empty(); });
  ASSERT_THAT(client_got(), ElementsAre(IsErrorFor("1", kBridge)));
  EXPECT_THAT(client_got().at(0), HasSubstr("--timeout-request"));
  EXPECT_THAT(server().cancelled(), ElementsAre("1")) << "the server is told";
  EXPECT_THAT(server().withdrawals(), ElementsAre("")) << "in the end's own words";
}

TEST_F(BridgeTimeout, LeavesAnAnswerInTimeAlone) {
  open({.request_timeout = test::kPatience});
  say(request("1", "x"));
  server().answer("1", "{}");
  turn_until([&] { return !client_got().empty(); });
  EXPECT_THAT(client_got(), ElementsAre(result("1")));
}

TEST_F(BridgeTimeout, LeavesACancelledRequestWithoutAnAnswer) {
  open({.request_timeout = test::kPatience});
  say({request("1", "x"), request("2", "x")});
  server().begin_farewells();
  say(cancellation("1"));
  server().finish_farewells();
  turn();
  EXPECT_THAT(server().cancelled(), ElementsAre("1"));
  EXPECT_THAT(client_got(), IsEmpty());
}

// The time is that of the whole request, waiting included.
TEST_F(BridgeTimeout, CountsTheTimeARequestIsHeld) {
  open({.request_timeout = milliseconds(20)});
  server().hold_tells();
  say({notification("notifications/initialized"), request("1", "x"),
       notification("notifications/x"), request("2", "x")});
  turn_until([&] { return client_got().size() == 2; });
  EXPECT_THAT(client_got(), ElementsAre(IsErrorFor("1", kBridge), IsErrorFor("2", kBridge)));
  EXPECT_THAT(client_got().at(0), HasSubstr("--timeout-request 0.02"));
  server().take_tells();
  turn();
  EXPECT_THAT(server_got(), ElementsAre("notifications/initialized", "notifications/x"));
}

TEST_F(BridgeTimeout, CountsTheTimeARequestWaitsForAPlace) {
  open({.request_timeout = milliseconds(20)});
  inbox_->reads.reset();  // so that no place becomes free
  for (std::size_t id = 0; id <= limits::kRequestsInFlight; ++id)
    say(request(std::to_string(id), "x"));
  turn_until([&] { return client_got().size() == limits::kRequestsInFlight + 1; });
  EXPECT_THAT(server_got(), SizeIs(limits::kRequestsInFlight));
}

}  // namespace
}  // namespace mcpio::bridge
