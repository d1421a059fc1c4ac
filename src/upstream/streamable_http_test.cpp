// SPDX-License-Identifier: MIT
#include "upstream/streamable_http.h"

#include "upstream/streamable_http_fixture.h"

namespace mcpio::upstream {
namespace {

using test::FailsWith;
using test::FakeAnswer;
using test::IsOk;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// ---- One call

TEST_F(StreamableHttpTest, SendsTheBytesOfAMessageAndAcceptsBothKindsOfAnswer) {
  shake_hands();
  ask("1", "tools/call", R"({"n":9007199254740993})");
  const http::Request& request = the("tools/call").request();
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, kUrl);
  EXPECT_EQ(field(request, "Accept"), "application/json, text/event-stream");
  EXPECT_EQ(field(request, "Content-Type"), "application/json");
  EXPECT_THAT(body_of(request), HasSubstr("9007199254740993"));
}

// 2025-11-25, basic/transports, "Session Management" and "Protocol Version Header".
TEST_F(StreamableHttpTest, NamesSessionAndVersionInEverythingButInitialize) {
  shake_hands();
  ask("1", "tools/call");
  EXPECT_EQ(field(the("initialize").request(), "Mcp-Session-Id"), "(none)");
  for (std::size_t i = 1; i < client_.count(); ++i) {
    EXPECT_EQ(field(client_.request(i), "Mcp-Session-Id"), "session-1");
    EXPECT_EQ(field(client_.request(i), "MCP-Protocol-Version"), "2025-06-18");
  }
}

TEST_F(StreamableHttpTest, PassesOnWhatComesBeforeTheAnswerOnItsStream) {
  shake_hands();
  server_.on("tools/call", [](FakeAnswer& answer) {
    answer.stream()
        .event(R"({"jsonrpc":"2.0","method":"notifications/progress"})")
        .event(R"({"jsonrpc":"2.0","id":"q","method":"roots/list"})")
        .event(R"({"jsonrpc":"2.0","id":1,"result":{}})")
        .end();
  });
  EXPECT_THAT(finish(ask("1", "tools/call")), Answers(R"({"jsonrpc":"2.0","id":1,"result":{}})"));
  EXPECT_THAT(related_->heard(), ElementsAre(HasSubstr("progress"), HasSubstr("roots/list")));
}

TEST_F(StreamableHttpTest, ASlowCallHoldsNothingUp) {
  shake_hands();
  hold("tools/call");
  const auto slow = ask("1", "tools/call");
  EXPECT_THAT(finish(ask("2", "ping")), IsOk());
  EXPECT_FALSE(slow.is_done());
  the("tools/call").json(R"({"jsonrpc":"2.0","id":1,"result":{}})");
  EXPECT_THAT(finish(slow), IsOk());
}

TEST_F(StreamableHttpTest, DropsAnAnswerToAnotherRequest) {
  shake_hands();
  server_.on("tools/call", [](FakeAnswer& answer) {
    answer.stream()
        .event(R"({"jsonrpc":"2.0","id":99,"result":{}})")
        .event(R"({"jsonrpc":"2.0","id":1,"result":{"mine":1}})")
        .event(R"({"jsonrpc":"2.0","id":1,"result":{"again":1}})")
        .end();
  });
  EXPECT_THAT(finish(ask("1", "tools/call")),
              Answers(R"({"jsonrpc":"2.0","id":1,"result":{"mine":1}})"));
  turn();
  EXPECT_THAT(related_->heard(), IsEmpty());
}

// JSON-RPC 2.0, section 5: the id is null if it could not be detected.
TEST_F(StreamableHttpTest, TakesAnErrorWithoutAnIdForTheAnswer) {
  shake_hands();
  server_.on("tools/call", [](FakeAnswer& answer) {
    answer.json(R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"?"}})");
  });
  EXPECT_THAT(finish(ask("1", "tools/call")),
              Answers(R"({"jsonrpc":"2.0","id":1,"error":{"code":-32700,"message":"?"}})"));
}

