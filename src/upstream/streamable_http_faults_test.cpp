// SPDX-License-Identifier: MIT
#include "upstream/streamable_http_fixture.h"

namespace mcpio::upstream {
namespace {

using test::FailsWith;
using test::IsOk;

// Whatever request fails, and however.

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
