// SPDX-License-Identifier: MIT
#include "upstream/streamable_http.h"

#include <algorithm>
#include <map>

#include "codec/json_view.h"
#include "mcp/methods.h"
#include "upstream/upstream_fixture.h"

namespace mcpio::upstream {
namespace {

using test::FailsWith;
using test::FakeAnswer;
using test::IsOk;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kUrl = "http://127.0.0.1:8080/mcp";
constexpr std::string_view kInitializeParams =
    R"({"protocolVersion":"2025-11-25","capabilities":{"roots":{}},"clientInfo":{"name":"c"}})";

MATCHER_P(Answers, text, "is the answer " + testing::PrintToString(text)) {
  if (arg) *result_listener << arg->text();
  return arg.has_value() && arg->text() == text;
}

// An MCP server with sessions, as FakeHttpClient's handler.
class Server {
 public:
  void operator()(FakeAnswer& answer) {
    const http::Request& request = answer.request();
    const std::string kind = kind_of(request);
    if (const auto own = handlers_.find(kind); own != handlers_.end()) return own->second(answer);
    if (kind == "initialize") return initialize(answer);
    if (field(request, "Mcp-Session-Id") != session_ || session_.empty()) {
      answer.status(404);
      return;
    }
    if (kind == "GET") {
      answer.stream();
    } else if (kind == "DELETE") {
      answer.status(200);
    } else if (const Message message = Message::of(body_of(request)); message.is_request()) {
      ++executed_[std::string(message.text())];
      if (!is_initialized_ && kind != "ping") ++too_early_;
      answer.json(mcp::make_result(message.id(), R"({"done":true})").text());
    } else {
      is_initialized_ = is_initialized_ || kind == "notifications/initialized";
      answer.status(202);
    }
  }

  void initialize(FakeAnswer& answer) {
    const Message message = Message::of(body_of(answer.request()));
    session_ = "session-" + std::to_string(++sessions_);
    is_initialized_ = false;
    answer.json(mcp::make_result(message.id(),
                                 R"({"protocolVersion":"2025-06-18","capabilities":{"tools":{}}})")
                    .text(),
                {{"Mcp-Session-Id", session_}});
  }

  void on(std::string kind, test::FakeHttpClient::Handler handler) {
    handlers_[std::move(kind)] = std::move(handler);
  }
  void forget() { session_.clear(); }

  int sessions() const { return sessions_; }
  // Requests that came between initialize and notifications/initialized.
  int too_early() const { return too_early_; }
  // How often each request was executed, by its bytes.
  const std::map<std::string, int>& executed() const { return executed_; }

 private:
  std::map<std::string, test::FakeHttpClient::Handler> handlers_;
  std::map<std::string, int> executed_;
  std::string session_;
  bool is_initialized_ = false;
  int sessions_ = 0;
  int too_early_ = 0;
};

class StreamableHttpTest : public UpstreamFixture {
 protected:
  explicit StreamableHttpTest(std::chrono::milliseconds ping_interval = {})
      : upstream_(loop_.get_executor(), link_, url_of(kUrl),
                  {.limits = {.message_bytes = 1 << 20, .budget = nullptr},
                   .ping_interval = ping_interval}) {}

  void SetUp() override {
    client_.on_request([this](FakeAnswer& answer) { server_(answer); });
    running_ = start(upstream_.run(own_));
  }

  void TearDown() override {
    test::run(loop_, upstream_.close());
    EXPECT_THAT(finish(running_), IsOk());
    UpstreamFixture::TearDown();
  }

  Started<Message> ask(std::string_view id, std::string_view method, std::string_view params = {}) {
    return start(upstream_.call(call_of(mcp::make_request(id, method, params))));
  }
  Started<void> tell(Message message) { return start(upstream_.tell(std::move(message), nullptr)); }

  // Up to the open GET stream.
  void shake_hands() {
    ASSERT_THAT(finish(ask("0", "initialize", kInitializeParams)), IsOk());
    ASSERT_THAT(finish(tell(mcp::make_notification("notifications/initialized"))), IsOk());
    turn();
  }

  std::size_t count(std::string_view kind) {
    const auto kinds = asked();
    return static_cast<std::size_t>(std::count(kinds.begin(), kinds.end(), kind));
  }
  // The nth request of that kind; 0 is the first.
  FakeAnswer& the(std::string_view kind, std::size_t nth = 0) {
    for (std::size_t i = 0; i < client_.count(); ++i)
      if (kind_of(client_.request(i)) == kind && nth-- == 0) return client_.answer(i);
    throw std::out_of_range("there was no such request");
  }
  // To requests of that kind the server says so in the first session, as if it had lost it.
  void refuse_first_session(std::string kind, int status) {
    server_.on(std::move(kind), [status](FakeAnswer& answer) {
      const http::Request& request = answer.request();
      if (field(request, "Mcp-Session-Id") == "session-1") return (void)answer.status(status);
      if (!request.body) return (void)answer.stream();
      const Message message = Message::of(body_of(request));
      if (!message.is_request()) return (void)answer.status(202);
      answer.json(mcp::make_result(message.id(), "{}").text());
    });
  }
  // Leaves requests of that kind to the test.
  void hold(std::string kind) {
    server_.on(std::move(kind), [](FakeAnswer&) {});
  }