struct Useless {
  std::string_view name;
  void (*answer)(FakeAnswer&);
  ErrorKind kind;
  std::string_view words;
};

class AnswersThatAreNone : public StreamableHttpTest,
                           public testing::WithParamInterface<Useless> {};

TEST_P(AnswersThatAreNone, AreOneErrorEach) {
  shake_hands();
  server_.on("tools/call", GetParam().answer);
  EXPECT_THAT(finish(ask("1", "tools/call")), FailsWith(GetParam().kind, GetParam().words));
  EXPECT_EQ(count("tools/call"), 1U);
}

const Useless kUseless[] = {
    {"Accepted", [](FakeAnswer& a) { a.status(202); }, ErrorKind::protocol, "HTTP 202"},
    {"NoContent", [](FakeAnswer& a) { a.status(204); }, ErrorKind::rejected, "HTTP 204"},
    {"EmptyJson", [](FakeAnswer& a) { a.json(""); }, ErrorKind::protocol, "empty response"},
    {"NotJson", [](FakeAnswer& a) { a.json("hello"); }, ErrorKind::protocol, "HTTP 200 with"},
    {"Html",
     [](FakeAnswer& a) {
       a.head(200, {{"Content-Type", "text/html"}}).piece("<html><title>Log in</title>").end();
     },
     ErrorKind::protocol, "an HTML page titled \"Log in\""},
    {"OnlyAnotherAnswer", [](FakeAnswer& a) { a.json(R"({"jsonrpc":"2.0","id":7,"result":{}})"); },
     ErrorKind::protocol, "empty response"},
    {"StreamWithoutAnswer", [](FakeAnswer& a) { a.stream().end(); }, ErrorKind::protocol,
     "ended the stream without a response"},
    {"StreamThatBreaks", [](FakeAnswer& a) { a.stream().fail(ErrorKind::network); },
     ErrorKind::network, "upstream stream interrupted"},
    {"ServerError", [](FakeAnswer& a) { a.status(500); }, ErrorKind::rejected, "HTTP 500"},
    {"Unauthorized", [](FakeAnswer& a) { a.status(401); }, ErrorKind::unauthorized, "HTTP 401"},
    {"Redirected", [](FakeAnswer& a) { a.status(302, {{"Location", "/other"}}); },
     ErrorKind::rejected, "redirects"},
};

INSTANTIATE_TEST_SUITE_P(Item127Ff, AnswersThatAreNone, testing::ValuesIn(kUseless),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_F(StreamableHttpTest, ARefusalWithAJsonRpcErrorForTheCallIsItsAnswer) {
  shake_hands();
  constexpr std::string_view kError =
      R"({"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"no"}})";
  server_.on("tools/call", [&](FakeAnswer& answer) { answer.head(500).piece(kError).end(); });
  EXPECT_THAT(finish(ask("1", "tools/call")), Answers(kError));
}

// ---- Cancellation

TEST_F(StreamableHttpTest, ACancelledCallIsToldToTheServer) {
  shake_hands();
  hold("tools/call");
  const auto slow = ask("1", "tools/call");
  slow.cancel();
  turn();
  EXPECT_THAT(slow.result(), FailsWith(ErrorKind::cancelled, ""));
  EXPECT_TRUE(the("tools/call").is_abandoned());
  EXPECT_THAT(body_of(the("notifications/cancelled").request()), HasSubstr(R"("requestId":1)"));
}

// Specification, basic/utilities/cancellation: initialize must not be cancelled.
TEST_F(StreamableHttpTest, ACancelledInitializeIsNotToldToTheServer) {
  hold("initialize");
  const auto opening = ask("0", "initialize", kInitializeParams);
  opening.cancel();
  turn();
  EXPECT_TRUE(opening.is_done());
  EXPECT_THAT(asked(), ElementsAre("initialize"));
}

