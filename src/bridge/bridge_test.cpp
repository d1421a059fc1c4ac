// SPDX-License-Identifier: MIT
#include "bridge/bridge.h"

#include "base/limits.h"
#include "bridge/bridge_fixture.h"
#include "mcp/methods.h"
#include "support/result_matchers.h"

namespace mcpio::bridge {
namespace {

using namespace std::string_view_literals;
using mcp::error_code::kBridge;
using mcp::error_code::kInvalidRequest;
using std::chrono::milliseconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class BridgeAnswers : public BridgeFixture {};

TEST_F(BridgeAnswers, ARequestWithWhatTheServerSaid) {
  say(R"({"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"n":18446744073709551616}})");
  EXPECT_THAT(server_got(), ElementsAre("tools/call 7"));
  EXPECT_EQ(
      server().calls().at(0).request.text(),
      R"({"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"n":18446744073709551616}})");
  EXPECT_THAT(client_got(), IsEmpty());
  answer("7", R"({"n":1.10})");
  EXPECT_THAT(client_got(), ElementsAre(result("7", R"({"n":1.10})")));
}

TEST_F(BridgeAnswers, UnderTheIdAsTheClientWroteIt) {
  for (const auto id : {"1.0"sv, R"("\u0061")"sv, "null"sv, R"("")"sv, "-0"sv})
    say(request(id, "x"));
  for (const auto id : {"1.0"sv, R"("\u0061")"sv, "null"sv, R"("")"sv, "-0"sv}) answer(id);
  EXPECT_THAT(client_got(), ElementsAre(result("1.0"), result(R"("\u0061")"), result("null"),
                                        result(R"("")"), result("-0")));
}

TEST_F(BridgeAnswers, WithTheServersErrorAsItIs) {
  say(request("1", "x"));
  const Message error = mcp::make_error("1", -32042, "no", R"({"a":1})");
  server().settle("1", error);
  turn();
  EXPECT_THAT(client_got(), ElementsAre(std::string(error.text())));
}

// Invariant 3: a slow request holds up nothing.
TEST_F(BridgeAnswers, InTheOrderTheServerAnswers) {
  say({request("1", "slow"), request("2", "quick")});
  answer("2");
  EXPECT_THAT(client_got(), ElementsAre(result("2")));
  answer("1");
  EXPECT_THAT(client_got(), ElementsAre(result("2"), result("1")));
}

TEST_F(BridgeAnswers, WithAnErrorForAFailure) {
  say(request("1", "x"));
  server().settle("1", fail(ErrorKind::network, "the connection broke"));
  turn();
  ASSERT_THAT(client_got(), ElementsAre(IsErrorFor("1", kBridge)));
  EXPECT_THAT(client_got().at(0), HasSubstr("the connection broke"));
  EXPECT_THAT(client_got().at(0), testing::Not(HasSubstr("\"data\"")));
}

// Item 152: what the client needs to know to try again.
TEST_F(BridgeAnswers, WithStatusAndDelayWhereTheyAreKnown) {
  say({request("1", "x"), request("2", "x"), request("3", "x")});
  server().settle("1", std::unexpected(Error{ErrorKind::rejected, "busy", 429, 90.5}));
  server().settle("2", std::unexpected(Error{ErrorKind::rejected, "broken", 500}));
  server().settle("3", std::unexpected(Error{ErrorKind::rejected, "later", 0, 3}));
  turn();
  ASSERT_THAT(client_got(), SizeIs(3));
  EXPECT_THAT(client_got().at(0), HasSubstr(R"("data":{"status":429,"retryAfter":90.5})"));
  EXPECT_THAT(client_got().at(1), HasSubstr(R"("data":{"status":500})"));
  EXPECT_THAT(client_got().at(2), HasSubstr(R"("data":{"retryAfter":3})"));
}

// Invariant 5: secrets do not reach error texts.
TEST_F(BridgeAnswers, WithErrorTextsThatNameNoSecret) {
  say(request("1", "x"));
  server().settle("1",
                  fail(ErrorKind::network, "https://me:swordfish@a.example/mcp?key=k1 fell over"));
  turn();
  ASSERT_THAT(client_got(), SizeIs(1));
  EXPECT_THAT(client_got().at(0), testing::Not(HasSubstr("swordfish")));
}

// Layers may answer without asking anybody.
TEST_F(BridgeAnswers, FromAServerThatDoesNotWait) {
  server().answers([](const Message& asked) { return mcp::make_result(asked.id(), "{}"); });
  say({request("1", "x"), request("2", "x"), request("1", "x")});
  EXPECT_THAT(client_got(), ElementsAre(result("1"), result("2"), result("1")));
}

TEST_F(BridgeAnswers, NoNotificationAndNoAnswer) {
  say({notification("notifications/x"), result("5"), notification("notifications/y")});
  EXPECT_THAT(server_got(), ElementsAre("notifications/x", "response 5", "notifications/y"));
  EXPECT_THAT(client_got(), IsEmpty());
}

