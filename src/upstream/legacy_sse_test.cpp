// SPDX-License-Identifier: MIT
#include "upstream/legacy_sse.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "io/pause.h"
#include "mcp/methods.h"
#include "upstream/upstream_fixture.h"

namespace mcpio::upstream {
namespace {

using test::FailsWith;
using test::FakeAnswer;
using test::IsOk;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kUrl = "http://127.0.0.1:8080/sse?tenant=1";
constexpr std::string_view kInitialized =
    R"({"protocolVersion":"2024-11-05","capabilities":{"tools":{"listChanged":true}}})";
constexpr std::string_view kAnswer = R"({"jsonrpc":"2.0","id":1,"result":{}})";

class LegacySseTest : public UpstreamFixture {
 protected:
  void open(std::chrono::milliseconds ping_interval = std::chrono::milliseconds(0)) {
    LegacySse::Settings settings;
    settings.ping_interval = ping_interval;
    settings.limits = {.message_bytes = 1 << 20, .budget = nullptr};
    settings.reconnect_delay = std::chrono::milliseconds(1);
    upstream_ = std::make_unique<LegacySse>(loop_.get_executor(), link_, url_of(kUrl), settings);
    running_ = start(upstream_->run(own_));
  }

  void SetUp() override { open(); }

  void TearDown() override {
    test::run(loop_, upstream_->close());
    EXPECT_TRUE(finish(running_) || !first_stream_opens_);
    UpstreamFixture::TearDown();
  }

  // The latest GET.
  FakeAnswer& stream() {
    for (std::size_t i = client_.count(); i-- > 0;)
      if (client_.request(i).method == "GET") return client_.answer(i);
    throw std::logic_error("no GET");
  }
  FakeAnswer& latest() { return client_.answer(client_.count() - 1); }

  void name_endpoint(std::string_view reference = "/messages?id=1") {
    stream().stream().piece("event: endpoint\ndata: " + std::string(reference) + "\n\n");
    turn();
  }
  Started<Message> ask(std::string_view id, std::string_view method = "tools/call") {
    return start(upstream_->call(call_of(mcp::make_request(id, method))));
  }
  // Takes the latest POST and answers it on the stream.
  void reply(std::string_view result = "{}") {
    const Message asked = Message::of(body_of(latest().request()));
    latest().status(202);
    if (asked.is_request()) stream().event(mcp::make_result(asked.id(), result).text());
    turn();
  }
  // The client's handshake, on the stream that is open.
  void shake_hands() {
    name_endpoint();
    const auto opening = start(upstream_->call(
        call_of(mcp::make_request("0", "initialize", R"({"clientInfo":{"name":"mine"}})"))));
    reply(kInitialized);
    ASSERT_THAT(finish(opening), IsOk());
    const auto told =
        start(upstream_->tell(mcp::make_notification("notifications/initialized"), nullptr));
    reply();
    ASSERT_THAT(finish(told), IsOk());
  }
  // The server ends the stream, and opens the next one that it is asked for.
  void lose_stream(std::string_view endpoint = "/new") {
    const std::size_t before = gets();
    stream().end();
    turn_until([&] { return gets() == before + 1; });
    name_endpoint(endpoint);
  }
  std::size_t gets() {
    const auto kinds = asked();
    return static_cast<std::size_t>(std::count(kinds.begin(), kinds.end(), "GET"));
  }

