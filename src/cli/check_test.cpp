// SPDX-License-Identifier: MIT
#include "cli/check.h"

#include <gmock/gmock.h>

#include <utility>

#include "io/event.h"
#include "support/result_matchers.h"
#include "support/run.h"

namespace mcpio::cli {
namespace {

using std::chrono::microseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// One exchange as the test wants it to go.
struct Script {
  std::string method = "POST";
  int status = 200;  // 0: no answer
  ErrorKind failure = ErrorKind::unreachable;
  std::string session = {};
  http::Timings timings{.name = microseconds(1000),
                        .connect = microseconds(2000),
                        .tls = microseconds(3000),
                        .first_byte = microseconds(4000)};
};

class FakeExchange final : public http::Exchange {
 public:
  explicit FakeExchange(Script script) : script_(std::move(script)) {}

  awaitable<Result<http::Head>> head() override {
    if (script_.status == 0) co_return fail(script_.failure, "no answer");
    http::Head head;
    head.status = script_.status;
    head.fields.add("Content-Type", "Application/JSON; charset=utf-8");
    if (!script_.session.empty()) head.fields.add("mcp-session-id", script_.session);
    co_return head;
  }
  awaitable<Result<std::optional<std::string_view>>> read() override {
    co_return std::optional<std::string_view>();
  }
  http::Timings timings() const override { return script_.timings; }

 private:
  Script script_;
};

class FakeClient final : public http::Client {
 public:
  std::unique_ptr<http::Exchange> send(http::Request request) override {
    Script script = next;
    script.method = request.method;
    return std::make_unique<FakeExchange>(std::move(script));
  }

  Script next;
};

// Answers by method, after the exchanges it is told to have on the way.
class FakeUpstream final : public Upstream {
 public:
  FakeUpstream(asio::any_io_executor executor, http::Client& client, FakeClient& scripts)
      : closed_(std::move(executor)), client_(client), scripts_(scripts) {}

  awaitable<Result<Message>> call(Call call) override {
    heard.push_back(call.request.method());
    for (const Script& script : std::exchange(exchanges, {})) {
      scripts_.next = script;
      http::Request request;
      request.method = script.method;
      request.url = "https://a.example/mcp";
      auto exchange = client_.send(std::move(request));
      auto head = co_await exchange->head();
      if (!head && script.status == 0) co_return propagate(head);
    }
    if (failure) co_return std::unexpected(*failure);
    const bool is_initialize = call.request.method() == "initialize";
    if (!is_initialize && !tools_error.empty())
      co_return mcp::make_error(call.request.id(), -32603, tools_error);
    co_return mcp::make_result(call.request.id(), is_initialize ? initialize_result : tools_result);
  }

  awaitable<Result<void>> tell(Message message, std::shared_ptr<const Origin>) override {
    heard.push_back(message.method());
    co_return ok();
  }

  awaitable<Result<void>> run(std::shared_ptr<Hearer>) override {
    co_await closed_.wait();
    co_return ok();
  }

  awaitable<void> close() override {
    heard.emplace_back("close");
    closed_.set();
    co_return;
  }

  std::vector<Script> exchanges{Script{}};
  std::optional<Error> failure;
  std::string initialize_result =
      R"({"protocolVersion":"2025-11-25","capabilities":{"tools":{},"logging":{}},)"
      R"("serverInfo":{"name":"everything","version":"2.0.0"}})";
  std::string tools_result = R"({"tools":[{"name":"echo"},{"name":"add"}]})";
  std::string tools_error;
  std::vector<std::string> heard;

 private:
  io::Event closed_;
  http::Client& client_;
  FakeClient& scripts_;
};

class CheckTest : public testing::Test {
 protected:
  CheckTest() { config_.server = codec::parse_url("https://a.example/mcp?key=hush").value(); }

  CheckReport check() { return test::run(loop_, Check(upstream_, client_, config_).run()); }

