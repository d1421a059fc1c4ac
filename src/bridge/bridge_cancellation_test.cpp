// SPDX-License-Identifier: MIT
#include "bridge/bridge_fixture.h"
#include "mcp/methods.h"
#include "support/result_matchers.h"

namespace mcpio::bridge {
namespace {

using namespace std::string_view_literals;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;

class BridgeCancels : public BridgeFixture {};

TEST_F(BridgeCancels, ARequestUnderWayAndGivesNoAnswer) {
  say(request("1", "x"));
  const std::string note = cancellation("1");
  say(note);
  EXPECT_THAT(server().cancelled(), ElementsAre("1"));
  EXPECT_THAT(server().withdrawals(), ElementsAre(note))
      << "the end passes the client's own note on";
  EXPECT_THAT(server_got(), ElementsAre("x 1")) << "so the bridge does not";
  EXPECT_THAT(client_got(), IsEmpty());
}

TEST_F(BridgeCancels, ARequestReadInTheSamePiece) {
  say({request("1", "x"), cancellation("1"), request("2", "y")});
  EXPECT_THAT(client_got(), IsEmpty());
  answer("2");
  EXPECT_THAT(client_got(), ElementsAre(result("2")));
}

TEST_F(BridgeCancels, ARequestWhoseIdIsSpelledInAnotherWay) {
  say({request(R"("a")", "x"), cancellation(R"("\u0061")")});
  EXPECT_THAT(server().cancelled(), ElementsAre(R"("a")"));
}

// Item 183.
TEST_F(BridgeCancels, RequestsByIdsOfEveryKind) {
  for (const auto id : {"0"sv, R"("")"sv, R"("x")"sv, "9007199254740993"sv}) {
    say({request(id, "x"), request("1", "other"), cancellation(id)});
    EXPECT_EQ(server().cancelled().back(), id);
    answer("1");
  }
}

TEST_F(BridgeCancels, OnlyTheOneRequest) {
  say({request("1", "x"), request("2", "x"), request(R"("1")", "x"), cancellation("1")});
  EXPECT_THAT(server().cancelled(), ElementsAre("1"));
  answer("2");
  answer(R"("1")");
  EXPECT_THAT(client_got(), ElementsAre(result("2"), result(R"("1")")));
}

TEST_F(BridgeCancels, WithoutSendingARequestHeldBehindTheHandshake) {
  say({request("0", "initialize"), request("1", "x"), cancellation("1")});
  answer("0");
  EXPECT_THAT(server_got(), ElementsAre("initialize 0"));
  EXPECT_THAT(client_got(), ElementsAre(result("0")));
}

// Specification, basic/utilities/cancellation: initialize must not be cancelled.
TEST_F(BridgeCancels, NoInitialize) {
  say({request("0", "initialize"), cancellation("0")});
  EXPECT_THAT(server().cancelled(), IsEmpty());
  answer("0");
  EXPECT_THAT(client_got(), ElementsAre(result("0")));
}

// Items 192 and 194: too late for us, but the server may know what to do with it.
TEST_F(BridgeCancels, NothingThatIsAnsweredAlready) {
  say(request("1", "x"));
  answer("1");
  say(cancellation("1"));
  EXPECT_THAT(client_got(), ElementsAre(result("1")));
  EXPECT_THAT(server_got(), ElementsAre("x 1", "notifications/cancelled"));
}

// Item 188.
TEST_F(BridgeCancels, NotTheNextRequestUnderThatId) {
  say({request("1", "x"), cancellation("1")});
  say(request("1", "y"));
  answer("1");
  EXPECT_THAT(client_got(), ElementsAre(result("1")));
}

// Items 189 and 190.
TEST_F(BridgeCancels, NothingWhenTheNoteNamesNoRequest) {
  say({request("1", "x"), cancellation("{}"), cancellation("[1]"), cancellation("true"),
       notification("notifications/cancelled"), notification("notifications/cancelled", "[1]"),
       R"({"jsonrpc":"2.0","method":"notifications/cancelled"})"});
  EXPECT_THAT(server().cancelled(), IsEmpty());
  answer("1");
  EXPECT_THAT(client_got(), ElementsAre(result("1")));
}

// Item 191.
TEST_F(BridgeCancels, NothingBecauseOfATextInArguments) {
  say({request("1", "x"),
       R"({"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"a":{"method":"notifications/cancelled","params":{"requestId":1}}}})"});
  EXPECT_THAT(server().cancelled(), IsEmpty());
  answer("1");
  answer("2");
}

// Item 192: an answer that comes after the cancellation is dropped, result and error alike.
TEST_F(BridgeCancels, WithoutLateAnswers) {
  server().ignore_cancellation();
  say({request("1", "x"), request("2", "x"), request("3", "x")});
  say({cancellation("1"), cancellation("2"), cancellation("3")});
  answer("1");
  server().settle("2", mcp::make_error("2", -1, "late"));
  server().settle("3", fail(ErrorKind::network, "late"));
  turn();
  EXPECT_THAT(client_got(), IsEmpty());
}

TEST_F(BridgeCancels, WithLateAnswersIfTheUserWantsThem) {
  stop(milliseconds(0));
  stopped_ = false;
  open({.drop_late_answers = false});  // --no-cancel-filter
  say({request("1", "x"), cancellation("1")});
  EXPECT_THAT(server().cancelled(), IsEmpty());
  EXPECT_THAT(server_got(), ElementsAre("x 1", "notifications/cancelled"));
  answer("1");
  EXPECT_THAT(client_got(), ElementsAre(result("1")));
}

}  // namespace
}  // namespace mcpio::bridge
