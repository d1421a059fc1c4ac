// SPDX-License-Identifier: MIT
#include "bridge/bridge_fixture.h"
#include "mcp/methods.h"
#include "support/result_matchers.h"

namespace mcpio::bridge {
namespace {

using mcp::error_code::kBridge;
using testing::ElementsAre;

class BridgeHandshake : public BridgeFixture {};

TEST_F(BridgeHandshake, SendsNothingBehindInitializeBeforeItIsAnswered) {
  say({request("0", "initialize"), notification("notifications/initialized"),
       request("1", "tools/list"), request("2", "ping")});
  EXPECT_THAT(server_got(), ElementsAre("initialize 0"));
  answer("0");
  EXPECT_THAT(server_got(),
              ElementsAre("initialize 0", "notifications/initialized", "tools/list 1", "ping 2"));
  answer("1");
  answer("2");
  EXPECT_THAT(client_got(), ElementsAre(result("0"), result("1"), result("2")));
}

// A server that pings or asks before it answers would wait for ever.
TEST_F(BridgeHandshake, PassesTheClientsAnswersOnMeanwhile) {
  say({request("0", "initialize"), request("1", "x"), result("9")});
  EXPECT_THAT(server_got(), ElementsAre("initialize 0", "response 9"));
  answer("0");
  EXPECT_THAT(server_got(), ElementsAre("initialize 0", "response 9", "x 1"));
  answer("1");
}

TEST_F(BridgeHandshake, SendsNoCancellationBehindInitializeEither) {
  say({request("0", "initialize"), cancellation("77")});
  EXPECT_THAT(server_got(), ElementsAre("initialize 0"));
  answer("0");
  EXPECT_THAT(server_got(), ElementsAre("initialize 0", "notifications/cancelled"));
}

TEST_F(BridgeHandshake, AnswersInitializeBeforeAnythingElseIsSent) {
  inbox_->reads.reset();
  say(request("0", "initialize"));
  answer("0");
  say({notification("notifications/initialized"), request("1", "x")});
  inbox_->reads.set();
  turn();
  EXPECT_THAT(server_got(), ElementsAre("initialize 0", "notifications/initialized", "x 1"));
  answer("1");
}

TEST_F(BridgeHandshake, KeepsTheOrderWhileTheAnswerIsBeingWritten) {
  inbox_->reads.reset();
  say({request("0", "initialize"), notification("notifications/initialized")});
  answer("0");
  say(notification("notifications/x"));
  inbox_->reads.set();
  turn();
  EXPECT_THAT(server_got(),
              ElementsAre("initialize 0", "notifications/initialized", "notifications/x"));
}

TEST_F(BridgeHandshake, HoldsRequestsUntilInitializedIsTaken) {
  say(request("0", "initialize"));
  answer("0");
  server().hold_tells();
  say({notification("notifications/initialized"), request("1", "x"), request("2", "ping"),
       notification("notifications/y"), result("9")});
  EXPECT_THAT(server_got(), ElementsAre("initialize 0", "notifications/initialized",
                                        "notifications/y", "response 9"))
      << "other messages do not wait for it";
  server().take_tells();
  turn();
  EXPECT_THAT(server_got(), ElementsAre("initialize 0", "notifications/initialized",
                                        "notifications/y", "response 9", "x 1", "ping 2"));
  answer("1");
  answer("2");
}

TEST_F(BridgeHandshake, GoesOnWhenInitializedWasNotTaken) {
  say(request("0", "initialize"));
  answer("0");
  server().fail_on(2, Error{ErrorKind::rejected, "no"});
  say({notification("notifications/initialized"), request("1", "x")});
  EXPECT_THAT(server_got(), ElementsAre("initialize 0", "notifications/initialized", "x 1"));
  answer("1");
}

TEST_F(BridgeHandshake, GoesOnWhenInitializeFailed) {
  say({request("0", "initialize"), request("1", "x")});
  server().settle("0", fail(ErrorKind::unreachable, "no route"));
  turn();
  EXPECT_THAT(server_got(), ElementsAre("initialize 0", "x 1"));
  answer("1");
  EXPECT_THAT(client_got(), ElementsAre(IsErrorFor("0", kBridge), result("1")));
}

TEST_F(BridgeHandshake, HoldsASecondInitializeBehindTheFirst) {
  say({request("0", "initialize"), request("1", "initialize"), request("2", "x")});
  answer("0");
  EXPECT_THAT(server_got(), ElementsAre("initialize 0", "initialize 1"));
  answer("1");
  EXPECT_THAT(server_got(), ElementsAre("initialize 0", "initialize 1", "x 2"));
  answer("2");
}

TEST_F(BridgeHandshake, TellsTheRevisionAgreedOn) {
  EXPECT_EQ(bridge().protocol_version(), "");
  say(request("0", "initialize"));
  EXPECT_EQ(bridge().protocol_version(), "");
  answer("0", R"({"protocolVersion":"2025-03-26","capabilities":{}})");
  EXPECT_EQ(bridge().protocol_version(), "2025-03-26");
}

TEST_F(BridgeHandshake, TellsNoRevisionThatNobodyAgreedOn) {
  say({request("0", "initialize"), request("1", "tools/call")});
  server().settle("0", mcp::make_error("0", -32602, "no"));
  turn();
  answer("1", R"({"protocolVersion":"2025-03-26"})");
  EXPECT_EQ(bridge().protocol_version(), "");
  say(request("2", "initialize"));
  answer("2", R"({"protocolVersion":17})");
  EXPECT_EQ(bridge().protocol_version(), "");
}

}  // namespace
}  // namespace mcpio::bridge
