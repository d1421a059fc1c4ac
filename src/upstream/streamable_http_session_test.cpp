// SPDX-License-Identifier: MIT
#include "upstream/streamable_http_fixture.h"

namespace mcpio::upstream {
namespace {

using test::FailsWith;
using test::FakeAnswer;
using test::IsOk;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(StreamableHttpTest, ALostSessionIsRenewedWithTheClientsOwnHandshake) {
  shake_hands();
  server_.forget();
  EXPECT_THAT(finish(ask("1", "tools/call")), IsOk());
  EXPECT_EQ(server_.sessions(), 2);
  const Message again = Message::of(body_of(the("initialize", 1).request()));
  EXPECT_EQ(again.params(), kInitializeParams);
  EXPECT_THAT(std::string(again.id()), HasSubstr(std::string(mcp::kOwnIdPrefix)));
  EXPECT_EQ(field(the("initialize", 1).request(), "Mcp-Session-Id"), "(none)");
  EXPECT_EQ(field(the("initialize", 1).request(), "MCP-Protocol-Version"), "(none)");
  EXPECT_THAT(own_->heard(), ElementsAre(HasSubstr("notifications/tools/list_changed")));
}

TEST_F(StreamableHttpTest, ConcurrentLossesCauseOneRenewal) {
  shake_hands();
  server_.forget();
  std::vector<Started<Message>> calls;
  for (int id = 1; id <= 20; ++id) calls.push_back(ask(std::to_string(id), "tools/call"));
  for (const auto& call : calls) EXPECT_THAT(finish(call), IsOk());
  EXPECT_EQ(server_.sessions(), 2);
  EXPECT_EQ(count("notifications/initialized"), 2U);
}

// A server may refuse whatever comes before notifications/initialized (item 106).
TEST_F(StreamableHttpTest, NothingGetsIntoTheNewSessionBeforeItIsInitialized) {
  shake_hands();
  hold("tools/call");
  const auto early = ask("1", "tools/call");
  const auto late = ask("2", "tools/call");
  server_.forget();
  hold("notifications/initialized");
  the("tools/call", 0).status(404);
  turn_until([&] { return count("notifications/initialized") == 2; });

  the("tools/call", 1).status(404);  // the loss that is noticed in the middle of the renewal
  const auto fresh = ask("3", "tools/call");
  const auto news = tell(mcp::make_notification("notifications/roots/list_changed"));
  turn();
  EXPECT_EQ(count("tools/call"), 2U);
  EXPECT_EQ(count("notifications/roots/list_changed"), 0U);

  the("notifications/initialized", 1).status(202);
  turn_until([&] { return count("tools/call") == 5; });
  for (std::size_t nth = 2; nth < 5; ++nth) {
    const std::string id(Message::of(body_of(the("tools/call", nth).request())).id());
    the("tools/call", nth).json(mcp::make_result(id, "{}").text());
  }
  for (const auto& call : {early, late, fresh}) EXPECT_THAT(finish(call), IsOk());
  EXPECT_THAT(finish(news), IsOk());
  EXPECT_EQ(server_.sessions(), 2);
}

TEST_F(StreamableHttpTest, TheNewSessionGetsTheLogLevelAndTheSubscriptionsOfTheOld) {
  shake_hands();
  finish(ask("1", "logging/setLevel", R"({"level":"debug"})"));
  finish(ask("2", "resources/subscribe", R"({"uri":"a:1"})"));
  finish(ask("3", "resources/subscribe", R"({"uri":"a:2"})"));
  finish(ask("4", "resources/unsubscribe", R"({"uri":"a:1"})"));
  server_.forget();
  EXPECT_THAT(finish(ask("5", "tools/call")), IsOk());
  EXPECT_EQ(count("logging/setLevel"), 2U);
  EXPECT_EQ(count("resources/subscribe"), 3U);
  EXPECT_THAT(body_of(the("resources/subscribe", 2).request()), HasSubstr("a:2"));
  EXPECT_EQ(count("resources/unsubscribe"), 1U);
}

TEST_F(StreamableHttpTest, OpenQuestionsOfTheOldSessionAreWithdrawn) {
  shake_hands();
  the("GET").event(R"({"jsonrpc":"2.0","id":"q","method":"sampling/createMessage"})");
  turn();
  server_.forget();
  EXPECT_THAT(finish(ask("1", "tools/call")), IsOk());
  turn();
  EXPECT_THAT(own_->heard(), Contains(AllOf(HasSubstr("notifications/cancelled"),
                                            HasSubstr(R"("requestId":"q")"))));
  finish(tell(Message::of(R"({"jsonrpc":"2.0","id":"q","result":{}})")));
  EXPECT_EQ(count("response"), 0U);
}

// The new session asks under an id that the old one used as well.
TEST_F(StreamableHttpTest, QuestionsOfTheOldAndTheNewSessionAreNotMixedUp) {
  shake_hands();
  finish(ask("1", "logging/setLevel", R"({"level":"debug"})"));
  the("GET").event(R"({"jsonrpc":"2.0","id":"q","method":"roots/list"})");
  turn();
  server_.forget();
  hold("logging/setLevel");
  const auto call = ask("2", "tools/call");
  turn_until([&] { return count("logging/setLevel") == 2; });
  the("logging/setLevel", 1).stream().event(R"({"jsonrpc":"2.0","id":"q","method":"roots/list"})");
  turn();
  finish(tell(Message::of(R"({"jsonrpc":"2.0","id":"q","result":{}})")));
  EXPECT_EQ(count("response"), 1U);
  const Message set = Message::of(body_of(the("logging/setLevel", 1).request()));
  the("logging/setLevel", 1).event(mcp::make_result(set.id(), "{}").text()).end();
  EXPECT_THAT(finish(call), IsOk());
  turn();
  EXPECT_THAT(own_->heard(), Contains(AllOf(HasSubstr("notifications/cancelled"),
                                            HasSubstr(R"("requestId":"q")"))));
}

TEST_F(StreamableHttpTest, ASessionWhoseHandshakeBrokeOffIsNotUsed) {
  shake_hands();
  server_.forget();
  hold("notifications/initialized");
  const auto first = ask("1", "tools/call");
  turn_until([&] { return count("notifications/initialized") == 2; });
  the("notifications/initialized", 1).status(400);
  EXPECT_THAT(finish(first), FailsWith(ErrorKind::rejected, "session lost"));

  const auto second = ask("2", "tools/call");
  turn_until([&] { return count("notifications/initialized") == 3; });
  EXPECT_EQ(count("tools/call"), 1U);
  the("notifications/initialized", 2).status(202);
  EXPECT_THAT(finish(second), IsOk());
  EXPECT_EQ(server_.sessions(), 3);
  EXPECT_EQ(count("tools/call"), 2U);
}

// The official suite's elicitation scenario: the server speaks on that stream alone, and a call
// that overtook it was never answered.
TEST_F(StreamableHttpTest, TheHandshakeIsOverWhenTheServerHasAnsweredAboutItsOwnStream) {
  hold("GET");
  ASSERT_THAT(finish(ask("0", "initialize", kInitializeParams)), IsOk());
  const auto told = tell(mcp::make_notification("notifications/initialized"));
  turn_until([&] { return count("GET") == 1; });
  turn();
  EXPECT_FALSE(told.is_done());
  the("GET").stream();
  EXPECT_THAT(finish(told), IsOk());
}

TEST_F(StreamableHttpTest, AServerThatAnswersNothingAboutItsStreamHoldsUpTheHandshakeOnlyAWhile) {
  hold("GET");
  ASSERT_THAT(finish(ask("0", "initialize", kInitializeParams)), IsOk());
  EXPECT_THAT(finish(tell(mcp::make_notification("notifications/initialized"))), IsOk());
  EXPECT_THAT(finish(ask("1", "tools/call")), IsOk());
}

// A server that wants the id with everything asks before it answers initialize.
TEST_F(StreamableHttpTest, WhatTheHandshakesOwnStreamAsksIsAnsweredInItsSession) {
  server_.on("initialize", [](FakeAnswer& answer) {
    answer.stream({{"Mcp-Session-Id", "new"}})
        .event(R"({"jsonrpc":"2.0","id":"p","method":"ping"})");
  });
  const auto opening = ask("0", "initialize", kInitializeParams);
  turn();
  finish(tell(Message::of(R"({"jsonrpc":"2.0","id":"p","result":{}})")));
  ASSERT_EQ(count("response"), 1U);
  EXPECT_EQ(field(the("response").request(), "Mcp-Session-Id"), "new");
  the("initialize").event(R"({"jsonrpc":"2.0","id":0,"result":{}})").end();
  EXPECT_THAT(finish(opening), IsOk());
}

struct FailedRenewal {
  std::string_view name, kind;
  void (*answer)(FakeAnswer&);
};

class RenewalsThatFail : public StreamableHttpTest,
                         public testing::WithParamInterface<FailedRenewal> {};

TEST_P(RenewalsThatFail, AreOneErrorThatNamesTheSession) {
  shake_hands();
  server_.forget();
  server_.on(std::string(GetParam().kind), GetParam().answer);
  const auto& answer = finish(ask("1", "tools/call"));
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().message, HasSubstr("session lost"));
  EXPECT_EQ(count("tools/call"), 1U);
}

const FailedRenewal kFailedRenewals[] = {
    {"Item103InitializeRefused", "initialize", [](FakeAnswer& a) { a.status(500); }},
    {"Item103InitializeFails", "initialize", [](FakeAnswer& a) { a.fail(ErrorKind::network); }},
    {"Item104InitializedRefused", "notifications/initialized",
     [](FakeAnswer& a) { a.status(400); }},
    {"Item105NoNewSessionId", "initialize",
     [](FakeAnswer& a) {
       const Message message = Message::of(body_of(a.request()));
       a.json(mcp::make_result(message.id(), "{}").text());
     }},
};

INSTANTIATE_TEST_SUITE_P(G4, RenewalsThatFail, testing::ValuesIn(kFailedRenewals),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_F(StreamableHttpTest, A404WithoutASessionIsAPlainError) {
  EXPECT_THAT(finish(ask("1", "tools/list")), FailsWith(ErrorKind::rejected, "HTTP 404"));
  EXPECT_EQ(server_.sessions(), 0);
}

TEST_F(StreamableHttpTest, A400MeansALostSessionOnlyIfAPingFailsToo) {
  shake_hands();
  server_.on("tools/call", [](FakeAnswer& answer) { answer.status(400); });
  EXPECT_THAT(finish(ask("1", "tools/call")), FailsWith(ErrorKind::rejected, "HTTP 400"));
  EXPECT_EQ(server_.sessions(), 1);
  EXPECT_EQ(count("ping"), 1U);
}

class RefusalsOfASession : public StreamableHttpTest, public testing::WithParamInterface<int> {};

// It was executed, or refused for good: either way there is nothing to ask a ping about.
TEST_P(RefusalsOfASession, AreTheAnswerIfTheyAreAJsonRpcErrorForTheCall) {
  shake_hands();
  constexpr std::string_view kError =
      R"({"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"no"}})";
  refuse_first_session("ping", GetParam());
  server_.on("tools/call",
             [&](FakeAnswer& answer) { answer.head(GetParam()).piece(kError).end(); });
  EXPECT_THAT(finish(ask("1", "tools/call")), Answers(kError));
  EXPECT_EQ(count("tools/call"), 1U);
  EXPECT_EQ(count("ping"), 0U);
}