// ---- The server's own stream

TEST_F(StreamableHttpTest, TheServersOwnStreamIsOpenedOnceTheClientIsInitialized) {
  finish(ask("0", "initialize", kInitializeParams));
  turn();
  EXPECT_EQ(count("GET"), 0U);
  finish(tell(mcp::make_notification("notifications/initialized")));
  turn();
  ASSERT_EQ(count("GET"), 1U);
  EXPECT_EQ(field(the("GET").request(), "Accept"), "text/event-stream");
  the("GET").event(R"({"jsonrpc":"2.0","method":"notifications/message"})");
  turn();
  EXPECT_THAT(own_->heard(), ElementsAre(HasSubstr("notifications/message")));
}

class ServersWithoutAStream : public StreamableHttpTest, public testing::WithParamInterface<int> {};

TEST_P(ServersWithoutAStream, AreAsGoodAsOthers) {
  server_.on("GET", [](FakeAnswer& answer) { answer.status(GetParam()); });
  shake_hands();
  turn();
  EXPECT_EQ(count("GET"), 1U);
  EXPECT_THAT(finish(ask("1", "tools/call")), IsOk());
}

INSTANTIATE_TEST_SUITE_P(Issue2, ServersWithoutAStream, testing::Values(400, 401, 405, 406, 501));

TEST_F(StreamableHttpTest, ALossThatTheOwnStreamNoticesIsRenewed) {
  shake_hands();
  server_.forget();
  the("GET").piece("retry: 1\nid: e1\ndata:\n\n").end();
  turn_until([&] { return count("GET") == 3; });
  EXPECT_EQ(field(the("GET", 1).request(), "Last-Event-ID"), "e1");
  EXPECT_EQ(field(the("GET", 2).request(), "Mcp-Session-Id"), "session-2");
  EXPECT_EQ(field(the("GET", 2).request(), "Last-Event-ID"), "(none)");
  EXPECT_EQ(server_.sessions(), 2);
}

class LossesThatTheOwnStreamNotices : public StreamableHttpTest,
                                      public testing::WithParamInterface<int> {};

TEST_P(LossesThatTheOwnStreamNotices, AreRenewedWhateverTheServerCallsThem) {
  shake_hands();
  refuse_first_session("GET", GetParam());
  refuse_first_session("ping", GetParam());
  the("GET").piece("retry: 1\nid: e1\ndata:\n\n").end();
  turn_until([&] { return count("GET") == 3; });
  EXPECT_EQ(field(the("GET", 2).request(), "Mcp-Session-Id"), "session-2");
  EXPECT_EQ(server_.sessions(), 2);
}

INSTANTIATE_TEST_SUITE_P(Issue2, LossesThatTheOwnStreamNotices, testing::Values(400, 404, 410));

// A web application that knows only POST answers GET with 404.
TEST_F(StreamableHttpTest, A404ToGetIsNoLossWhileThePingIsAnswered) {
  server_.on("GET", [](FakeAnswer& answer) { answer.status(404); });
  shake_hands();
  turn();
  EXPECT_EQ(count("GET"), 1U);
  EXPECT_EQ(count("ping"), 1U);
  EXPECT_EQ(server_.sessions(), 1);
}

// Else a server that refuses every GET and every ping would be asked for new sessions for ever.
TEST_F(StreamableHttpTest, ARenewalThatDoesNotBringTheOwnStreamIsTheLast) {
  server_.on("GET", [](FakeAnswer& answer) { answer.status(404); });
  server_.on("ping", [](FakeAnswer& answer) { answer.status(404); });
  shake_hands();
  turn_until([&] { return count("ping") == 2; });
  turn();
  EXPECT_EQ(server_.sessions(), 2);
  EXPECT_THAT(finish(ask("1", "tools/call")), IsOk());
  EXPECT_EQ(count("GET"), 2U);
}

