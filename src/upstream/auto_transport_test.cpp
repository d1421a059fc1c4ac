// SPDX-License-Identifier: MIT
#include "upstream/auto_transport.h"

#include <map>
#include <tuple>

#include "upstream/upstream_fixture.h"

namespace mcpio::upstream {
namespace {

using test::FailsWith;
using test::FakeAnswer;
using test::IsOk;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view kUrl = "http://127.0.0.1:8080/mcp";
constexpr std::string_view kAnswer = R"({"jsonrpc":"2.0","id":0,"result":{}})";

class AutoTransportTest : public UpstreamFixture {
 protected:
  void SetUp() override {
    const MessageStream::Limits limits{.message_bytes = 1 << 20, .budget = nullptr};
    upstream_ = std::make_unique<AutoTransport>(
        loop_.get_executor(),
        std::make_unique<StreamableHttp>(loop_.get_executor(), link_, url_of(kUrl),
                                         StreamableHttp::Settings{.limits = limits}),
        [this, limits] {
          LegacySse::Settings settings;
          settings.limits = limits;
          return std::make_unique<LegacySse>(loop_.get_executor(), link_, url_of(kUrl), settings);
        });
    running_ = start(upstream_->run(own_));
  }

  void TearDown() override {
    test::run(loop_, upstream_->close());
    EXPECT_THAT(finish(running_), IsOk());
    UpstreamFixture::TearDown();
  }

  Started<Message> ask(std::string_view id, std::string_view method) {
    return start(upstream_->call(call_of(mcp::make_request(id, method))));
  }

  // Answers the initialize that was POSTed, with a body if there is one.
  void refuse(int status, std::string_view body = {}) {
    FakeAnswer& answer = client_.answer(client_.count() - 1);
    answer.head(status);
    if (!body.empty()) answer.piece(body);
    answer.end();
    turn();
  }