TEST_P(RefusalsOfASession, OfANotificationMeanTheSameAsOfARequest) {
  shake_hands();
  refuse_first_session("notifications/roots/list_changed", GetParam());
  const auto news = mcp::make_notification("notifications/roots/list_changed");
  EXPECT_THAT(finish(tell(news)), FailsWith(ErrorKind::rejected, "HTTP"));
  EXPECT_EQ(server_.sessions(), 1);
  refuse_first_session("ping", GetParam());
  EXPECT_THAT(finish(tell(news)), IsOk());
  EXPECT_EQ(server_.sessions(), 2);
  EXPECT_EQ(field(the(news.method(), 2).request(), "Mcp-Session-Id"), "session-2");
}

INSTANTIATE_TEST_SUITE_P(Issue2, RefusalsOfASession, testing::Values(400, 410));

TEST_F(StreamableHttpTest, ALateAnswerOfALostSessionDoesNotBringItsIdBack) {
  shake_hands();
  hold("tools/call");
  const auto slow = ask("1", "tools/call");
  server_.forget();
  EXPECT_THAT(finish(ask("2", "custom/method")), IsOk());
  the("tools/call")
      .json(R"({"jsonrpc":"2.0","id":1,"result":{}})", {{"Mcp-Session-Id", "session-1"}});
  EXPECT_THAT(finish(slow), IsOk());
  finish(ask("3", "ping"));
  EXPECT_EQ(field(the("ping").request(), "Mcp-Session-Id"), "session-2");
}