  std::unique_ptr<LegacySse> upstream_;
  Started<void> running_;
  bool first_stream_opens_ = true;
};

// ---- The endpoint

struct Endpoint {
  std::string_view name, reference, url;
};

class Endpoints : public LegacySseTest, public testing::WithParamInterface<Endpoint> {};

TEST_P(Endpoints, AreResolvedAgainstTheUrl) {
  name_endpoint(GetParam().reference);
  ask("1").cancel();
  ASSERT_GE(client_.count(), 2U);
  EXPECT_EQ(client_.request(1).url, GetParam().url);
  EXPECT_EQ(client_.request(1).method, "POST");
}

const Endpoint kEndpoints[] = {
    {"Path", "/m?id=1", "http://127.0.0.1:8080/m?id=1"},
    {"Relative", "m?id=1", "http://127.0.0.1:8080/m?id=1"},
    {"Absolute", "http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x"},
    {"Userinfo", "http://user:password@127.0.0.1:8080/x", "http://127.0.0.1:8080/x"},
    {"Fragment", "/m?id=1#part", "http://127.0.0.1:8080/m?id=1"},
};

INSTANTIATE_TEST_SUITE_P(Items213To215, Endpoints, testing::ValuesIn(kEndpoints),
                         [](const auto& test) { return std::string(test.param.name); });

struct Elsewhere {
  std::string_view name, reference, origin;
};

class EndpointsElsewhere : public LegacySseTest, public testing::WithParamInterface<Elsewhere> {};

TEST_P(EndpointsElsewhere, AreNotUsed) {
  first_stream_opens_ = false;
  const auto call = ask("1");
  name_endpoint(GetParam().reference);
  EXPECT_THAT(finish(running_), FailsWith(ErrorKind::rejected, GetParam().origin));
  EXPECT_THAT(finish(call), FailsWith(ErrorKind::rejected, GetParam().origin));
  EXPECT_THAT(asked(), ElementsAre("GET"));
}

const Elsewhere kElsewhere[] = {
    {"Host", "http://127.0.0.2:8080/x", "http://127.0.0.2:8080"},
    {"HostAlone", "//127.0.0.2:8080/x", "http://127.0.0.2:8080"},
    {"Port", "http://127.0.0.1:2375/containers", "http://127.0.0.1:2375"},
    {"Scheme", "https://127.0.0.1:8080/x", "https://127.0.0.1:8080"},
    {"Userinfo", "http://127.0.0.1:8080@127.0.0.2/x", "http://127.0.0.2"},
};

INSTANTIATE_TEST_SUITE_P(Item215, EndpointsElsewhere, testing::ValuesIn(kElsewhere),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_F(LegacySseTest, AnEndpointElsewhereIsNotUsedAfterAReconnectEither) {
  name_endpoint();
  stream().end();
  turn_until([&] { return gets() == 2; });
  const auto call = ask("1");
  name_endpoint("http://127.0.0.2:8080/x");
  turn_until([&] { return gets() == 3; });
  EXPECT_THAT(asked(), ElementsAre("GET", "GET", "GET"));
  name_endpoint();
  stream().event(kAnswer);
  EXPECT_THAT(finish(call), IsOk());
}

TEST_F(LegacySseTest, ACallWaitsForTheEndpoint) {
  const auto call = ask("1");
  EXPECT_THAT(asked(), ElementsAre("GET"));
  name_endpoint();
  EXPECT_THAT(asked(), ElementsAre("GET", "tools/call"));
  stream().event(kAnswer);
  EXPECT_THAT(finish(call), IsOk());
}

struct NoStream {
  std::string_view name;
  void (*answer)(FakeAnswer&);
  ErrorKind kind;
  std::string_view words;
};

class FirstStreams : public LegacySseTest, public testing::WithParamInterface<NoStream> {};

TEST_P(FirstStreams, ThatDoNotOpenEndItAndEveryCall) {
  first_stream_opens_ = false;
  const auto waiting = ask("1");
  GetParam().answer(stream());
  EXPECT_THAT(finish(running_), FailsWith(GetParam().kind, GetParam().words));
  EXPECT_THAT(finish(waiting), FailsWith(GetParam().kind, GetParam().words));
  EXPECT_THAT(finish(ask("2")), FailsWith(GetParam().kind, GetParam().words));
  EXPECT_THAT(asked(), ElementsAre("GET"));
}

const NoStream kNoStreams[] = {
    {"Item218Refused", [](FakeAnswer& a) { a.status(404); }, ErrorKind::rejected, "HTTP 404"},
    {"Item219NoEndpoint", [](FakeAnswer& a) { a.stream().end(); }, ErrorKind::protocol,
     "without an endpoint"},
    {"NoEventStream", [](FakeAnswer& a) { a.json("{}"); }, ErrorKind::protocol,
     "instead of an event stream"},
    {"Untrusted", [](FakeAnswer& a) { a.fail(ErrorKind::untrusted, "who?"); }, ErrorKind::untrusted,
     "who?"},
};

INSTANTIATE_TEST_SUITE_P(G5, FirstStreams, testing::ValuesIn(kNoStreams),
                         [](const auto& test) { return std::string(test.param.name); });

// ---- Calls

TEST_F(LegacySseTest, TheAnswerComesOnTheStreamUnderItsId) {
  name_endpoint();
  const auto first = ask("1"), second = ask("2");
  client_.answer(1).status(202);
  client_.answer(2).status(202);
  stream().event(R"({"jsonrpc":"2.0","id":2,"result":{"b":2}})");
  EXPECT_EQ(finish(second)->result(), R"({"b":2})");
  EXPECT_FALSE(first.is_done());
  stream().event(R"({"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"no"}})");
  EXPECT_TRUE(finish(first)->error());
}

TEST_F(LegacySseTest, AnAnswerQuickerThanItsPostCountsWhateverThePostComesTo) {
  name_endpoint();
  const auto call = ask("1");
  stream().event(kAnswer);
  EXPECT_THAT(finish(call), IsOk());
  client_.answer(1).status(500);
  turn();
  EXPECT_THAT(call.result(), IsOk());
}

TEST_F(LegacySseTest, AnAnswerThatNobodyWaitsForIsDropped) {
  name_endpoint();
  stream().event(R"({"jsonrpc":"2.0","id":77,"result":{}})");
  turn();
  EXPECT_THAT(own_->heard(), IsEmpty());
}

TEST_F(LegacySseTest, APostThatIsRefusedIsTheAnswer) {
  name_endpoint();
  const auto refused = ask("1"), broken = ask("2");
  client_.answer(1).status(500);
  client_.answer(2).fail(ErrorKind::network, "gone");
  EXPECT_THAT(finish(refused), FailsWith(ErrorKind::rejected, "HTTP 500"));
  EXPECT_THAT(finish(broken), FailsWith(ErrorKind::network, "gone"));
  EXPECT_THAT(asked(), ElementsAre("GET", "tools/call", "tools/call"));
}

TEST_F(LegacySseTest, NeitherSessionNorVersionIsSent) {
  name_endpoint();
  const auto opening = ask("1", "initialize");
  client_.answer(1).status(202, {{"Mcp-Session-Id", "s"}});
  stream().event(R"({"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2024-11-05"}})");
  ASSERT_THAT(finish(opening), IsOk());
  ask("2").cancel();
  EXPECT_EQ(field(client_.request(2), "Mcp-Session-Id"), "(none)");
  EXPECT_EQ(field(client_.request(2), "MCP-Protocol-Version"), "(none)");
}

TEST_F(LegacySseTest, ACancelledCallIsToldToTheServerAndItsLateAnswerDropped) {
  name_endpoint();
  const auto call = ask("1");
  client_.answer(1).status(202);
  call.cancel();
  turn();
  EXPECT_THAT(call.result(), FailsWith(ErrorKind::cancelled, ""));
  EXPECT_THAT(body_of(latest().request()), HasSubstr(R"("requestId":1)"));
  stream().event(kAnswer);
  turn();
  EXPECT_THAT(own_->heard(), IsEmpty());
}

// The server asked to wait; in the meantime nobody waits any more.
TEST_F(LegacySseTest, ACancelledCallIsNotSentAgainAfterAPause) {
  name_endpoint();
  const auto call = ask("1");
  client_.answer(1).fail(ErrorKind::unreachable);  // tried again after a millisecond
  turn();
  call.cancel();
  EXPECT_THAT(finish(call), FailsWith(ErrorKind::cancelled, ""));
  test::run(loop_, io::pause(std::chrono::milliseconds(5)));
  EXPECT_THAT(asked(), ElementsAre("GET", "tools/call", "notifications/cancelled"));
}

TEST_F(LegacySseTest, WhatTheServerSaysIsHeardAndItsQuestionsAnsweredOnce) {
  name_endpoint();
  stream().event(R"({"jsonrpc":"2.0","id":"q","method":"roots/list"})");
  turn();
  EXPECT_THAT(own_->heard(), ElementsAre(HasSubstr("roots/list")));
  const Message reply = Message::of(R"({"jsonrpc":"2.0","id":"q","result":{}})");
  const auto told = start(upstream_->tell(reply, nullptr));
  latest().status(202);
  EXPECT_THAT(finish(told), IsOk());
  EXPECT_THAT(finish(start(upstream_->tell(reply, nullptr))), IsOk());
  EXPECT_THAT(asked(), ElementsAre("GET", "response"));
}

// ---- The stream breaks

TEST_F(LegacySseTest, AQuestionTooManyIsAnsweredWithAnError) {
  name_endpoint();
  for (std::size_t n = 0; n <= limits::kOpenQuestions; ++n)
    stream().event(mcp::make_request(std::to_string(n), "roots/list").text());
  turn();
  EXPECT_EQ(own_->heard().size(), limits::kOpenQuestions);
  EXPECT_THAT(asked(), ElementsAre("GET", "response"));
  EXPECT_THAT(body_of(latest().request()), HasSubstr("-32603"));
}

TEST_F(LegacySseTest, EveryCallThatWaitsGetsOneErrorAndTheStreamIsOpenedAgain) {
  name_endpoint();
  const auto first = ask("1"), second = ask("2");
  client_.answer(1).status(202);  // the second is still being posted
  stream().fail(ErrorKind::network);
  EXPECT_THAT(finish(first), FailsWith(ErrorKind::network, "please retry"));
  EXPECT_THAT(finish(second), FailsWith(ErrorKind::network, "please retry"));
  client_.answer(2).status(500);

  turn_until([&] { return gets() == 2; });
  name_endpoint("/new");
  const auto third = ask("1");
  EXPECT_EQ(latest().request().url, "http://127.0.0.1:8080/new");
  stream().event(kAnswer);
  EXPECT_THAT(finish(third), IsOk());
}

TEST_F(LegacySseTest, ACallInBetweenWaitsForTheNextStream) {
  name_endpoint();
  stream().end();
  turn_until([&] { return gets() == 2; });
  const auto call = ask("1");
  EXPECT_FALSE(call.is_done());
  name_endpoint();
  stream().event(kAnswer);
  EXPECT_THAT(finish(call), IsOk());
}

TEST_F(LegacySseTest, OnceItWasOpenNoRefusalEndsIt) {
  name_endpoint();
  stream().end();
  for (std::size_t round = 2; round < 6; ++round) {
    turn_until([&] { return gets() == round; });
    stream().status(round % 2 == 0 ? 404 : 500);
  }
  turn_until([&] { return gets() == 6; });
  EXPECT_FALSE(running_.is_done());
  name_endpoint();
  const auto call = ask("1");
  stream().event(kAnswer);
  EXPECT_THAT(finish(call), IsOk());
}

// ---- Each stream is a session

TEST_F(LegacySseTest, TheHandshakeIsRepeatedOnANewStreamBeforeAnythingElseIsSent) {
  shake_hands();
  for (const std::string_view method : {"logging/setLevel", "resources/subscribe"}) {
    const auto set =
        start(upstream_->call(call_of(mcp::make_request("1", method, R"({"uri":"a:1"})"))));
    reply();
    ASSERT_THAT(finish(set), IsOk());
  }
  const std::size_t before = client_.count();
  lose_stream();
  const auto call = ask("5");
  const auto told = start(upstream_->tell(mcp::make_notification("notifications/x"), nullptr));

  ASSERT_EQ(client_.count(), before + 2);
  const Message again = Message::of(body_of(latest().request()));
  EXPECT_EQ(latest().request().url, "http://127.0.0.1:8080/new");
  EXPECT_EQ(again.method(), "initialize");
  EXPECT_EQ(again.params(), R"({"clientInfo":{"name":"mine"}})");
  EXPECT_THAT(std::string(again.id()), HasSubstr(std::string(mcp::kOwnIdPrefix)));
  reply(kInitialized);
  for (const std::string_view next :
       {"notifications/initialized", "logging/setLevel", "resources/subscribe"}) {
    EXPECT_EQ(kind_of(latest().request()), next);
    EXPECT_THAT(own_->heard(), IsEmpty());
    reply();
  }
  EXPECT_EQ(client_.count(), before + 7);
  EXPECT_THAT(asked(), Contains("tools/call"));
  EXPECT_THAT(asked(), Contains("notifications/x"));
  EXPECT_THAT(own_->heard(), ElementsAre(HasSubstr("notifications/tools/list_changed")));
  for (std::size_t i = before + 5; i < client_.count(); ++i) client_.answer(i).status(202);
  stream().event(R"({"jsonrpc":"2.0","id":5,"result":{}})");
  EXPECT_THAT(finish(call), IsOk());
  EXPECT_THAT(finish(told), IsOk());
}

TEST_F(LegacySseTest, WhatTheOldSessionAskedIsTakenBackAndNotAnswered) {
  shake_hands();
  stream().event(R"({"jsonrpc":"2.0","id":"q","method":"roots/list"})");
  turn();
  lose_stream();
  EXPECT_THAT(own_->heard(), ElementsAre(HasSubstr("roots/list"),
                                         testing::AllOf(HasSubstr("notifications/cancelled"),
                                                        HasSubstr("\"q\""))));
  const Message late = Message::of(R"({"jsonrpc":"2.0","id":"q","result":{}})");
  EXPECT_THAT(finish(start(upstream_->tell(late, nullptr))), IsOk());
  EXPECT_EQ(kind_of(latest().request()), "initialize");
}

TEST_F(LegacySseTest, WhatTheServerAsksDuringTheHandshakeIsAnsweredAtOnce) {
  shake_hands();
  lose_stream();
  FakeAnswer& handshake = latest();
  handshake.status(202);
  stream().event(R"({"jsonrpc":"2.0","id":"q","method":"ping"})");
  turn();
  const Message pong = Message::of(R"({"jsonrpc":"2.0","id":"q","result":{}})");
  const auto told = start(upstream_->tell(pong, nullptr));
  EXPECT_EQ(kind_of(latest().request()), "response");
  reply();
  EXPECT_THAT(finish(told), IsOk());
}

TEST_F(LegacySseTest, AHandshakeThatCannotBeMadeIsTriedOnAnotherStream) {
  shake_hands();
  lose_stream();
  const auto call = ask("5");
  latest().status(500);
  turn_until([&] { return gets() == 3; });
  name_endpoint("/newer");
  EXPECT_EQ(latest().request().url, "http://127.0.0.1:8080/newer");
  reply(kInitialized);
  reply();
  EXPECT_EQ(kind_of(latest().request()), "tools/call");
  latest().status(202);
  stream().event(R"({"jsonrpc":"2.0","id":5,"result":{}})");
  EXPECT_THAT(finish(call), IsOk());
}

TEST_F(LegacySseTest, AServerThatRefusesTheHandshakeIsAskedWithoutIt) {
  shake_hands();
  lose_stream();
  const Message again = Message::of(body_of(latest().request()));
  latest().status(202);
  stream().event(mcp::make_error(again.id(), -32600, "once is enough").text());
  turn();
  const auto call = ask("5");
  stream().event(R"({"jsonrpc":"2.0","id":5,"result":{}})");
  EXPECT_THAT(finish(call), IsOk());
  EXPECT_EQ(gets(), 2U);
}

TEST_F(LegacySseTest, ACallThatWasNeverSentIsNotTakenBack) {
  shake_hands();
  lose_stream();
  const auto call = ask("5");
  call.cancel();
  EXPECT_THAT(finish(call), FailsWith(ErrorKind::cancelled, ""));
  EXPECT_EQ(kind_of(latest().request()), "initialize");
}

// ---- Pings

class LegacySsePings : public LegacySseTest {
 protected:
  void SetUp() override { open(std::chrono::milliseconds(1)); }
};

TEST_F(LegacySsePings, AreSentAgainAndAgain) {
  shake_hands();
  for (int i = 0; i < 3; ++i) {
    turn_until([&] { return kind_of(latest().request()) == "ping"; });
    const std::size_t before = client_.count();
    reply();
    turn_until([&] { return client_.count() > before; });
  }
  EXPECT_THAT(own_->heard(), IsEmpty());
}

TEST_F(LegacySsePings, WaitForTheHandshake) {
  name_endpoint();
  const auto opening = ask("0", "initialize");
  turn_until([this, until = std::chrono::steady_clock::now() + std::chrono::milliseconds(10)] {
    return std::chrono::steady_clock::now() > until || asked().size() > 2;
  });
  EXPECT_THAT(asked(), ElementsAre("GET", "initialize"));
  opening.cancel();
}

TEST_F(LegacySsePings, OfASessionThatIsGoneLeadToAnother) {
  shake_hands();
  turn_until([&] { return kind_of(latest().request()) == "ping"; });
  latest().status(404);
  turn_until([&] { return gets() == 2; });
  name_endpoint();
  EXPECT_EQ(kind_of(latest().request()), "initialize");
}

TEST_F(LegacySsePings, ThatFailOtherwiseChangeNothing) {
  shake_hands();
  for (const int status : {500, 202}) {
    turn_until([&] { return kind_of(latest().request()) == "ping"; });
    const std::size_t before = client_.count();
    if (status == 202) reply();
    if (status != 202) latest().status(status);
    turn_until([&] { return client_.count() > before; });
  }
  EXPECT_EQ(gets(), 1U);
}

// ---- An answer that is too large

TEST_F(LegacySseTest, AnAnswerThatIsTooLargeIsTheErrorOfItsOwnCallOnly) {
  name_endpoint();
  const auto first = ask("1"), second = ask("2");
  const std::string filler(2 << 20, 'x');
  stream().event(R"({"result":")" + filler + R"(","jsonrpc":"2.0","id":1})");
  EXPECT_THAT(finish(first), FailsWith(ErrorKind::too_large, "larger than allowed"));
  EXPECT_FALSE(second.is_done());
  stream().event(R"({"jsonrpc":"2.0","id":2,"result":{}})");
  EXPECT_THAT(finish(second), IsOk());
  EXPECT_EQ(gets(), 1U);
}

TEST_F(LegacySseTest, IfNobodyKnowsWhoseItWasItIsEverybodysError) {
  name_endpoint();
  const auto first = ask("1"), second = ask("2");
  stream().event("\"" + std::string(2 << 20, 'x') + "\"");
  EXPECT_THAT(finish(first), FailsWith(ErrorKind::too_large, ""));
  EXPECT_THAT(finish(second), FailsWith(ErrorKind::too_large, ""));
  const auto third = ask("3");
  stream().event(R"({"jsonrpc":"2.0","id":3,"result":{}})");
  EXPECT_THAT(finish(third), IsOk());
  EXPECT_EQ(gets(), 1U);
}

// ---- Whatever request fails, and however

using Fault = std::tuple<ErrorKind, test::FakeHttpClient::Breaks, std::size_t>;

// The conversation below has fewer requests; the rest of the numbers is a run without a fault.
constexpr std::size_t kRequests = 14;

class NthLegacyRequestFails : public LegacySseTest, public testing::WithParamInterface<Fault> {
 protected:
  void SetUp() override {
    const auto [kind, where, nth] = GetParam();
    client_.on_request([this](FakeAnswer& answer) { serve(answer); });
    client_.fail_on(nth, kind, where);
    open();
  }

