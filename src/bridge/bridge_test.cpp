// SPDX-License-Identifier: MIT
#include "bridge/bridge.h"

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