TEST_F(BridgeAnswers, NothingToANotificationThatTheServerRefused) {
  server().fail_on(1, Error{ErrorKind::rejected, "no"});
  say({notification("notifications/x"), request("1", "y")});
  EXPECT_THAT(server_got(), ElementsAre("notifications/x", "y 1"));
  answer("1");
  EXPECT_THAT(client_got(), ElementsAre(result("1")));
}

TEST_F(BridgeAnswers, ARequestUnderAnIdThatIsFreeAgain) {
  say(request("1", "x"));
  answer("1", R"({"n":1})");
  say(request("1", "x"));
  answer("1", R"({"n":2})");
  EXPECT_THAT(client_got(), ElementsAre(result("1", R"({"n":1})"), result("1", R"({"n":2})")));
}

// The client may have read the answer before the bridge knows that it has.
TEST_F(BridgeAnswers, ARequestUnderAnIdWhoseAnswerIsBeingWritten) {
  inbox_->reads.reset();
  say(request("1", "x"));
  answer("1");
  EXPECT_THAT(client_got(), ElementsAre(result("1")));
  say(request("1", "y"));
  EXPECT_THAT(server_got(), ElementsAre("x 1", "y 1"));
  inbox_->reads.set();
  turn();
  answer("1");
  EXPECT_THAT(client_got(), SizeIs(2));
}

TEST_F(BridgeAnswers, WhoHearsWhatBelongsToARequestIsTheClient) {
  say(request("1", "x"));
  EXPECT_EQ(server().calls().at(0).related, client_);
  EXPECT_EQ(server().own(), client_);
  answer("1");
}

// ---- What is refused ----------------------------------------------------------------------------

class BridgeRefuses : public BridgeFixture {};

// Invariant 7: a second request under an id in flight is refused.
TEST_F(BridgeRefuses, ASecondRequestUnderAnIdInFlight) {
  say({request("1", "x"), request("1", "y")});
  EXPECT_THAT(server_got(), ElementsAre("x 1"));
  EXPECT_THAT(client_got(), ElementsAre(IsErrorFor("1", kInvalidRequest)));
  answer("1");
  EXPECT_THAT(client_got(), ElementsAre(IsErrorFor("1", kInvalidRequest), result("1")));
}

TEST_F(BridgeRefuses, TheSameIdInAnotherSpelling) {
  say({request(R"("a")", "x"), request(R"("\u0061")", "y")});
  EXPECT_THAT(server_got(), ElementsAre("x \"a\""));
  EXPECT_THAT(client_got(), ElementsAre(IsErrorFor(R"("\u0061")", kInvalidRequest)));
  answer(R"("a")");
}

TEST_F(BridgeRefuses, NoIdThatOnlyLooksAlike) {
  say({request("1", "x"), request(R"("1")", "x")});
  EXPECT_THAT(server_got(), SizeIs(2));
  answer("1");
  answer(R"("1")");
}

TEST_F(BridgeRefuses, ASecondRequestUnderAnIdBehindTheHandshake) {
  say({request("0", "initialize"), request("1", "x"), request("1", "y")});
  EXPECT_THAT(client_got(), ElementsAre(IsErrorFor("1", kInvalidRequest)));
  answer("0");
  EXPECT_THAT(server_got(), ElementsAre("initialize 0", "x 1"));
  answer("1");
}

TEST_F(BridgeRefuses, IdsThatOursBeginWith) {
  say({request(R"("mcp-stdio/1")", "x"), request(R"("\u006dcp-stdio\/2")", "x")});
  EXPECT_THAT(server_got(), IsEmpty());
  EXPECT_THAT(client_got(), ElementsAre(IsErrorFor(R"("mcp-stdio/1")", kInvalidRequest),
                                        IsErrorFor(R"("\u006dcp-stdio\/2")", kInvalidRequest)));
}

TEST_F(BridgeRefuses, NoIdThatOnlyContainsThem) {
  say({request(R"("a/mcp-stdio/1")", "x"), request(R"("mcp-stdio")", "x")});
  EXPECT_THAT(server_got(), SizeIs(2));
  answer(R"("a/mcp-stdio/1")");
  answer(R"("mcp-stdio")");
}

// Invariant 8: what we decide on is what the server reads.
TEST_F(BridgeRefuses, NamesThatReadersDisagreeOn) {
  say({R"({"jsonrpc":"2.0","id":1,"method":"x","method":"tools/call"})",
       R"({"jsonrpc":"2.0","id":2,"m\u0065thod":"y","method":"x"})",
       R"({"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"a","name":"b"}})",
       R"({"jsonrpc":"2.0","id":4,"method":"x","params":{"_meta":{"a":1,"a":2}}})"});
  EXPECT_THAT(server_got(), IsEmpty());
  EXPECT_THAT(client_got(),
              ElementsAre(IsErrorFor("1", kInvalidRequest), IsErrorFor("2", kInvalidRequest),
                          IsErrorFor("3", kInvalidRequest), IsErrorFor("4", kInvalidRequest)));
}