// The fields that -H may have pinned belong to the session that is lost (item 109).
TEST_F(StreamableHttpTest, TheHandshakeOfANewSessionHasNoPinnedSession) {
  authorizer_.pin("Mcp-Session-Id", "pinned");
  authorizer_.pin("MCP-Protocol-Version", "pinned");
  shake_hands();
  server_.forget();
  EXPECT_THAT(finish(ask("1", "tools/call")), IsOk());
  EXPECT_EQ(field(the("initialize", 0).request(), "Mcp-Session-Id"), "pinned");
  EXPECT_EQ(field(the("initialize", 1).request(), "Mcp-Session-Id"), "(none)");
  EXPECT_EQ(field(the("initialize", 1).request(), "MCP-Protocol-Version"), "(none)");
}

TEST_F(StreamableHttpTest, TheIdOfASuccessIsAdoptedAndThatOfARefusalIsNot) {
  shake_hands();
  server_.on("tools/call", [](FakeAnswer& a) { a.status(500, {{"Mcp-Session-Id", "evil"}}); });
  finish(ask("1", "tools/call"));
  finish(ask("2", "ping"));
  EXPECT_EQ(field(the("ping").request(), "Mcp-Session-Id"), "session-1");
  server_.on("tools/call", [](FakeAnswer& a) {
    a.json(R"({"jsonrpc":"2.0","id":3,"result":{}})", {{"Mcp-Session-Id", "session-9"}});
  });
  finish(ask("3", "tools/call"));
  finish(ask("4", "ping"));
  EXPECT_EQ(field(the("ping", 1).request(), "Mcp-Session-Id"), "session-9");
}

}  // namespace
}  // namespace mcpio::upstream
