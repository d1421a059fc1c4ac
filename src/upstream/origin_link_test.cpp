// SPDX-License-Identifier: MIT
#include "upstream/origin_link.h"

#include "io/pause.h"
#include "upstream/upstream_fixture.h"

namespace mcpio::upstream {
namespace {

using test::FailsWith;
using test::FakeAnswer;
using test::IsOk;

constexpr std::string_view kUrl = "http://127.0.0.1:8080/mcp?tenant=1";

MATCHER_P(HasStatus, status, "is an answer with status " + testing::PrintToString(status)) {
  return arg.has_value() && arg->head.status == status;
}

class OriginLinkTest : public UpstreamFixture {
 protected:
  Outgoing outgoing(bool replay_safe = false) {
    Outgoing request;
    request.url = url_of(kUrl);
    request.body = std::make_shared<const Buffer>(R"({"jsonrpc":"2.0","method":"m"})");
    request.replay_safe = replay_safe;
    request.label = "m";
    return request;
  }
  Result<Answer> send(Outgoing request) { return test::run(loop_, link_.send(std::move(request))); }
  Result<Answer> send(bool replay_safe = false) { return send(outgoing(replay_safe)); }

  awaitable<Result<void>> send_after_a_cancellation() {
    const bool waited = co_await io::pause(test::kPatience);
    EXPECT_FALSE(waited);
    auto answer = co_await link_.send(outgoing());
    EXPECT_THAT(answer, FailsWith(ErrorKind::cancelled, ""));
    co_return ok();
  }

