// SPDX-License-Identifier: MIT
#include "upstream/legacy_sse.h"

#include <algorithm>

#include "upstream/upstream_fixture.h"

namespace mcpio::upstream {
namespace {

using test::FailsWith;
using test::FakeAnswer;
using test::IsOk;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kUrl = "http://127.0.0.1:8080/sse?tenant=1";
constexpr std::string_view kAnswer = R"({"jsonrpc":"2.0","id":1,"result":{}})";

class LegacySseTest : public UpstreamFixture {
 protected:
  void open(bool has_credentials = false) {
    LegacySse::Settings settings;
    settings.limits = {.message_bytes = 1 << 20, .budget = nullptr};
    settings.reconnect_delay = std::chrono::milliseconds(1);
    settings.has_credentials = has_credentials;
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
    {"OtherOriginWithoutCredentials", "http://127.0.0.2/x", "http://127.0.0.2/x"},
};

INSTANTIATE_TEST_SUITE_P(Items213To215, Endpoints, testing::ValuesIn(kEndpoints),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_F(LegacySseTest, AnEndpointElsewhereDoesNotGetTheCredentials) {
  test::run(loop_, upstream_->close());
  ASSERT_THAT(finish(running_), IsOk());
  open(true);
  first_stream_opens_ = false;
  name_endpoint("http://127.0.0.2:8080/x");
  EXPECT_THAT(finish(running_), FailsWith(ErrorKind::rejected, "http://127.0.0.2:8080"));
  EXPECT_THAT(asked(), ElementsAre("GET", "GET"));
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

TEST_F(LegacySseTest, ClosingEndsWhateverWaits) {
  const auto early = ask("1");
  test::run(loop_, upstream_->close());
  early.cancel();
  EXPECT_THAT(finish(early), FailsWith(ErrorKind::cancelled, ""));
  EXPECT_THAT(finish(ask("2")), FailsWith(ErrorKind::cancelled, ""));
  EXPECT_TRUE(stream().is_abandoned());
}

}  // namespace
}  // namespace mcpio::upstream
