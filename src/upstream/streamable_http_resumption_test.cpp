// SPDX-License-Identifier: MIT
#include "upstream/streamable_http_fixture.h"

namespace mcpio::upstream {
namespace {

using test::FailsWith;
using test::FakeAnswer;
using test::IsOk;
using testing::AllOf;
using testing::HasSubstr;

// ---- Resumption (2025-11-25, basic/transports, "Resumability and Redelivery")

TEST_F(StreamableHttpTest, ABrokenStreamWithIdsIsTakenUpAgainBehindTheLastOne) {
  shake_hands();
  server_.on("tools/call", [](FakeAnswer& answer) {
    answer.stream().piece("retry: 1\nid: e1\ndata:\n\n").fail(ErrorKind::network);
  });
  const auto call = ask("1", "tools/call");
  turn_until([&] { return count("GET") == 2; });
  EXPECT_EQ(field(the("GET", 1).request(), "Last-Event-ID"), "e1");
  the("GET", 1).event(R"({"jsonrpc":"2.0","id":1,"result":{}})", "e2");
  EXPECT_THAT(finish(call), IsOk());
  EXPECT_EQ(count("tools/call"), 1U);
}

TEST_F(StreamableHttpTest, AStreamThatTheServerClosesEarlyIsPolledUntilItAnswers) {
  shake_hands();
  server_.on("tools/call", [](FakeAnswer& answer) {
    answer.stream().piece("retry: 1\nid: e1\ndata:\n\n").end();
  });
  const auto call = ask("1", "tools/call");
  for (std::size_t round = 1; round <= 3; ++round) {
    turn_until([&] { return count("GET") == round + 1; });
    the("GET", round).piece("id: p" + std::to_string(round) + "\ndata:\n\n").end();
  }
  turn_until([&] { return count("GET") == 5; });
  EXPECT_EQ(field(the("GET", 4).request(), "Last-Event-ID"), "p3");
  the("GET", 4).event(R"({"jsonrpc":"2.0","id":1,"result":{}})");
  EXPECT_THAT(finish(call), IsOk());
}

TEST_F(StreamableHttpTest, AStreamThatCannotBeTakenUpIsOneError) {
  shake_hands();
  server_.on("GET", [](FakeAnswer& answer) { answer.status(405); });
  server_.on("tools/call", [](FakeAnswer& answer) {
    answer.stream().piece("retry: 1\nid: e1\ndata:\n\n").end();
  });
  EXPECT_THAT(finish(ask("1", "tools/call")), FailsWith(ErrorKind::network, "HTTP 405"));
}

TEST_F(StreamableHttpTest, ABrokenInitializeIsTakenUpInTheSessionThatItOpens) {
  server_.on("initialize", [](FakeAnswer& answer) {
    answer.stream({{"Mcp-Session-Id", "new"}}).piece("retry: 1\nid: e1\ndata:\n\n").end();
  });
  hold("GET");
  const auto opening = ask("0", "initialize", kInitializeParams);
  turn_until([&] { return count("GET") == 1; });
  EXPECT_EQ(field(the("GET").request(), "Mcp-Session-Id"), "new");
  the("GET").stream().event(R"({"jsonrpc":"2.0","id":0,"result":{}})");
  EXPECT_THAT(finish(opening), IsOk());
}

// Item 134.
TEST_F(StreamableHttpTest, TheVersionIsKeptWhenTheStreamBreaksBehindIt) {
  server_.on("initialize", [](FakeAnswer& answer) {
    answer.stream({{"Mcp-Session-Id", "new"}})
        .event(R"({"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"2025-03-26"}})")
        .fail(ErrorKind::network);
  });
  hold("ping");
  EXPECT_THAT(finish(ask("0", "initialize", kInitializeParams)), IsOk());
  ask("1", "ping");
  EXPECT_EQ(field(the("ping").request(), "MCP-Protocol-Version"), "2025-03-26");
}

// 404 to a request in a session: the client MUST start a new one.
TEST_F(StreamableHttpTest, ASessionThatIsLostUnderABrokenStreamIsRenewedAndTheCallIsNotSentAgain) {
  shake_hands();
  server_.on("tools/call", [this](FakeAnswer& answer) {
    server_.forget();
    answer.stream().piece("retry: 1\nid: e1\ndata:\n\n").end();
  });
  EXPECT_THAT(finish(ask("1", "tools/call")), FailsWith(ErrorKind::network, "not sent again"));
  turn_until([&] { return server_.sessions() == 2; });
  EXPECT_EQ(count("tools/call"), 1U);
}