  // The nth request is answered by the nth of these, later ones by 200.
  void answer_with(std::vector<test::FakeHttpClient::Handler> answers) {
    client_.on_request([this, answers = std::move(answers)](FakeAnswer& answer) {
      const std::size_t at = client_.count() - 1;
      if (at < answers.size())
        answers[at](answer);
      else
        answer.status(200);
    });
  }
};

// ---- Failures and attempts (C.7; at most once)

struct Failure {
  std::string_view name;
  ErrorKind kind;
  std::size_t attempts, attempts_if_replay_safe;
};

class Failures : public OriginLinkTest, public testing::WithParamInterface<Failure> {
 protected:
  void SetUp() override {
    client_.on_request([](FakeAnswer& answer) { answer.fail(GetParam().kind, "why"); });
  }
};

TEST_P(Failures, AreTriedAgainAsOftenAsTheTableSays) {
  EXPECT_THAT(send(), FailsWith(GetParam().kind, "why"));
  EXPECT_EQ(client_.count(), GetParam().attempts);
}

TEST_P(Failures, OfReplaySafeRequestsAreTriedAgainMoreOften) {
  EXPECT_THAT(send(true), FailsWith(GetParam().kind, "why"));
  EXPECT_EQ(client_.count(), GetParam().attempts_if_replay_safe);
}

const Failure kFailures[] = {
    {"Unreachable", ErrorKind::unreachable, 3, 3}, {"Network", ErrorKind::network, 1, 3},
    {"TimedOut", ErrorKind::timed_out, 1, 3},      {"Protocol", ErrorKind::protocol, 1, 3},
    {"Untrusted", ErrorKind::untrusted, 1, 1},     {"TooLarge", ErrorKind::too_large, 1, 1},
    {"Config", ErrorKind::config, 1, 1},
};

INSTANTIATE_TEST_SUITE_P(C7, Failures, testing::ValuesIn(kFailures),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_F(OriginLinkTest, TheSecondAttemptMaySucceed) {
  answer_with({[](FakeAnswer& a) { a.fail(ErrorKind::unreachable); }});
  EXPECT_THAT(send(), HasStatus(200));
  EXPECT_EQ(client_.count(), 2U);
}

TEST_F(OriginLinkTest, TheHttpLibraryMustNotRepeatByItself) {
  answer_with({});
  ASSERT_THAT(send(true), HasStatus(200));
  EXPECT_FALSE(client_.request(0).may_repeat);
}

// ---- 429 and 503

struct Refusal {
  std::string_view name;
  int status;
  std::string_view retry_after;  // empty: no such field
  std::size_t attempts;
};

class Refusals : public OriginLinkTest, public testing::WithParamInterface<Refusal> {};

TEST_P(Refusals, AreTriedAgainAsOftenAsTheTableSays) {
  client_.on_request([](FakeAnswer& answer) {
    std::vector<http::Field> fields;
    if (!GetParam().retry_after.empty())
      fields.push_back({"Retry-After", std::string(GetParam().retry_after)});
    answer.status(GetParam().status, std::move(fields));
  });
  EXPECT_THAT(send(), HasStatus(GetParam().status));
  EXPECT_EQ(client_.count(), GetParam().attempts);
}

const Refusal kRefusals[] = {
    {"Plain429", 429, "", 3},    {"Plain503", 503, "", 1},
    {"Zero", 429, "0", 3},       {"Fraction", 503, "0.001", 3},
    {"Negative", 429, "-5", 3},  {"Garbage", 429, "soon", 3},
    {"Nan", 429, "nan", 3},      {"Past", 429, "Sun, 06 Nov 1994 08:49:37 GMT", 3},
    {"TooLong", 429, "61", 1},   {"FarDate", 503, "Fri, 31 Dec 2100 23:59:59 GMT", 1},
    {"PlainError", 500, "0", 1}, {"Gateway", 502, "0", 1},
    {"NotFound", 404, "0", 1},   {"Garbage503", 503, "soon", 1},
};

INSTANTIATE_TEST_SUITE_P(Items143To150, Refusals, testing::ValuesIn(kRefusals),
                         [](const auto& test) { return std::string(test.param.name); });

// A proxy says so also of what it has delivered (Heroku's H12, Envoy's UC).
TEST_F(OriginLinkTest, A503ThatNamesNoTimeIsTriedAgainOnlyForWhatIsReplaySafe) {
  client_.on_request([](FakeAnswer& answer) { answer.status(503); });
  EXPECT_THAT(send(), HasStatus(503));
  EXPECT_EQ(client_.count(), 1U);
  EXPECT_THAT(send(true), HasStatus(503));
  EXPECT_EQ(client_.count(), 4U);
}

TEST_F(OriginLinkTest, AttemptsThatWereMadeBeforeCount) {
  answer_with({[](FakeAnswer& a) { a.fail(ErrorKind::unreachable); }});
  Outgoing second = outgoing();
  second.attempts_made = 1;
  const auto answer = send(std::move(second));
  ASSERT_THAT(answer, HasStatus(200));
  EXPECT_EQ(answer->attempts, 3);
  client_.on_request([](FakeAnswer& a) { a.fail(ErrorKind::unreachable, "why"); });
  Outgoing third = outgoing();
  third.attempts_made = 2;
  EXPECT_THAT(send(std::move(third)), FailsWith(ErrorKind::unreachable, "why"));
  EXPECT_EQ(client_.count(), 3U);
}

TEST_F(OriginLinkTest, SixtySecondsAreStillWaitedForAndTheWaitCanBeCancelled) {
  answer_with({[](FakeAnswer& a) { a.status(429, {{"Retry-After", "60"}}); }});
  const auto sending = start(link_.send(outgoing()));
  EXPECT_FALSE(sending.is_done());
  sending.cancel();
  turn();
  EXPECT_THAT(sending.result(), FailsWith(ErrorKind::cancelled, ""));
  EXPECT_EQ(client_.count(), 1U);
}

TEST_F(OriginLinkTest, ARefusalSaysHowLongToWaitIfTheServerDid) {
  http::Head head{.status = 429};
  EXPECT_EQ(link_.refusal(head).retry_after, std::nullopt);
  head.fields.add("Retry-After", "90");
  EXPECT_EQ(link_.refusal(head).retry_after, 90.0);
  EXPECT_EQ(link_.refusal(head).http_status, 429);
  EXPECT_EQ(link_.refusal(head).kind, ErrorKind::rejected);
  head.status = 500;
  EXPECT_EQ(link_.refusal(head).retry_after, std::nullopt);
  head.status = 403;
  EXPECT_EQ(link_.refusal(head).kind, ErrorKind::unauthorized);
}

// ---- Redirects

struct Redirect {
  std::string_view name;
  int status;
  std::string_view location;    // empty: none
  std::string_view followed;    // the URL it leads to; empty: refused
  std::string_view words = {};  // of the refusal
};

class Redirects : public OriginLinkTest, public testing::WithParamInterface<Redirect> {};

TEST_P(Redirects, AreFollowedOrRefused) {
  authorizer_.set("Bearer secret");
  answer_with({[](FakeAnswer& answer) {
    std::vector<http::Field> fields;
    if (!GetParam().location.empty())
      fields.push_back({"Location", std::string(GetParam().location)});
    answer.status(GetParam().status, std::move(fields));
  }});
  const auto answer = send();
  if (GetParam().followed.empty()) {
    EXPECT_THAT(answer, FailsWith(ErrorKind::rejected, GetParam().words));
    EXPECT_EQ(client_.count(), 1U);
    return;
  }
  EXPECT_THAT(answer, HasStatus(200));
  const http::Request& second = client_.request(1);
  EXPECT_EQ(second.url, GetParam().followed);
  EXPECT_EQ(second.method, "POST");
  EXPECT_EQ(body_of(second), body_of(client_.request(0)));
  EXPECT_EQ(field(second, "Authorization"), "Bearer secret");
}

const Redirect kRedirects[] = {
    {"Same307", 307, "/other", "http://127.0.0.1:8080/other"},
    {"Same308", 308, "http://127.0.0.1:8080/a?b#c", "http://127.0.0.1:8080/a?b"},
    {"Same301", 301, "/other", "", "only 307 and 308"},
    {"Same302", 302, "/other", "", "only 307 and 308"},
    {"Same303", 303, "/other", "", "only 307 and 308"},
    {"OtherHost", 307, "https://evil.example/x?token=1", "", "https://evil.example, another"},
    {"OtherPort", 308, "http://127.0.0.1:8081/mcp", "", "http://127.0.0.1:8081, another"},
    {"OtherScheme", 308, "https://127.0.0.1:8080/mcp", "", "another origin"},
    {"NoLocation", 307, "", "", "without a Location"},
    {"NoUrl", 307, "http://[", "", "no URL"},
    {"Multiple", 300, "", "", "HTTP 300"},
};

INSTANTIATE_TEST_SUITE_P(Issue2, Redirects, testing::ValuesIn(kRedirects),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_F(OriginLinkTest, RedirectsInCirclesEnd) {
  client_.on_request([](FakeAnswer& answer) { answer.status(307, {{"Location", "/mcp"}}); });
  EXPECT_THAT(send(), FailsWith(ErrorKind::rejected, "in circles"));
  EXPECT_EQ(client_.count(), static_cast<std::size_t>(limits::kRedirects) + 1);
}

TEST_F(OriginLinkTest, NotModifiedIsNoRedirect) {
  answer_with({[](FakeAnswer& a) { a.status(304); }});
  EXPECT_THAT(send(), HasStatus(304));
}

// ---- Credentials

TEST_F(OriginLinkTest, OtherCredentialsAreTriedOnce) {
  authorizer_.set("old");
  authorizer_.on_challenge(true, "new");
  client_.on_request([](FakeAnswer& answer) {
    answer.status(field(answer.request(), "Authorization") == "new" ? 200 : 401);
  });
  EXPECT_THAT(send(), HasStatus(200));
  EXPECT_EQ(client_.count(), 2U);
}

TEST_F(OriginLinkTest, TheAnswerStandsIfThereAreNoOthersOrTheyAreRefusedToo) {
  client_.on_request([](FakeAnswer& answer) { answer.status(401); });
  EXPECT_THAT(send(), HasStatus(401));
  EXPECT_EQ(client_.count(), 1U);
  authorizer_.on_challenge(true, "new");
  EXPECT_THAT(send(), HasStatus(401));
  EXPECT_EQ(client_.count(), 3U);
  EXPECT_EQ(authorizer_.challenges(), 3);
}

TEST_F(OriginLinkTest, AServerThatIsNeverContentIsAskedSoOften) {
  client_.on_request([](FakeAnswer& answer) { answer.status(403); });
  for (int i = 0; i < 2 * limits::kChallenges; ++i) authorizer_.on_challenge(true, "new");
  EXPECT_THAT(send(), HasStatus(403));
  EXPECT_EQ(client_.count(), limits::kChallenges + 1U);
}

TEST_F(OriginLinkTest, AnAuthorizerThatGivesUpIsAskedNoMore) {
  client_.on_request([](FakeAnswer& answer) { answer.status(401); });
  authorizer_.on_challenge(fail(ErrorKind::unauthorized, "the login failed"));
  EXPECT_THAT(send(true), FailsWith(ErrorKind::unauthorized, "the login failed"));
  EXPECT_EQ(client_.count(), 1U);
}

// A login that nobody finished, an authorization server that is down: to send the request again
// would be to begin another one.
class FailuresOfTheAuthorizer : public OriginLinkTest,
                                public testing::WithParamInterface<ErrorKind> {};

TEST_P(FailuresOfTheAuthorizer, OnTheWayToATokenAreFinal) {
  client_.on_request([](FakeAnswer& answer) { answer.status(401); });
  authorizer_.on_challenge(fail(GetParam(), "nobody signed in"));
  EXPECT_THAT(send(true), FailsWith(ErrorKind::no_credentials, "nobody signed in"));
  EXPECT_EQ(client_.count(), 1U);
  EXPECT_EQ(authorizer_.challenges(), 1);
}

TEST_P(FailuresOfTheAuthorizer, BeforeTheFirstRequestAreFinal) {
  authorizer_.refuse({.kind = GetParam(), .message = "the refresh failed"});
  EXPECT_THAT(send(true), FailsWith(ErrorKind::no_credentials, "the refresh failed"));
  EXPECT_EQ(client_.count(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Oauth, FailuresOfTheAuthorizer,
                         testing::Values(ErrorKind::unreachable, ErrorKind::network,
                                         ErrorKind::timed_out, ErrorKind::protocol));

TEST_F(OriginLinkTest, NothingIsSentIfTheAuthorizerRefuses) {
  authorizer_.refuse({.kind = ErrorKind::config, .message = "plain http"});
  EXPECT_THAT(send(true), FailsWith(ErrorKind::config, "plain http"));
  EXPECT_EQ(client_.count(), 0U);
}

TEST_F(OriginLinkTest, FieldsThatMustNotBeThereAreTakenOut) {
  authorizer_.set("pinned");
  answer_with({});
  Outgoing bare = outgoing();
  bare.without = {"Authorization"};
  ASSERT_THAT(send(std::move(bare)), HasStatus(200));
  EXPECT_EQ(field(client_.request(0), "Authorization"), "(none)");
}

// ---- Patience

TEST_F(OriginLinkTest, NothingIsSentForSomebodyWhoWasCancelledBefore) {
  tasks_.spawn("a test", send_after_a_cancellation());
  turn();
  tasks_.cancel();
  turn();
  EXPECT_TRUE(tasks_.empty());
  EXPECT_EQ(client_.count(), 0U);
}

TEST_F(OriginLinkTest, AQuietAnswerHasItsOwnLimit) {
  answer_with({});
  Outgoing quiet = outgoing();
  quiet.may_be_quiet = true;
  ASSERT_THAT(send(std::move(quiet)), IsOk());
  ASSERT_THAT(send(), IsOk());
  EXPECT_EQ(client_.request(0).timeouts.head.count(), 0);
  EXPECT_EQ(client_.request(0).timeouts.idle.count(), 0);
  EXPECT_EQ(client_.request(1).timeouts.head, link_.settings().timeout_read);
  EXPECT_EQ(client_.request(1).timeouts.connect, link_.settings().timeout_connect);
}

TEST_F(OriginLinkTest, TheTypeOfAnAnswerHasNeitherCaseNorParameters) {
  answer_with({[](FakeAnswer& a) {
    a.status(200, {{"content-type", "Text/Event-Stream; charset=utf-8"}});
  }});
  const auto answer = send();
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->type(), "text/event-stream");
  EXPECT_EQ(send()->type(), "");
}

}  // namespace
}  // namespace mcpio::upstream
