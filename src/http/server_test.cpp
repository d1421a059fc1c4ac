// SPDX-License-Identifier: MIT
#include "http/server.h"

#include <gtest/gtest.h>

#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <tuple>

#include "http/response_head.h"
#include "support/result_matchers.h"
#include "support/run.h"

namespace mcpio::http {
namespace {

using asio::ip::tcp;
using std::chrono::milliseconds;
using test::FailsWith;
using test::run;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

std::shared_ptr<const Buffer> body_of(std::string_view text) {
  return std::make_shared<const Buffer>(text);
}

// Does what the path says, and remembers how it ended.
class Paths final : public Handler {
 public:
  explicit Paths(asio::any_io_executor executor)
      : release(executor, asio::steady_timer::time_point::max()),
        entered(executor, asio::steady_timer::time_point::max()) {}

  awaitable<void> answer(IncomingRequest request, std::shared_ptr<Responder> responder) override {
    ++requests;
    entered.cancel();
    last_connection = request.connection;
    if (request.target == "/echo") co_await echo(std::move(request), responder);
    if (request.target == "/stream") co_await stream(responder);
    if (request.target == "/wait") co_await wait(responder);
    if (request.target == "/flood") co_await flood(responder);
    if (request.target == "/cut") sent = co_await responder->begin_stream(200, Fields());
    if (request.target == "/kept") kept = responder;
  }

  asio::steady_timer release, entered;
  int requests = 0;
  std::uint64_t last_connection = 0;
  bool was_cancelled = false;
  Result<void> flooded = ok();
  Result<void> sent = ok();  // the last piece of an answer
  std::shared_ptr<Responder> kept;

 private:
  awaitable<void> echo(IncomingRequest request, std::shared_ptr<Responder> responder) {
    Fields fields;
    fields.add("X-Method", request.method);
    fields.add("X-Agent", request.fields.find("user-agent").value_or("none"));
    auto body = std::make_shared<const Buffer>(std::move(request.body));
    sent = co_await responder->send(200, std::move(fields), std::move(body));
  }

  awaitable<void> stream(std::shared_ptr<Responder> responder) {
    Fields fields;
    fields.add("Content-Type", "text/event-stream");
    sent = co_await responder->begin_stream(200, std::move(fields));
    sent = co_await responder->write("data: 1\n\n");
    sent = co_await responder->write("");
    sent = co_await responder->write("data: 2\n\n");
    sent = co_await responder->finish();
  }

  awaitable<void> wait(std::shared_ptr<Responder> responder) {
    co_await release.async_wait(as_result);
    const auto state = co_await asio::this_coro::cancellation_state;
    was_cancelled = state.cancelled() != asio::cancellation_type::none;
    if (!was_cancelled) sent = co_await responder->send(200, Fields(), body_of("waited"));
  }

  awaitable<void> flood(std::shared_ptr<Responder> responder) {
    flooded = co_await responder->begin_stream(200, Fields());
    while (flooded) flooded = co_await responder->write(std::string(1 << 20, 'x'));
  }
};

// A client that speaks bytes.
class Wire {
 public:
  Wire(asio::io_context& loop, std::uint16_t port) : socket_(loop) {
    socket_.connect(tcp::endpoint(asio::ip::address_v4::loopback(), port));
  }

  awaitable<void> send(std::string text) {
    co_await asio::async_write(socket_, asio::buffer(text), as_result);
  }

  // Up to and including `end`; what came if the connection ended before.
  awaitable<std::string> read_to(std::string end) {
    auto [error, size] =
        co_await asio::async_read_until(socket_, asio::dynamic_buffer(unread_), end, as_result);
    if (error) size = unread_.size();
    std::string text = unread_.substr(0, size);
    unread_.erase(0, size);
    co_return text;
  }

  awaitable<std::string> read_to_end() {
    co_await asio::async_read(socket_, asio::dynamic_buffer(unread_), as_result);
    co_return std::exchange(unread_, "");
  }

  // Sends it and reads until the server closes.
  awaitable<std::string> ask(std::string text) {
    co_await send(std::move(text));
    co_return co_await read_to_end();
  }

  void close() { socket_.close(); }