  // A server that answers every request with an empty result, on the stream opened last.
  void serve(FakeAnswer& answer) {
    if (answer.request().method == "GET") {
      answer.stream().piece("event: endpoint\ndata: /messages\n\n");
      stream_ = &answer;
      return;
    }
    const Message message = Message::of(body_of(answer.request()));
    answer.status(202);
    if (!message.is_request()) return;
    ++executed_[message.method()];
    stream_->event(mcp::make_result(message.id(), "{}").text());
  }

  FakeAnswer* stream_ = nullptr;
  std::map<std::string, int> executed_;
};

// Handshake, subscription, a call, the loss of the stream, another call, farewell. That each step
// comes to its end is what finish() and run() insist on.
TEST_P(NthLegacyRequestFails, AndEveryCallHasItsAnswerAndNothingIsExecutedTwice) {
  const auto [kind, where, nth] = GetParam();
  first_stream_opens_ = false;
  std::vector<Result<Message>> answers;
  answers.push_back(finish(ask("0", "initialize")));
  (void)finish(
      start(upstream_->tell(mcp::make_notification("notifications/initialized"), nullptr)));
  answers.push_back(finish(start(upstream_->call(
      call_of(mcp::make_request("1", "resources/subscribe", R"({"uri":"a:1"})"))))));
  answers.push_back(finish(ask("2", "tools/call")));
  if (stream_ != nullptr) stream_->fail(ErrorKind::network);
  turn();
  answers.push_back(finish(ask("3", "custom/method")));
  answers.push_back(finish(ask("4", "tools/list")));
  test::run(loop_, upstream_->close());

  EXPECT_LE(executed_["tools/call"], 1);
  EXPECT_LE(executed_["custom/method"], 1);
  EXPECT_LE(client_.count(), kRequests + 2 * limits::kAttempts);
  if (nth > client_.count()) {
    EXPECT_THAT(answers, testing::Each(IsOk()));
  }
}

INSTANTIATE_TEST_SUITE_P(BeforeTheAnswer, NthLegacyRequestFails,
                         testing::Combine(testing::Values(ErrorKind::unreachable,
                                                          ErrorKind::network, ErrorKind::timed_out,
                                                          ErrorKind::protocol, ErrorKind::untrusted,
                                                          ErrorKind::too_large),
                                          testing::Values(test::FakeHttpClient::Breaks::head),
                                          testing::Range(std::size_t{1}, kRequests)));
INSTANTIATE_TEST_SUITE_P(InTheBody, NthLegacyRequestFails,
                         testing::Combine(testing::Values(ErrorKind::network, ErrorKind::timed_out,
                                                          ErrorKind::protocol,
                                                          ErrorKind::too_large),
                                          testing::Values(test::FakeHttpClient::Breaks::body),
                                          testing::Range(std::size_t{1}, kRequests)));

// ---- The end

TEST_F(LegacySseTest, ClosingEndsWhateverWaits) {
  const auto early = ask("1");
  test::run(loop_, upstream_->close());
  EXPECT_THAT(finish(early), FailsWith(ErrorKind::cancelled, ""));
  EXPECT_THAT(finish(ask("2")), FailsWith(ErrorKind::cancelled, ""));
  EXPECT_TRUE(stream().is_abandoned());
}

}  // namespace
}  // namespace mcpio::upstream