TEST_F(StreamableHttpTest, EachSessionIsAskedForAStream) {
  server_.on("GET", [](FakeAnswer& answer) { answer.status(405); });
  shake_hands();
  server_.on("GET", [](FakeAnswer& answer) { answer.stream(); });
  server_.forget();
  EXPECT_THAT(finish(ask("1", "tools/call")), IsOk());
  turn_until([&] { return count("GET") == 2; });
  EXPECT_EQ(field(the("GET", 1).request(), "Mcp-Session-Id"), "session-2");
}

TEST_F(StreamableHttpTest, AHandshakeOfTheClientBringsAStreamOnceItIsInitialized) {
  server_.on("GET", [](FakeAnswer& answer) { answer.status(405); });
  shake_hands();
  finish(ask("1", "initialize", kInitializeParams));
  turn();
  EXPECT_EQ(count("GET"), 1U);
  finish(tell(mcp::make_notification("notifications/initialized")));
  turn_until([&] { return count("GET") == 2; });
  EXPECT_EQ(field(the("GET", 1).request(), "Mcp-Session-Id"), "session-2");
}

TEST_F(StreamableHttpTest, AnEventThatTheServerHasForgottenIsLeftOut) {
  shake_hands();
  server_.on("GET", [](FakeAnswer& answer) {
    if (answer.request().fields.find("Last-Event-ID")) return (void)answer.status(400);
    answer.stream();
  });
  the("GET").piece("retry: 1\nid: e1\ndata:\n\n").end();
  turn_until([&] { return count("GET") == 3; });
  EXPECT_EQ(field(the("GET", 1).request(), "Last-Event-ID"), "e1");
  EXPECT_EQ(field(the("GET", 2).request(), "Last-Event-ID"), "(none)");
  EXPECT_EQ(server_.sessions(), 1);
}

TEST_F(StreamableHttpTest, AQuestionTooManyIsAnsweredWithAnError) {
  shake_hands();
  for (std::size_t n = 0; n <= limits::kOpenQuestions; ++n)
    the("GET").event(mcp::make_request(std::to_string(n), "roots/list").text());
  turn();
  EXPECT_EQ(own_->heard().size(), limits::kOpenQuestions);
  ASSERT_EQ(count("response"), 1U);
  EXPECT_THAT(body_of(the("response").request()),
              AllOf(HasSubstr(R"("id":1024)"), HasSubstr("-32603")));
}

// ---- Pings

class PingedServer : public StreamableHttpTest {
 protected:
  PingedServer() : StreamableHttpTest(std::chrono::milliseconds(1)) {}
};

class PingedServers : public PingedServer, public testing::WithParamInterface<int> {};

TEST_P(PingedServers, LoseTheirSessionByRefusingAPing) {
  refuse_first_session("ping", GetParam());
  shake_hands();
  turn_until([&] { return server_.sessions() == 2; });
}

INSTANTIATE_TEST_SUITE_P(Issue2, PingedServers, testing::Values(400, 404, 410));

TEST_F(PingedServer, IsLeftInTheMiddleOfAPing) {
  hold("ping");
  shake_hands();
  turn_until([&] { return count("ping") == 1; });
  test::run(loop_, upstream_.close());
  EXPECT_TRUE(the("ping").is_abandoned());
}

// ---- The end

TEST_F(StreamableHttpTest, ClosingEndsTheSessionAndRefusesWhatComesAfter) {
  shake_hands();
  test::run(loop_, upstream_.close());
  EXPECT_EQ(field(the("DELETE").request(), "Mcp-Session-Id"), "session-1");
  EXPECT_TRUE(the("GET").is_abandoned());
  EXPECT_THAT(finish(ask("1", "ping")), FailsWith(ErrorKind::cancelled, ""));
}

TEST_F(StreamableHttpTest, ClosingWithoutASessionSaysNothing) {
  test::run(loop_, upstream_.close());
  EXPECT_EQ(client_.count(), 0U);
}

}  // namespace
}  // namespace mcpio::upstream