 private:
  tcp::socket socket_;
  std::string unread_;
};

class HttpServer : public testing::Test {
 protected:
  ~HttpServer() override {
    if (server_) run(loop_, server_->stop(milliseconds(0)));
  }

  std::uint16_t start() {
    server_.emplace(loop_.get_executor(), paths_, limits_);
    return server_->listen("127.0.0.1", 0).value();
  }

  std::string ask(std::string text) { return ask(start(), std::move(text)); }
  std::string ask(std::uint16_t port, std::string text) {
    Wire wire(loop_, port);
    return run(loop_, wire.ask(std::move(text)));
  }

  awaitable<void> until_entered() { co_await paths_.entered.async_wait(as_result); }

  asio::io_context loop_{1};
  ServerLimits limits_;
  Paths paths_{loop_.get_executor()};
  std::optional<Server> server_;
};

std::string request(std::string_view line, std::string_view more = "") {
  return std::string(line) + " HTTP/1.1\r\nHost: h\r\n" + std::string(more) + "\r\n";
}

constexpr std::string_view kClose = "Connection: close\r\n";

TEST_F(HttpServer, HandsTheRequestOverAndTheAnswerBack) {
  const std::string answer =
      ask("POST /echo HTTP/1.1\r\nHost: h\r\nUser-Agent: me\r\nContent-Length: 5\r\n"
          "Connection: close\r\n\r\nhello");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\nDate: "));
  EXPECT_THAT(answer, HasSubstr("\r\nX-Method: POST\r\nX-Agent: me\r\nContent-Length: 5\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\nhello"));
}

TEST_F(HttpServer, ReadsAChunkedBodyAndDropsItsTrailer) {
  const std::string answer = ask(
      "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
      "3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nUser-Agent: smuggled\r\n\r\n");
  EXPECT_THAT(answer, HasSubstr("X-Agent: none"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\nhello"));
}

TEST_F(HttpServer, AnswersRequestsSentAheadInTheirOrder) {
  const std::string answers =
      ask(request("POST /echo", "Content-Length: 1\r\n") + "a" +
          request("POST /echo", "Content-Length: 1\r\nConnection: close\r\n") + "b");
  EXPECT_LT(answers.find("\r\n\r\na"), answers.find("\r\n\r\nb"));
  EXPECT_EQ(paths_.last_connection, 1u);
}

TEST_F(HttpServer, KeepsTheConnectionForTheNextRequest) {
  Wire wire(loop_, start());
  for (int round = 0; round < 3; ++round) {
    run(loop_, wire.send(request("POST /echo", "Content-Length: 4\r\n") + "more"));
    EXPECT_THAT(run(loop_, wire.read_to("more")), Not(HasSubstr("Connection: close")));
  }
  EXPECT_EQ(paths_.requests, 3);
  EXPECT_EQ(server_->connections(), 1u);
}

TEST_F(HttpServer, StreamsInChunks) {
  const std::string answer = ask(request("GET /stream", kClose));
  EXPECT_THAT(answer, HasSubstr("Transfer-Encoding: chunked"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n9\r\ndata: 1\n\n\r\n9\r\ndata: 2\n\n\r\n0\r\n\r\n"));
}

// RFC 9112, 6.1: a client of HTTP/1.0 does not know chunks.
TEST_F(HttpServer, EndsAStreamForHttp10WithTheConnection) {
  const std::string answer = ask("GET /stream HTTP/1.0\r\n\r\n");
  EXPECT_THAT(answer, Not(HasSubstr("chunked")));
  EXPECT_THAT(answer, EndsWith("\r\n\r\ndata: 1\n\ndata: 2\n\n"));
}

TEST_F(HttpServer, AnswersHeadWithoutABody) {
  const std::string answer =
      ask(request("HEAD /echo", "Content-Length: 2\r\nConnection: close\r\n") + "hi");
  EXPECT_THAT(answer, HasSubstr("Content-Length: 2\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
}

TEST_F(HttpServer, AsksForABodyThatWaitsToBeAskedFor) {
  Wire wire(loop_, start());
  run(loop_, wire.send(request("POST /echo", "Content-Length: 2\r\nExpect: 100-continue\r\n")));
  EXPECT_EQ(run(loop_, wire.read_to("\r\n\r\n")), "HTTP/1.1 100 Continue\r\n\r\n");
  run(loop_, wire.send("hi"));
  EXPECT_THAT(run(loop_, wire.read_to("hi")), StartsWith("HTTP/1.1 200"));
}

TEST_F(HttpServer, RefusesATooLargeBodyBeforeItIsSent) {
  limits_.body_bytes = 10;
  const std::string answer =
      ask(request("POST /echo", "Content-Length: 11\r\nExpect: 100-continue\r\n"));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(answer, HasSubstr("Connection: close"));
  EXPECT_EQ(paths_.requests, 0);
}

// The client is still sending: closing at once would reset the connection and lose the answer.
TEST_F(HttpServer, ARefusalReachesAClientThatIsStillSending) {
  limits_.body_bytes = 10;
  EXPECT_THAT(
      ask(request("POST /echo", "Content-Length: 4000000\r\n") + std::string(4'000'000, 'x')),
      StartsWith("HTTP/1.1 413 "));
}

TEST_F(HttpServer, RefusesBodiesBeyondTheBudget) {
  Budget budget(100'000);
  limits_.budget = &budget;
  EXPECT_THAT(ask(request("POST /echo", "Content-Length: 200000\r\n") + std::string(200'000, 'x')),
              StartsWith("HTTP/1.1 503 "));
  EXPECT_EQ(budget.left(), 100'000u);
}

struct Refusal {
  std::string_view name, bytes, status;
};

class Refusals : public HttpServer, public testing::WithParamInterface<Refusal> {};

TEST_P(Refusals, AreSaidAndCloseTheConnection) {
  limits_.body_bytes = 10;
  limits_.header_bytes = 500;
  EXPECT_THAT(ask(std::string(GetParam().bytes)),
              StartsWith("HTTP/1.1 " + std::string(GetParam().status)));
  EXPECT_EQ(paths_.requests, 0);
}

const std::string kLongHeader = request("GET /", "X: " + std::string(600, 'x') + "\r\n");
const std::string kEndlessLine = std::string(5000, 'x');

const Refusal kRefusals[] = {
    {"NotHttp", "hello\r\n\r\n", "400"},
    {"BadFieldName", "GET / HTTP/1.1\r\nHost: h\r\nbad name: x\r\n\r\n", "400"},
    {"NoHost", "GET / HTTP/1.1\r\n\r\n", "400"},
    {"TwoHosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400"},
    {"BadLength", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n", "400"},
    {"TwoLengths", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
     "400"},
    {"LengthAndChunked",
     "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
     "400"},
    {"UnknownCoding", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", "501"},
    {"CodingList", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "501"},
    {"ChunksTooLarge",
     "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nb\r\nhello "
     "world\r\n0\r\n\r\n",
     "413"},
    {"BadChunk", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", "400"},
    {"LongHeader", kLongHeader, "431"},
    {"EndlessLine", kEndlessLine, "431"},
    {"Version", "GET / HTTP/2.0\r\nHost: h\r\n\r\n", "505"},
};

INSTANTIATE_TEST_SUITE_P(Rfc9112, Refusals, testing::ValuesIn(kRefusals),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_F(HttpServer, EndsAHeaderThatDoesNotCome) {
  limits_.header_time = milliseconds(20);
  EXPECT_THAT(ask("GET / HT"), StartsWith("HTTP/1.1 408 "));
}

TEST_F(HttpServer, EndsABodyThatDoesNotCome) {
  limits_.stall_time = milliseconds(20);
  EXPECT_THAT(ask(request("POST /echo", "Content-Length: 5\r\n") + "he"),
              StartsWith("HTTP/1.1 408 "));
}

TEST_F(HttpServer, ClosesAConnectionThatIsIdle) {
  limits_.idle_time = milliseconds(20);
  const std::string answer = ask(request("POST /echo", "Content-Length: 2\r\n") + "hi");
  EXPECT_THAT(answer, EndsWith("\r\n\r\nhi"));
}

TEST_F(HttpServer, ClosesAConnectionThatNeverAsks) {
  limits_.header_time = milliseconds(20);
  EXPECT_THAT(ask(""), IsEmpty());
}

TEST_F(HttpServer, CancelsTheHandlerWhenTheClientGoes) {
  Wire wire(loop_, start());
  run(loop_, wire.send(request("GET /wait")));
  run(loop_, until_entered());
  wire.close();
  while (server_->connections() > 0) loop_.run_one();
  EXPECT_TRUE(paths_.was_cancelled);
}

TEST_F(HttpServer, TellsTheHandlerThatTheClientHasStoppedReading) {
  limits_.stall_time = milliseconds(50);
  Wire wire(loop_, start());
  run(loop_, wire.send(request("GET /flood")));
  while (paths_.flooded) loop_.run_one();
  EXPECT_THAT(paths_.flooded, FailsWith(ErrorKind::timed_out, "sending to the client"));
}

TEST_F(HttpServer, AnswersForAHandlerThatDoesNot) {
  EXPECT_THAT(ask(request("GET /nothing", kClose)), StartsWith("HTTP/1.1 500 "));
}

TEST_F(HttpServer, CutsOffAStreamTheHandlerLeft) {
  EXPECT_THAT(ask(request("GET /cut")), EndsWith("chunked\r\n\r\n"));  // without the last chunk
}

TEST_F(HttpServer, AResponderIsDeadOnceTheHandlerHasReturned) {
  ask(request("GET /kept", kClose));
  EXPECT_THROW(std::ignore = run(loop_, paths_.kept->send(200, Fields(), nullptr)),
               std::logic_error);
}

TEST_F(HttpServer, ServesNoMoreConnectionsThanAllowed) {
  limits_.connections = 1;
  const std::uint16_t port = start();
  Wire first(loop_, port), second(loop_, port);
  run(loop_, second.send(request("GET /nothing", kClose)));
  run(loop_, first.send(request("POST /echo", "Content-Length: 2\r\n") + "hi"));
  run(loop_, first.read_to("hi"));
  EXPECT_EQ(paths_.requests, 1);

  first.close();
  EXPECT_THAT(run(loop_, second.read_to_end()), StartsWith("HTTP/1.1 500 "));
}

TEST_F(HttpServer, StopClosesIdleConnectionsAtOnce) {
  Wire wire(loop_, start());
  run(loop_, wire.send(request("POST /echo", "Content-Length: 2\r\n") + "hi"));
  run(loop_, wire.read_to("hi"));
  run(loop_, server_->stop(std::chrono::hours(1)));
  EXPECT_EQ(server_->connections(), 0u);
}

TEST_F(HttpServer, StopLetsARequestUnderWayFinish) {
  Wire wire(loop_, start());
  run(loop_, wire.send(request("GET /wait")));
  run(loop_, until_entered());
  asio::post(loop_, [this] { paths_.release.cancel(); });
  run(loop_, server_->stop(std::chrono::hours(1)));
  const std::string answer = run(loop_, wire.read_to_end());
  EXPECT_THAT(answer, HasSubstr("Connection: close"));
  EXPECT_THAT(answer, EndsWith("waited"));
}

TEST_F(HttpServer, StopCancelsWhatDoesNotFinishInTime) {
  Wire wire(loop_, start());
  run(loop_, wire.send(request("GET /wait")));
  run(loop_, until_entered());
  run(loop_, server_->stop(milliseconds(10)));
  EXPECT_TRUE(paths_.was_cancelled);
  EXPECT_THAT(run(loop_, wire.read_to_end()), IsEmpty());
}

TEST_F(HttpServer, SaysWhyItCannotListen) {
  const std::uint16_t port = start();
  Server other(loop_.get_executor(), paths_, limits_);
  EXPECT_THAT(other.listen("127.0.0.1", port), FailsWith(ErrorKind::io, "in use"));
  EXPECT_THAT(other.listen("example.com", 0), FailsWith(ErrorKind::config, "'example.com'"));
}

TEST(ResponseHead, LetsNoValueBeginAnotherLine) {
  Fields fields;
  fields.add("X-Text", "a\r\nSet-Cookie: b");
  fields.add("content-length", "99");
  const std::string head = response_head(200, fields, Framing{.length = 0}, WallTime());
  EXPECT_EQ(head,
            "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
            "X-Text: a  Set-Cookie: b\r\nContent-Length: 0\r\n\r\n");
}

}  // namespace
}  // namespace mcpio::http