// Go's encoding/json and .NET's web defaults read another name than we do.
TEST_F(BridgeRefuses, NamesThatDifferOnlyInCapitalLetters) {
  say({R"({"jsonrpc":"2.0","id":1,"method":"ping","Method":"tools/call","params":{"name":"rm"}})",
       R"({"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"safe","Name":"rm"}})",
       R"({"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"Name":"rm"}})",
       R"({"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"safe"},"Params":{}})"});
  EXPECT_THAT(server_got(), IsEmpty());
  EXPECT_THAT(client_got(),
              ElementsAre(IsErrorFor("1", kInvalidRequest), IsErrorFor("2", kInvalidRequest),
                          IsErrorFor("3", kInvalidRequest), IsErrorFor("4", kInvalidRequest)));
}

TEST_F(BridgeRefuses, NoNamesOfAToolsOwn) {
  const std::string call =
      R"({"jsonrpc":"2.0","id":1,"method":"tools/call","x-Trace":1,"params":{"name":"a","task":{},)"
      R"("_meta":{"Trace":1},"arguments":{"Name":1,"name":2,"name":3,"\u0061":4}}})";
  say(call);
  EXPECT_THAT(server_got(), ElementsAre("tools/call 1"));
  answer("1");
}

// What we take for a response may be a request to the server. Without any answer, its question
// would wait for ever.
TEST_F(BridgeRefuses, AnAmbiguousAnswerOfTheClient) {
  say(R"({"jsonrpc":"2.0","id":9,"result":{},"Method":"tools/call","params":{"name":"rm"}})");
  say(R"({"jsonrpc":"2.0","id":"a","error":{},"error":{}})");
  ASSERT_THAT(server().told(), SizeIs(2));
  EXPECT_THAT(std::string(server().told().at(0).text()),
              AllOf(IsErrorFor("9", kInvalidRequest), testing::Not(HasSubstr("rm"))));
  EXPECT_THAT(std::string(server().told().at(1).text()),
              AllOf(IsErrorFor(R"("a")", kInvalidRequest), HasSubstr("a member is named twice")));
  EXPECT_THAT(client_got(), IsEmpty());
}

TEST_F(BridgeRefuses, SuchAnAnswerThatAnswersNothing) {
  say(R"({"jsonrpc":"2.0","error":{},"error":{}})");
  EXPECT_THAT(server_got(), IsEmpty());
  EXPECT_THAT(client_got(), IsEmpty());
}

TEST_F(BridgeRefuses, SuchANotificationWithoutAnAnswer) {
  say(R"({"jsonrpc":"2.0","method":"notifications/x","params":{"a":1,"a":2}})");
  EXPECT_THAT(server_got(), IsEmpty());
  EXPECT_THAT(client_got(), IsEmpty());
}

// ---- The handshake ------------------------------------------------------------------------------

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

// ---- Cancellation -------------------------------------------------------------------------------

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

// ---- The end ------------------------------------------------------------------------------------

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

// ---- Whatever fails -----------------------------------------------------------------------------

// One conversation, in which the nth thing the server is asked fails. Invariant 1 is checked by the
// fixture.
class BridgeWithFailures : public BridgeFixture {
 protected:
  void SetUp() override {}

  // Returns how many things the server was asked.
  int converse(int fail_on, ErrorKind kind) {
    open({});
    server().fail_on(fail_on, Error{kind, "the nth one fails"});
    const auto answer_if_open = [&](const std::string& id) {
      for (const Call& call : server().calls())
        if (call.request.id() == id && server().open() > 0) {
          try {
            server().answer(id, R"({"protocolVersion":"2025-06-18"})");
          } catch (const std::logic_error&) {  // it was the one that failed
          }
        }
      turn();
    };
    say({request("0", "initialize"), notification("notifications/initialized")});
    answer_if_open("0");
    say({request("1", "tools/list"), request("2", "tools/call"), request("3", "tools/call"),
         notification("notifications/roots/list_changed"), cancellation("3")});
    answer_if_open("2");
    say({request("4", "ping"), result(R"("question")")});
    answer_if_open("4");
    answer_if_open("1");
    stop(milliseconds(0));
    EXPECT_FALSE(bridge().failure());
    return server().operations();
  }
};

TEST_F(BridgeWithFailures, EachRequestHasOneAnswerWhicheverOperationFails) {
  const int operations = converse(0, ErrorKind::network);
  EXPECT_EQ(operations, 8);
  EXPECT_THAT(client_got(), SizeIs(4)) << "all but the cancelled one";
  for (const ErrorKind kind : {ErrorKind::network, ErrorKind::cancelled, ErrorKind::timed_out,
                               ErrorKind::rejected, ErrorKind::session_lost})
    for (int nth = 1; nth <= operations; ++nth) {
      inbox_->lines.clear();
      // What is cancelled after it has failed is a note to the server.
      EXPECT_THAT(converse(nth, kind), testing::AnyOf(operations, operations + 1)) << nth;
      EXPECT_GE(client_got().size(), 4u) << "failing on " << nth;
      EXPECT_LE(client_got().size(), 5u) << "failing on " << nth;
    }
}

}  // namespace
}  // namespace mcpio::bridge
