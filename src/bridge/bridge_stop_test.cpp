// SPDX-License-Identifier: MIT
#include "base/limits.h"
#include "bridge/bridge_fixture.h"
#include "mcp/methods.h"
#include "support/result_matchers.h"

namespace mcpio::bridge {
namespace {

using mcp::error_code::kBridge;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class BridgeStop : public BridgeFixture {
 protected:
  // Begins to stop; `stopped_` says whether it is done.
  void begin_stop(milliseconds grace) {
    asio::co_spawn(loop_, bridge().stop(grace), [this](std::exception_ptr thrown) {
      if (thrown) std::rethrow_exception(thrown);
      stopped_ = true;
    });
    turn();
  }
};

TEST_F(BridgeStop, AnswersWhatIsLeftWithAnError) {
  say({request("1", "x"), request("2", "x")});
  stop(milliseconds(0));
  EXPECT_THAT(client_got(),
              testing::UnorderedElementsAre(IsErrorFor("1", kBridge), IsErrorFor("2", kBridge)));
  EXPECT_EQ(server().closed(), 1);
}

TEST_F(BridgeStop, AnswersWhatWaitsBehindTheHandshake) {
  say({request("0", "initialize"), request("1", "x"), notification("notifications/x")});
  stop(milliseconds(0));
  EXPECT_THAT(client_got(),
              testing::UnorderedElementsAre(IsErrorFor("0", kBridge), IsErrorFor("1", kBridge)));
  EXPECT_THAT(server_got(), ElementsAre("initialize 0"));
}

TEST_F(BridgeStop, AnswersWhatWaitsForAPlace) {
  for (std::size_t id = 0; id < limits::kRequestsInFlight + 5; ++id)
    say(request(std::to_string(id), "x"));
  stop(milliseconds(0));
  EXPECT_THAT(client_got(), SizeIs(limits::kRequestsInFlight + 5));
  EXPECT_THAT(server_got(), SizeIs(limits::kRequestsInFlight));
}

TEST_F(BridgeStop, LetsRequestsFinishWithinTheGrace) {
  say({request("1", "x"), notification("notifications/x")});
  begin_stop(test::kPatience);
  EXPECT_FALSE(stopped_);
  EXPECT_EQ(server().closed(), 0);
  answer("1");
  EXPECT_TRUE(stopped_);
  EXPECT_THAT(client_got(), ElementsAre(result("1")));
}

TEST_F(BridgeStop, LetsRequestsBehindTheHandshakeFinishWithinTheGrace) {
  say({request("0", "initialize"), notification("notifications/initialized"), request("1", "x")});
  begin_stop(test::kPatience);
  answer("0");
  answer("1");
  EXPECT_TRUE(stopped_);
  EXPECT_THAT(client_got(), ElementsAre(result("0"), result("1")));
}

TEST_F(BridgeStop, LetsNotificationsBeTakenWithinTheGrace) {
  server().hold_tells();
  say(notification("notifications/x"));
  begin_stop(test::kPatience);
  EXPECT_FALSE(stopped_);
  server().take_tells();
  turn();
  EXPECT_TRUE(stopped_);
}

TEST_F(BridgeStop, LetsAnAnswerBeWrittenWithinTheGrace) {
  inbox_->reads.reset();
  say(request("1", "x"));
  answer("1");
  begin_stop(test::kPatience);
  EXPECT_FALSE(stopped_);
  inbox_->reads.set();
  turn();
  EXPECT_TRUE(stopped_);
}

TEST_F(BridgeStop, LetsARefusalBeWritten) {
  inbox_->reads.reset();
  say(R"({"jsonrpc":"2.0","id":1,"method":"x","method":"y"})");
  begin_stop(test::kPatience);
  inbox_->reads.set();
  turn();
  EXPECT_TRUE(stopped_);
  EXPECT_THAT(client_got(), SizeIs(1));
}

TEST_F(BridgeStop, DoesNotWaitWhenThereIsNothingToWaitFor) {
  say(request("1", "x"));
  answer("1");
  begin_stop(test::kPatience);
  EXPECT_TRUE(stopped_);
}

TEST_F(BridgeStop, DoesNotWaitForAServerThatTakesNothing) {
  server().hold_tells();
  say(notification("notifications/x"));
  stop(milliseconds(0));
  EXPECT_EQ(server().closed(), 1);
}

TEST_F(BridgeStop, DoesNotWaitForAClientThatDoesNotRead) {
  inbox_->reads.reset();
  say({request("1", "x"), request("2", "x"), request("2", "y")});
  answer("1");
  stop(milliseconds(0));
  EXPECT_THAT(client_got(), SizeIs(3)) << "all was handed over";
  EXPECT_EQ(server().closed(), 1);
}

TEST_F(BridgeStop, AcceptsNothingAnyMore) {
  stop(milliseconds(0));
  say({request("1", "x"), notification("notifications/x"), cancellation("1")});
  EXPECT_THAT(server_got(), IsEmpty());
  EXPECT_THAT(client_got(), ElementsAre(IsErrorFor("1", kBridge)));
}

// It was destroyed with a coroutine of its own still under way.
TEST_F(BridgeStop, EndsWhatItRefusesWhileTheServerIsBeingLeft) {
  inbox_->reads.reset();
  server().hold_close();
  begin_stop(milliseconds(0));
  say(request("1", "x"));
  EXPECT_THAT(client_got(), ElementsAre(IsErrorFor("1", kBridge)));
  server().let_close();
  turn();
  EXPECT_TRUE(stopped_);
}

TEST_F(BridgeStop, IsHeardWhenTheServerEndsByItself) {
  EXPECT_FALSE(bridge().upstream_ended().is_set());
  server().end(fail(ErrorKind::network, "gone"));
  turn();
  EXPECT_TRUE(bridge().upstream_ended().is_set());
  ASSERT_TRUE(bridge().failure());
  EXPECT_EQ(bridge().failure()->message, "gone");
}

TEST_F(BridgeStop, IsNoFailureWhenTheServerEndsInOrder) {
  server().end(ok());
  turn();
  EXPECT_TRUE(bridge().upstream_ended().is_set());
  EXPECT_FALSE(bridge().failure());
}

}  // namespace
}  // namespace mcpio::bridge
