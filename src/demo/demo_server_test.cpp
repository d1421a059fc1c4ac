// SPDX-License-Identifier: MIT
#include "demo/demo_server.h"

#include <fmt/core.h>
#include <gmock/gmock.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <optional>

#include "support/run.h"

namespace mcpio::demo {
namespace {

using asio::ip::tcp;
using std::chrono::milliseconds;
using test::run;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view kPost =
    "Accept: application/json, text/event-stream\r\nContent-Type: application/json\r\n";
constexpr std::string_view kGet = "Accept: text/event-stream\r\n";

// One request. HTTP/1.0, so that a stream comes without chunks and ends with the connection.
class Exchange {
 public:
  Exchange(asio::io_context& loop, std::uint16_t port, const std::string& request)
      : loop_(loop), socket_(loop) {
    socket_.connect(tcp::endpoint(asio::ip::address_v4::loopback(), port));
    asio::write(socket_, asio::buffer(request));
  }

  // Everything up to there, or to the end.
  std::string read_to(std::string end) { return run(loop_, read(std::move(end))); }
  std::string read_all() { return read_to("\n(never)"); }

 private:
  awaitable<std::string> read(std::string end) {
    const auto [error, size] =
        co_await asio::async_read_until(socket_, asio::dynamic_buffer(text_), end, as_result);
    const std::size_t taken = error ? text_.size() : size;
    std::string text = text_.substr(0, taken);
    text_.erase(0, taken);
    co_return text;
  }

  asio::io_context& loop_;
  tcp::socket socket_;
  std::string text_;
};

class DemoServerTest : public testing::Test {
 protected:
  DemoServerTest() {
    const std::string url = server_.start().value();
    port_ = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
  }
  ~DemoServerTest() override { run(loop_, server_.stop()); }

  Exchange send(std::string_view line, std::string_view fields, std::string_view body = "") {
    return Exchange(loop_, port_,
                    fmt::format("{} HTTP/1.0\r\nContent-Length: {}\r\n{}\r\n{}", line, body.size(),
                                fields, body));
  }

  // Opens a session unless there is one, and posts within it.
  Exchange post(std::string_view body) {
    if (session_.empty()) {
      const std::string answer = initialize("2025-11-25");
      const auto at = answer.find("Mcp-Session-Id: ");
      session_ = answer.substr(at, answer.find("\r\n", at) + 2 - at);
    }
    return send("POST /mcp", std::string(kPost) + session_, body);
  }

  std::string initialize(std::string_view revision) {
    const std::string body = fmt::format(
        R"({{"jsonrpc":"2.0","id":1,"method":"initialize","params":{{"protocolVersion":"{}",)"
        R"("capabilities":{{"elicitation":{{}}}}}}}})",
        revision);
    return send("POST /mcp", kPost, body).read_all();
  }

  std::string call(std::string_view method, std::string_view params) {
    const std::string answer =
        post(fmt::format(R"({{"jsonrpc":"2.0","id":7,"method":"{}","params":{}}})", method, params))
            .read_all();
    return answer.substr(answer.find("\r\n\r\n") + 4);
  }