  Server server_;
  StreamableHttp upstream_;
  Started<void> running_;
};

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

// ---- The session

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

// ---- Whatever request fails, and however

using Fault = std::tuple<ErrorKind, test::FakeHttpClient::Breaks, std::size_t>;

// The conversation below has fewer requests; the rest of the numbers is a run without a fault.
constexpr std::size_t kRequests = 16;

class NthRequestFails : public StreamableHttpTest, public testing::WithParamInterface<Fault> {};

// Handshake, a call, the loss of the session, a call that notices it, one more, farewell. That each
// step comes to its end is what finish() and run() insist on.
TEST_P(NthRequestFails, AndEveryCallHasItsAnswerAndNothingIsExecutedTwice) {
  const auto [kind, where, nth] = GetParam();
  client_.fail_on(nth, kind, where);

  std::map<std::string, Result<Message>> answers;
  const auto call = [&](std::string_view id, std::string_view method, std::string_view params) {
    answers.emplace(method, finish(ask(id, method, params)));
  };
  call("0", "initialize", kInitializeParams);
  (void)finish(tell(mcp::make_notification("notifications/initialized")));
  call("1", "resources/subscribe", R"({"uri":"a:1"})");
  call("2", "tools/call", R"({"n":1})");
  server_.forget();
  call("3", "custom/method", {});
  call("4", "tools/list", {});
  test::run(loop_, upstream_.close());

  for (const auto& [text, times] : server_.executed()) {
    const int allowed = mcp::is_replay_safe(Message::of(text).method()) ? times : 1;
    EXPECT_LE(times, allowed) << text;
  }
  EXPECT_EQ(server_.too_early(), 0);
  EXPECT_LE(client_.count(), kRequests + 2 * link_.settings().attempts);
  if (nth > client_.count() || kind == ErrorKind::too_large) return;

  // A request without an answer is sent again, unless that may execute it twice. A garbled body is
  // a broken one, and that of a refusal is no matter.
  const bool in_body = where == test::FakeHttpClient::Breaks::body;
  const ErrorKind told = in_body && kind == ErrorKind::protocol ? ErrorKind::network : kind;
  const bool is_refusal = client_.answer(nth - 1).head_status() == 404;
  const std::string failed = kind_of(client_.request(nth - 1));
  for (const auto& [method, answer] : answers) {
    const bool may_fail = kind != ErrorKind::unreachable && !is_refusal && method == failed &&
                          !mcp::is_replay_safe(method);
    if (may_fail) {
      EXPECT_THAT(answer, FailsWith(told, "")) << method;
    } else {
      EXPECT_THAT(answer, IsOk()) << method;
    }
  }
}

// unreachable is not for bodies: it means that nothing was sent.
INSTANTIATE_TEST_SUITE_P(BeforeTheAnswer, NthRequestFails,
                         testing::Combine(testing::Values(ErrorKind::unreachable,
                                                          ErrorKind::network, ErrorKind::timed_out,
                                                          ErrorKind::protocol),
                                          testing::Values(test::FakeHttpClient::Breaks::head),
                                          testing::Range(std::size_t{1}, kRequests)));
INSTANTIATE_TEST_SUITE_P(InTheBody, NthRequestFails,
                         testing::Combine(testing::Values(ErrorKind::network, ErrorKind::timed_out,
                                                          ErrorKind::protocol,
                                                          ErrorKind::too_large),
                                          testing::Values(test::FakeHttpClient::Breaks::body),
                                          testing::Range(std::size_t{1}, kRequests)));

class NthRequestFailsForGood : public NthRequestFails {};

// Failures that no second attempt mends.
TEST_P(NthRequestFailsForGood, AndEveryCallHasItsAnswerAndNothingIsExecutedTwice) {
  const auto [kind, where, nth] = GetParam();
  client_.fail_on(nth, kind, where);
  finish(ask("0", "initialize", kInitializeParams));
  (void)finish(tell(mcp::make_notification("notifications/initialized")));
  finish(ask("1", "tools/call", R"({"n":1})"));
  server_.forget();
  finish(ask("2", "tools/call", R"({"n":2})"));
  test::run(loop_, upstream_.close());
  for (const auto& [text, times] : server_.executed()) EXPECT_EQ(times, 1) << text;
  EXPECT_LE(client_.count(), kRequests);
}

INSTANTIATE_TEST_SUITE_P(BeforeTheAnswer, NthRequestFailsForGood,
                         testing::Combine(testing::Values(ErrorKind::untrusted,
                                                          ErrorKind::too_large, ErrorKind::config),
                                          testing::Values(test::FakeHttpClient::Breaks::head),
                                          testing::Range(std::size_t{1}, kRequests)));

}  // namespace
}  // namespace mcpio::upstream