TEST_F(StreamableHttpTest, AStreamOfALostSessionIsNotTakenUpInTheNewOne) {
  shake_hands();
  hold("tools/call");
  const auto call = ask("1", "tools/call");
  the("tools/call").stream().piece("retry: 1\nid: e1\ndata:\n\n");
  server_.forget();
  EXPECT_THAT(finish(ask("2", "custom/method")), IsOk());
  the("tools/call").end();
  EXPECT_THAT(finish(call), FailsWith(ErrorKind::network, "lost its session"));
  for (std::size_t i = 0; i < client_.count(); ++i)
    EXPECT_EQ(field(client_.request(i), "Last-Event-ID"), "(none)");
}

// ---- Answers that break off (C.7, items 141 and 203)

class AnswersThatBreakOff : public StreamableHttpTest,
                            public testing::WithParamInterface<ErrorKind> {};

TEST_P(AnswersThatBreakOff, AreAskedForAgainIfTheRequestIsReplaySafe) {
  shake_hands();
  client_.fail_on(client_.count() + 1, GetParam(), test::FakeHttpClient::Breaks::body);
  EXPECT_THAT(finish(ask("1", "tools/list")), IsOk());
  EXPECT_EQ(count("tools/list"), 2U);
}

TEST_P(AnswersThatBreakOff, AreErrorsThatSaySoIfItIsNot) {
  shake_hands();
  client_.fail_on(client_.count() + 1, GetParam(), test::FakeHttpClient::Breaks::body);
  const auto& answer = finish(ask("1", "tools/call"));
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().message,
              AllOf(HasSubstr("upstream stream interrupted"), HasSubstr("not sent again")));
  EXPECT_EQ(count("tools/call"), 1U);
}

TEST_P(AnswersThatBreakOff, AreNotAskedForMoreOftenThanOtherFailures) {
  shake_hands();
  int times = 0;
  server_.on("tools/list", [&times](FakeAnswer& answer) {
    if (++times == 1) return (void)answer.fail(GetParam());  // before its head
    answer.head(200, {{"Content-Type", "application/json"}}).piece("{").fail(GetParam());
  });
  EXPECT_FALSE(finish(ask("1", "tools/list")));
  EXPECT_EQ(times, link_.settings().attempts);
}

INSTANTIATE_TEST_SUITE_P(Item203, AnswersThatBreakOff,
                         testing::Values(ErrorKind::network, ErrorKind::timed_out,
                                         ErrorKind::protocol));

// Item 172: a server that said something else in full would say it again.
TEST_F(StreamableHttpTest, AnAnswerThatCannotBeReadIsAnErrorAlsoForAQuery) {
  shake_hands();
  server_.on("tools/list", [](FakeAnswer& answer) { answer.json("hello"); });
  EXPECT_THAT(finish(ask("1", "tools/list")), FailsWith(ErrorKind::protocol, "HTTP 200 with"));
  EXPECT_EQ(count("tools/list"), 1U);
}

TEST_F(StreamableHttpTest, AGarbledHeadLeavesOpenWhetherTheCallWasExecuted) {
  shake_hands();
  server_.on("tools/call", [](FakeAnswer& answer) { answer.fail(ErrorKind::protocol); });
  EXPECT_THAT(finish(ask("1", "tools/call")), FailsWith(ErrorKind::protocol, "not sent again"));
}

// Whoever sends tools/call without an id wants it executed once as well.
TEST_F(StreamableHttpTest, ANotificationIsSentAgainOnlyIfItMayBe) {
  shake_hands();
  for (const char* kind : {"tools/call", "notifications/roots/list_changed"}) {
    client_.fail_on(client_.count() + 1, ErrorKind::network);
    (void)finish(tell(mcp::make_notification(kind)));
  }
  EXPECT_EQ(count("tools/call"), 1U);
  EXPECT_EQ(count("notifications/roots/list_changed"), 2U);
}

}  // namespace
}  // namespace mcpio::upstream