  std::unique_ptr<AutoTransport> upstream_;
  Started<void> running_;
};

TEST_F(AutoTransportTest, AServerThatTakesAPostIsSpokenToOverStreamableHttp) {
  const auto opening = ask("0", "initialize");
  client_.answer(0).json(kAnswer, {{"Mcp-Session-Id", "s"}});
  ASSERT_THAT(finish(opening), IsOk());
  ask("1", "ping").cancel();
  EXPECT_EQ(field(client_.request(1), "Mcp-Session-Id"), "s");
}

class StatusesOfOldServers : public AutoTransportTest, public testing::WithParamInterface<int> {};

// 2025-11-25, basic/transports, "Backwards Compatibility".
TEST_P(StatusesOfOldServers, LeadToHttpWithSse) {
  const auto opening = ask("0", "initialize");
  refuse(GetParam());
  ASSERT_THAT(asked(), ElementsAre("initialize", "GET"));
  client_.answer(1).stream().piece("event: endpoint\ndata: /messages\n\n");
  turn();
  ASSERT_THAT(asked(), ElementsAre("initialize", "GET", "initialize"));
  EXPECT_EQ(client_.request(2).url, "http://127.0.0.1:8080/messages");
  client_.answer(1).event(kAnswer);
  EXPECT_THAT(finish(opening), IsOk());

  // From now on everything goes there, and is heard from there.
  const auto told =
      start(upstream_->tell(mcp::make_notification("notifications/initialized"), nullptr));
  EXPECT_EQ(client_.request(3).url, "http://127.0.0.1:8080/messages");
  client_.answer(3).status(202);
  EXPECT_THAT(finish(told), IsOk());
  client_.answer(1).event(R"({"jsonrpc":"2.0","method":"notifications/message"})");
  turn();
  EXPECT_THAT(own_->heard(), ElementsAre(HasSubstr("notifications/message")));
}

INSTANTIATE_TEST_SUITE_P(Of2024, StatusesOfOldServers, testing::Values(400, 404, 405));

struct Refusal {
  std::string_view name;
  int status;
  std::string_view body;
};

class OtherRefusals : public AutoTransportTest, public testing::WithParamInterface<Refusal> {};

TEST_P(OtherRefusals, Stand) {
  const auto opening = ask("0", "initialize");
  refuse(GetParam().status, GetParam().body);
  const auto& answer = finish(opening);
  EXPECT_TRUE(!answer || answer->error());
  EXPECT_THAT(asked(), ElementsAre("initialize"));
}

const Refusal kRefusals[] = {
    {"Unauthorized", 401, ""},
    {"ServerError", 500, ""},
    {"Gone", 410, ""},
    {"ModernVersion", 400,
     R"({"jsonrpc":"2.0","id":0,"error":{"code":-32022,"message":"unsupported version"}})"},
    {"ModernMethod", 404,
     R"({"jsonrpc":"2.0","id":0,"error":{"code":-32601,"message":"no such method"}})"},
};

INSTANTIATE_TEST_SUITE_P(Issue2, OtherRefusals, testing::ValuesIn(kRefusals),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_F(AutoTransportTest, ABadRequestWithAnOrdinaryErrorIsStillAskedOverSse) {
  const auto opening = ask("0", "initialize");
  refuse(400, R"({"jsonrpc":"2.0","id":0,"error":{"code":-32600,"message":"?"}})");
  EXPECT_THAT(asked(), ElementsAre("initialize", "GET"));
  client_.answer(1).status(405);
  EXPECT_TRUE(finish(opening)->error());
}

// The refusal of the POST says more than that of the GET.
TEST_F(AutoTransportTest, IfNeitherWorksTheFirstRefusalIsTheAnswerAndBothCanBeTriedAgain) {
  const auto first = ask("0", "initialize");
  refuse(404);
  client_.answer(1).status(405);
  EXPECT_THAT(finish(first), FailsWith(ErrorKind::rejected, "HTTP 404"));
  const auto second = ask("0", "initialize");
  client_.answer(2).json(kAnswer);
  EXPECT_THAT(finish(second), IsOk());
  EXPECT_THAT(asked(), ElementsAre("initialize", "GET", "initialize"));
}

// The status of the first initialize is none of the second.
TEST_F(AutoTransportTest, AStatusCountsForItsOwnInitializeOnly) {
  const auto first = ask("0", "initialize");
  refuse(404);
  client_.answer(1).status(405);
  ASSERT_THAT(finish(first), FailsWith(ErrorKind::rejected, "HTTP 404"));
  const auto second = ask("0", "initialize");
  client_.answer(2).fail(ErrorKind::untrusted, "who?");
  EXPECT_THAT(finish(second), FailsWith(ErrorKind::untrusted, "who?"));
  EXPECT_THAT(asked(), ElementsAre("initialize", "GET", "initialize"));
}

TEST_F(AutoTransportTest, ACancelledInitializeTriesNothingMore) {
  const auto first = ask("0", "initialize");
  refuse(404);
  client_.answer(1).status(405);
  (void)finish(first);
  const auto second = ask("0", "initialize");
  second.cancel();
  EXPECT_THAT(finish(second), FailsWith(ErrorKind::cancelled, ""));
  EXPECT_THAT(asked(), ElementsAre("initialize", "GET", "initialize"));
}

TEST_F(AutoTransportTest, WhatIsSaidWhileHttpWithSseIsTriedOutlivesTheTrial) {
  const auto opening = ask("0", "initialize");
  refuse(404);
  const auto told = start(upstream_->tell(mcp::make_notification("notifications/x"), nullptr));
  client_.answer(1).status(405);
  EXPECT_THAT(finish(opening), FailsWith(ErrorKind::rejected, "HTTP 404"));
  EXPECT_THAT(finish(told), FailsWith(ErrorKind::rejected, "HTTP 405"));
}

TEST_F(AutoTransportTest, AFailureWithoutAnAnswerIsNoReasonToTryTheOther) {
  client_.on_request([](FakeAnswer& answer) { answer.fail(ErrorKind::untrusted, "who?"); });
  EXPECT_THAT(finish(ask("0", "initialize")), FailsWith(ErrorKind::untrusted, "who?"));
  EXPECT_THAT(asked(), ElementsAre("initialize"));
}

// Once decided, a later 404 is about the session.
TEST_F(AutoTransportTest, TheChoiceHolds) {
  const auto opening = ask("0", "initialize");
  client_.answer(0).json(kAnswer);
  ASSERT_THAT(finish(opening), IsOk());
  const auto again = ask("0", "initialize");
  refuse(404);
  EXPECT_THAT(finish(again), FailsWith(ErrorKind::rejected, "HTTP 404"));
  EXPECT_THAT(asked(), ElementsAre("initialize", "initialize"));
}

// ---- Whatever request fails, and however

using Fault = std::tuple<ErrorKind, test::FakeHttpClient::Breaks, std::size_t>;

// The conversation below has fewer requests; the rest of the numbers is a run without a fault.
constexpr std::size_t kRequests = 8;

class NthAutoRequestFails : public AutoTransportTest, public testing::WithParamInterface<Fault> {
 protected:
  // An older server: it refuses POSTs to its URL.
  void serve(FakeAnswer& answer) {
    if (answer.request().method == "GET") {
      answer.stream().piece("event: endpoint\ndata: /messages\n\n");
      stream_ = &answer;
      return;
    }
    const bool is_endpoint = answer.request().url.ends_with("/messages");
    answer.status(is_endpoint ? 202 : 405);
    const Message message = Message::of(body_of(answer.request()));
    if (!is_endpoint || !message.is_request()) return;
    ++executed_[message.method()];
    stream_->event(mcp::make_result(message.id(), "{}").text());
  }

  FakeAnswer* stream_ = nullptr;
  std::map<std::string, int> executed_;
};

// A client that tries once more where its handshake failed.
TEST_P(NthAutoRequestFails, AndEveryCallHasItsAnswerAndNothingIsExecutedTwice) {
  const auto [kind, where, nth] = GetParam();
  client_.on_request([this](FakeAnswer& answer) { serve(answer); });
  client_.fail_on(nth, kind, where);
  const bool opened = finish(ask("0", "initialize")).has_value();
  if (!opened) {
    EXPECT_THAT(finish(ask("1", "initialize")), IsOk());
  }
  (void)finish(
      start(upstream_->tell(mcp::make_notification("notifications/initialized"), nullptr)));
  const auto call = finish(ask("2", "tools/call"));
  const auto list = finish(ask("3", "tools/list"));
  EXPECT_LE(executed_["tools/call"], 1);
  EXPECT_LE(client_.count(), kRequests + 2 * limits::kAttempts);
  if (nth > client_.count()) {
    EXPECT_THAT(call, IsOk());
    EXPECT_THAT(list, IsOk());
  }
}

INSTANTIATE_TEST_SUITE_P(BeforeTheAnswer, NthAutoRequestFails,
                         testing::Combine(testing::Values(ErrorKind::unreachable,
                                                          ErrorKind::network, ErrorKind::timed_out,
                                                          ErrorKind::protocol, ErrorKind::untrusted,
                                                          ErrorKind::too_large),
                                          testing::Values(test::FakeHttpClient::Breaks::head),
                                          testing::Range(std::size_t{1}, kRequests)));
INSTANTIATE_TEST_SUITE_P(InTheBody, NthAutoRequestFails,
                         testing::Combine(testing::Values(ErrorKind::network, ErrorKind::timed_out,
                                                          ErrorKind::protocol,
                                                          ErrorKind::too_large),
                                          testing::Values(test::FakeHttpClient::Breaks::body),
                                          testing::Range(std::size_t{1}, kRequests)));

}  // namespace
}  // namespace mcpio::upstream