  asio::io_context loop_{1};
  FakeClient scripts_;
  ObservedClient client_{scripts_};
  FakeUpstream upstream_{loop_.get_executor(), client_, scripts_};
  ConnectConfig config_;
};

TEST_F(CheckTest, TellsWhatTheServerIs) {
  upstream_.exchanges[0].session = "0123456789abcdef";
  const auto report = check();
  EXPECT_TRUE(report.is_good());
  EXPECT_EQ(report.reached, Stage::done);
  EXPECT_EQ(report.url, "https://a.example/mcp?<redacted>");
  EXPECT_EQ(report.protocol_version, "2025-11-25");
  EXPECT_EQ(report.server_name, "everything");
  EXPECT_EQ(report.server_version, "2.0.0");
  EXPECT_THAT(report.capabilities, ElementsAre("logging", "tools"));
  EXPECT_THAT(report.tools, ElementsAre("echo", "add"));
  EXPECT_EQ(report.transport, "Streamable HTTP");
  EXPECT_EQ(report.session, "01234567");
  EXPECT_EQ(report.http_status, 200);
  EXPECT_EQ(report.timings.tls, microseconds(3000));
  EXPECT_THAT(report.advice, IsEmpty());
}

TEST_F(CheckTest, SpeaksAsTheProtocolHasItAndSaysGoodbye) {
  check();
  EXPECT_THAT(upstream_.heard,
              ElementsAre("initialize", "notifications/initialized", "tools/list", "close"));
}

TEST_F(CheckTest, AsksForNoToolsWhereThereAreNone) {
  upstream_.initialize_result = R"({"protocolVersion":"2025-06-18","capabilities":{}})";
  EXPECT_TRUE(check().is_good());
  EXPECT_THAT(upstream_.heard, ElementsAre("initialize", "notifications/initialized", "close"));
}

TEST_F(CheckTest, RecognisesTheOlderTransportByItsStream) {
  upstream_.exchanges = {{.method = "POST", .status = 404}, {.method = "GET"}, {.status = 202}};
  const auto report = check();
  EXPECT_EQ(report.transport, "HTTP+SSE");
  EXPECT_EQ(report.http_status, 202);
  EXPECT_TRUE(report.is_good());
}

struct Broken {
  http::Timings timings;
  Stage stage;
  std::string_view advice;
};

TEST_F(CheckTest, FindsTheStepThatFailed) {
  const microseconds some(1000);
  const Broken cases[] = {
      {{}, Stage::name, "spelling"},
      {{.name = some}, Stage::connect, "port"},
      {{.name = some, .connect = some}, Stage::tls, "--cacert"},
      {{.name = some, .connect = some, .tls = some}, Stage::http, "web page"},
  };
  for (const Broken& broken : cases) {
    ObservedClient client(scripts_);
    FakeUpstream upstream(loop_.get_executor(), client, scripts_);
    upstream.exchanges = {{.status = 0, .timings = broken.timings}};
    const auto report = test::run(loop_, Check(upstream, client, config_).run());
    EXPECT_EQ(report.reached, broken.stage);
    EXPECT_THAT(report.advice, testing::Contains(HasSubstr(std::string(broken.advice))));
    EXPECT_THAT(upstream.heard, ElementsAre("initialize", "close"));
  }
}

struct Refused {
  int status;
  std::string_view advice;
};

TEST_F(CheckTest, SaysWhatToTryForEachRefusal) {
  const Refused cases[] = {
      {301, "new address"}, {400, "--transport sse"}, {401, "mcp-stdio login"}, {403, "access"},
      {404, "/mcp"},        {405, "--transport sse"}, {407, "--proxy"},         {429, "minute"},
      {503, "later"},
  };
  for (const auto& [status, advice] : cases) {
    ObservedClient client(scripts_);
    FakeUpstream upstream(loop_.get_executor(), client, scripts_);
    upstream.exchanges = {{.status = status}};
    upstream.failure = Error{.kind = ErrorKind::rejected, .message = "no", .http_status = status};
    const auto report = test::run(loop_, Check(upstream, client, config_).run());
    EXPECT_EQ(report.reached, Stage::http) << status;
    EXPECT_EQ(report.http_status, status);
    EXPECT_THAT(report.advice, testing::Contains(HasSubstr(std::string(advice)))) << status;
  }
}

TEST_F(CheckTest, AsksWhetherTheTokenItSentHasExpired) {
  config_.credentials.push_back(auth::bearer(Secret("t0ken")));
  upstream_.failure = Error{.kind = ErrorKind::unauthorized, .message = "no", .http_status = 401};
  EXPECT_THAT(check().advice,
              ElementsAre(HasSubstr("expired"), HasSubstr("unset MCP_BEARER_TOKEN")));
}

TEST_F(CheckTest, NamesALoginOnlyWhereOneIsPossible) {
  upstream_.failure = Error{.kind = ErrorKind::no_sign_in, .message = "no", .http_status = 401};
  EXPECT_THAT(check().advice, ElementsAre(HasSubstr("set MCP_BEARER_TOKEN")));

  upstream_.failure->kind = ErrorKind::unauthorized;
  EXPECT_THAT(check().advice,
              ElementsAre(HasSubstr("sign in: mcp-stdio login https://a.example/mcp")));
  config_.sign_in = SignInMode::never;
  EXPECT_THAT(check().advice, ElementsAre(HasSubstr("set MCP_BEARER_TOKEN")));
}

TEST_F(CheckTest, FailsWhenTheServerCannotListItsTools) {
  upstream_.tools_error = "no database";
  const auto report = check();
  ASSERT_FALSE(report.is_good());
  EXPECT_EQ(report.reached, Stage::tools);
  EXPECT_THAT(report.failure->message, HasSubstr("tools/list: the server answered with an error"));
  EXPECT_THAT(report.failure->message, HasSubstr("-32603: no database"));
}

TEST_F(CheckTest, FailsWhenTheAnswerIsNoInitializeResult) {
  for (const char* wrong : {"{}", "[]", "7", R"({"protocolVersion":7})"}) {
    ObservedClient client(scripts_);
    FakeUpstream upstream(loop_.get_executor(), client, scripts_);
    upstream.initialize_result = wrong;
    const auto report = test::run(loop_, Check(upstream, client, config_).run());
    ASSERT_FALSE(report.is_good()) << wrong;
    EXPECT_EQ(report.failure->kind, ErrorKind::protocol);
    EXPECT_THAT(report.advice, testing::Contains(HasSubstr("web page")));
  }
}

TEST_F(CheckTest, TakesListsWithOddTools) {
  upstream_.tools_result = R"({"tools":[{"name":7},null,{"name":"ok"}],"nextCursor":"2"})";
  const auto report = check();
  EXPECT_TRUE(report.is_good());
  EXPECT_THAT(report.tools, ElementsAre("", "", "ok"));
  EXPECT_TRUE(report.has_more_tools);
}

TEST_F(CheckTest, EndsWithinTheTimeAllowed) {
  class SilentUpstream final : public Upstream {
   public:
    explicit SilentUpstream(asio::any_io_executor executor) : never_(std::move(executor)) {}
    awaitable<Result<Message>> call(Call) override {
      co_await never_.wait();
      co_return fail(ErrorKind::cancelled, "cancelled");
    }
    awaitable<Result<void>> tell(Message, std::shared_ptr<const Origin>) override {
      co_return ok();
    }
    awaitable<Result<void>> run(std::shared_ptr<Hearer>) override {
      co_await never_.wait();
      co_return ok();
    }
    awaitable<void> close() override { co_return; }

   private:
    io::Event never_;
  };
  config_.timeout_request = std::chrono::milliseconds(1);
  SilentUpstream silent(loop_.get_executor());
  const auto report = test::run(loop_, Check(silent, client_, config_).run());
  ASSERT_FALSE(report.is_good());
  EXPECT_EQ(report.failure->kind, ErrorKind::timed_out);
}

TEST(ObservedClient, RemembersOnlyTheFirstExchanges) {
  FakeClient inner;
  ObservedClient client(inner);
  for (std::size_t i = 0; i < 2 * ObservedClient::kMost; ++i) client.send({});
  EXPECT_EQ(client.sightings().size(), ObservedClient::kMost);
}

}  // namespace
}  // namespace mcpio::cli