  asio::io_context loop_{1};
  DemoServer server_{loop_.get_executor(), milliseconds(1)};
  std::uint16_t port_ = 0;
  std::string session_;
};

// Revision 2025-11-25, basic/lifecycle, version negotiation.
TEST_F(DemoServerTest, NegotiatesTheRevisionAndOpensASession) {
  EXPECT_THAT(initialize("2025-03-26"), HasSubstr(R"("protocolVersion":"2025-03-26")"));
  EXPECT_THAT(initialize("1999-01-01"), HasSubstr(R"("protocolVersion":"2025-11-25")"));
  EXPECT_THAT(initialize("2025-06-18"), HasSubstr("Mcp-Session-Id: "));
  EXPECT_EQ(server_.sessions(), 3u);
}

struct Refusal {
  std::string_view line, fields, body, status;
};

TEST_F(DemoServerTest, RefusesWhatTheTransportDoesNotAllow) {
  const std::string accept = "Accept: application/json, text/event-stream\r\n";
  const std::string post(kPost);
  const std::string lookalike = post + "Origin: http://localhost.evil.example\r\n";
  const std::string foreign = post + "Origin: http://evil.example\r\n";
  const std::string version = post + "MCP-Protocol-Version: 1999-01-01\r\n";
  const std::string unknown = post + "Mcp-Session-Id: no-such\r\n";
  const Refusal refusals[] = {
      {"POST /other", post, "{}", "404"},  {"PUT /mcp", post, "{}", "405"},
      {"POST /mcp", foreign, "{}", "403"}, {"POST /mcp", lookalike, "{}", "403"},
      {"POST /mcp", version, "{}", "400"}, {"POST /mcp", "", "{}", "406"},
      {"POST /mcp", accept, "{}", "415"},  {"POST /mcp", post, "{", "400"},
      {"POST /mcp", post, "[]", "400"},    {"POST /mcp", post, "{}", "400"},
      {"POST /mcp", unknown, "{}", "404"}, {"GET /mcp", "", "", "406"},
      {"GET /mcp", kGet, "", "404"},       {"DELETE /mcp", "", "", "404"},
  };
  for (const auto& [line, fields, body, status] : refusals)
    EXPECT_THAT(send(line, fields, body).read_all(),
                StartsWith(fmt::format("HTTP/1.1 {} ", status)))
        << line << "\n"
        << fields << body;
}

TEST_F(DemoServerTest, ListensToPagesOfThisMachine) {
  const std::string local = std::string(kPost) + "Origin: http://localhost:1234\r\n";
  EXPECT_THAT(send("POST /mcp", local, "{").read_all(), StartsWith("HTTP/1.1 400 "));
}

TEST_F(DemoServerTest, SurvivesParametersOfTheWrongKind) {
  for (const char* params : {"[]", "null", R"({"capabilities":[]})", R"({"capabilities":7})"}) {
    const std::string body =
        fmt::format(R"({{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}})", params);
    EXPECT_THAT(send("POST /mcp", kPost, body).read_all(), StartsWith("HTTP/1.1 200 ")) << params;
  }
}

TEST_F(DemoServerTest, RefusesWhatIsNestedTooDeep) {
  const std::string deep = std::string(200'000, '[') + std::string(200'000, ']');
  const std::string id = fmt::format(R"({{"jsonrpc":"2.0","id":{},"method":"ping"}})", deep);
  EXPECT_THAT(post(id).read_all(), StartsWith("HTTP/1.1 400 "));
  const std::string params =
      fmt::format(R"({{"jsonrpc":"2.0","id":1,"method":"ping","params":{}}})", deep);
  EXPECT_THAT(post(params).read_all(), StartsWith("HTTP/1.1 400 "));
}

TEST_F(DemoServerTest, HoldsSoManySessionsAndNoMore) {
  for (int i = 0; i < 64; ++i) ASSERT_THAT(initialize("2025-11-25"), HasSubstr("Mcp-Session-Id"));
  EXPECT_THAT(initialize("2025-11-25"), StartsWith("HTTP/1.1 503 "));
  EXPECT_EQ(server_.sessions(), 64u);
}

TEST_F(DemoServerTest, AnswersItsTools) {
  EXPECT_EQ(call("tools/call", R"({"name":"add","arguments":{"a":2,"b":0.5}})"),
            R"({"jsonrpc":"2.0","id":7,"result":{"content":[{"type":"text","text":"2.5"}]}})");
  EXPECT_THAT(call("tools/call", R"({"name":"echo","arguments":{"text":"hi"}})"),
              HasSubstr(R"("text":"hi")"));
  EXPECT_GT(call("tools/call", R"({"name":"big","arguments":{}})").size(), 5'000'000u);
  EXPECT_THAT(call("tools/call", R"({"name":"nosuch"})"), HasSubstr("-32602"));
  EXPECT_THAT(call("no/such", "{}"), HasSubstr("-32601"));
}

TEST_F(DemoServerTest, ReportsTheProgressOfACountdown) {
  const std::string stream = call(
      "tools/call", R"({"name":"countdown","arguments":{"from":2},"_meta":{"progressToken":"t"}})");
  EXPECT_THAT(stream, StartsWith("event: message\ndata: {"));
  EXPECT_THAT(stream, HasSubstr(R"({"progressToken":"t","progress":1,"total":2})"));
  EXPECT_THAT(stream, HasSubstr(R"({"progressToken":"t","progress":2,"total":2})"));
  EXPECT_THAT(stream, HasSubstr(R"("text":"counted down from 2")"));
}

// Revision 2025-11-25, basic/utilities/cancellation: no answer is sent.
TEST_F(DemoServerTest, EndsACountdownThatIsCancelled) {
  auto stream =
      post(R"({"jsonrpc":"2.0","id":"c","method":"tools/call","params":{"name":"countdown",)"
           R"("arguments":{"from":100000},"_meta":{"progressToken":1}}})");
  stream.read_to("\"progress\":1,");
  post(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"c"}})")
      .read_all();
  EXPECT_THAT(stream.read_all(), Not(HasSubstr("\"result\"")));
  EXPECT_TRUE(server_.cancelled().is_set());
}

// Revision 2025-11-25, basic/transports: a disconnection is no cancellation.
TEST_F(DemoServerTest, ACountdownWhoseClientHasGoneCanStillBeCancelled) {
  {
    auto stream =
        post(R"({"jsonrpc":"2.0","id":"c","method":"tools/call","params":{"name":"countdown",)"
             R"("arguments":{"from":100000},"_meta":{"progressToken":1}}})");
    stream.read_to("\"progress\":1,");
  }
  call("ping", "{}");
  post(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"c"}})")
      .read_all();
  EXPECT_TRUE(server_.cancelled().is_set());
}

TEST_F(DemoServerTest, AsksItsClientBack) {
  auto stream = post(R"({"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"ask"}})");
  EXPECT_THAT(stream.read_to("elicitation/create"), HasSubstr("\"id\":\"question-1\""));
  const std::string taken = post(R"({"jsonrpc":"2.0","id":"question-1","result":)"
                                 R"({"action":"accept","content":{"name":"Ada"}}})")
                                .read_all();
  EXPECT_THAT(taken, StartsWith("HTTP/1.1 202 "));
  EXPECT_THAT(stream.read_all(), HasSubstr("\"text\":\"Hello, Ada!\""));
}

TEST_F(DemoServerTest, SaysOnTheGetStreamWhatNobodyAskedFor) {
  call("ping", "{}");
  auto stream = send("GET /mcp", std::string(kGet) + session_);
  stream.read_to("\r\n\r\n");
  EXPECT_THAT(send("GET /mcp", std::string(kGet) + session_).read_all(),
              StartsWith("HTTP/1.1 409 "));
  server_.announce(Json{{"jsonrpc", "2.0"}, {"method", "notifications/tools/list_changed"}});
  EXPECT_THAT(stream.read_to("\n\n"), HasSubstr("tools/list_changed"));

  EXPECT_THAT(send("DELETE /mcp", session_).read_all(), StartsWith("HTTP/1.1 204 "));
  EXPECT_THAT(stream.read_all(), IsEmpty());
  EXPECT_THAT(send("DELETE /mcp", session_).read_all(), StartsWith("HTTP/1.1 404 "));
  EXPECT_EQ(server_.sessions(), 0u);
}

}  // namespace
}  // namespace mcpio::demo
