// SPDX-License-Identifier: MIT
// The HTTP client against a peer that answers, and one that answers badly.
#include "http/curl_client.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <chrono>
#include <list>
#include <optional>
#include <vector>

#include "base/limits.h"
#include "http/curl_client_fixture.h"

namespace mcpio::http {
namespace {

using namespace std::chrono_literals;
using test::answering;
using test::FailsWith;
using test::HoldsOk;
using test::IsOk;
using test::ScriptedPeer;
using testing::AllOf;
using testing::ElementsAre;
using testing::Eq;
using testing::HasSubstr;
using testing::Not;
using testing::Optional;
using testing::SizeIs;

std::string ok(std::string_view rest) { return fmt::format("HTTP/1.1 200 OK\r\n{}", rest); }

TEST_F(CurlClientTest, SendsMethodFieldsAndBodyAsTheyAre) {
  ScriptedPeer peer(answering(200, "done"));
  Request request = post(peer.url("/a/../mcp?q=%7e"), R"({"n":9007199254740993})");
  request.fields.add("Content-Type", "application/json");
  request.fields.add("Accept", "application/json, text/event-stream");
  ASSERT_THAT(fetch(std::move(request)), HoldsOk(IsAnswer(200, "done")));

  const auto sent = peer.requests().at(0);
  EXPECT_EQ(sent.method, "POST");
  EXPECT_EQ(sent.target, "/a/../mcp?q=%7e");
  EXPECT_EQ(sent.body, R"({"n":9007199254740993})");
  EXPECT_THAT(sent.field("content-length"), Optional(Eq("22")));
  EXPECT_THAT(sent.field("content-type"), Optional(Eq("application/json")));
  EXPECT_THAT(sent.field("accept"), Optional(Eq("application/json, text/event-stream")));
  EXPECT_THAT(sent.field("user-agent"), Optional(Eq("mcp-stdio/0.0")));
  EXPECT_EQ(sent.field("expect"), std::nullopt);
}

TEST_F(CurlClientTest, SendsAFieldWithAnEmptyValue) {
  ScriptedPeer peer(answering(200, ""));
  Request request = get(peer.url());
  request.fields.add("Last-Event-ID", "");
  ASSERT_THAT(fetch(std::move(request)), IsOk());
  EXPECT_THAT(peer.requests().at(0).field("last-event-id"), Optional(Eq("")));
}

// What a peer has said becomes fields of ours: it must not become two.
TEST_F(CurlClientTest, SendsNoFieldWithALineBreak) {
  ScriptedPeer peer(answering(200, ""));
  Request request = get(peer.url());
  request.fields.add("Authorization", "Bearer a\r\nX-Injected: b");
  ASSERT_THAT(fetch(std::move(request)), IsOk());
  EXPECT_EQ(peer.requests().at(0).field("x-injected"), std::nullopt);
  EXPECT_EQ(peer.requests().at(0).field("authorization"), std::nullopt);
}

TEST_F(CurlClientTest, InventsNoContentType) {
  ScriptedPeer peer(answering(200, ""));
  ASSERT_THAT(fetch(post(peer.url(), "x")), IsOk());
  EXPECT_EQ(peer.requests().at(0).field("content-type"), std::nullopt);
}

TEST_F(CurlClientTest, SendsEachMethodOnOneKeptHandle) {
  ScriptedPeer peer(answering(200, ""));
  for (const char* method : {"DELETE", "POST", "GET", "OPTIONS", "GET"}) {
    Request request = get(peer.url());
    request.method = method;
    ASSERT_THAT(fetch(std::move(request)), IsOk());
  }
  ASSERT_THAT(fetch(post(peer.url(), "body")), IsOk());
  ASSERT_THAT(fetch(get(peer.url())), IsOk());
  std::vector<std::string> methods;
  for (const auto& request : peer.requests()) methods.push_back(request.method + request.body);
  EXPECT_THAT(methods, ElementsAre("DELETE", "POST", "GET", "OPTIONS", "GET", "POSTbody", "GET"));
}

TEST_F(CurlClientTest, DoesNotWaitForABodyOfHead) {
  ScriptedPeer peer([](Connection& client) {
    client.read_request();
    client.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
    client.stall();
  });
  Request request = get(peer.url());
  request.method = "HEAD";
  EXPECT_THAT(fetch(std::move(request)), HoldsOk(IsAnswer(200, "")));
}

TEST_F(CurlClientTest, KeepsConnections) {
  ScriptedPeer peer(answering(200, "x"));
  for (int i = 0; i < 10; ++i) ASSERT_THAT(fetch(post(peer.url(), "y")), IsOk());
  EXPECT_EQ(peer.connections(), 1u);
  EXPECT_THAT(peer.requests(), SizeIs(10));
}

std::string setting_cookies(int first, int count, const std::string& value) {
  std::string fields;
  for (int i = first; i < first + count; ++i)
    fields += fmt::format("Set-Cookie: c{}={}\r\n", i, value);
  return fields;
}

TEST_F(CurlClientTest, ForgetsTheCookiesOfAServerThatSetsTooMany) {
  ScriptedPeer peer([](Connection& client) {
    for (int round = 0; client.read_request(); ++round)
      client.respond(200, "", setting_cookies(round * 40, 40, "x"));
  });
  for (int i = 0; i < 3; ++i) ASSERT_THAT(fetch(get(peer.url())), IsOk());
  EXPECT_THAT(peer.requests().at(1).field("cookie"), Optional(HasSubstr("c39=x")));
  EXPECT_EQ(peer.requests().at(2).field("cookie"), std::nullopt);
}

TEST_F(CurlClientTest, ForgetsTheCookiesOfAServerThatSetsTooLargeOnes) {
  ScriptedPeer peer([](Connection& client) {
    while (client.read_request())
      client.respond(200, "", setting_cookies(0, 20, std::string(4000, 'x')));
  });
  for (int i = 0; i < 2; ++i) ASSERT_THAT(fetch(get(peer.url())), IsOk());
  EXPECT_EQ(peer.requests().at(1).field("cookie"), std::nullopt);
}

// Those of interim answers count too.
TEST_F(CurlClientTest, ForgetsCookiesThatCameBeforeTheAnswer) {
  ScriptedPeer peer([](Connection& client) {
    for (int round = 0; client.read_request(); ++round) {
      client.send("HTTP/1.1 103 Early Hints\r\n" + setting_cookies(round * 40, 40, "x") + "\r\n");
      client.respond(200, "");
    }
  });
  for (int i = 0; i < 3; ++i) ASSERT_THAT(fetch(get(peer.url())), IsOk());
  EXPECT_EQ(peer.requests().at(2).field("cookie"), std::nullopt);
}

// A descriptor of ours that is connected to that port; -1: there is none.
int socket_to(std::uint16_t port) {
  for (int fd = 0; fd < 1024; ++fd) {
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    if (getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) == 0 &&
        peer.sin_family == AF_INET && ntohs(peer.sin_port) == port)
      return fd;
  }
  return -1;
}

int option_of(int socket, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  EXPECT_EQ(getsockopt(socket, level, name, &value, &size), 0);
  return value;
}

TEST_F(CurlClientTest, FindsOutThatAPeerIsDead) {
  ScriptedPeer peer(answering(200, ""));
  ASSERT_THAT(fetch(get(peer.url())), IsOk());
  const int kept = socket_to(peer.port());
  ASSERT_GE(kept, 0);
  EXPECT_EQ(option_of(kept, SOL_SOCKET, SO_KEEPALIVE), 1);
  EXPECT_EQ(option_of(kept, IPPROTO_TCP, TCP_KEEPIDLE), 60);
  EXPECT_EQ(option_of(kept, IPPROTO_TCP, TCP_KEEPINTVL), 15);
  EXPECT_EQ(option_of(kept, IPPROTO_TCP, TCP_KEEPCNT), 4);
}

TEST_F(CurlClientTest, DoesNotKeepAliveWhatItIsToldNotTo) {
  settings_.tcp_keepalive = false;
  ScriptedPeer peer(answering(200, ""));
  ASSERT_THAT(fetch(get(peer.url())), IsOk());
  const int kept = socket_to(peer.port());
  ASSERT_GE(kept, 0);
  EXPECT_EQ(option_of(kept, SOL_SOCKET, SO_KEEPALIVE), 0);
}

TEST_F(CurlClientTest, GivesUpAnUploadThatNobodyTakes) {
  ScriptedPeer peer([](Connection& client) {
    client.read_some();
    client.turn_deaf();
  });
  Request request = post(peer.url(), std::string(32 * limits::kMiB, 'x'));
  request.timeouts.write = 100ms;
  EXPECT_THAT(fetch(std::move(request)),
              FailsWith(ErrorKind::network, "took nothing more of the request for 100 ms"));
}

// The limit of the upload is over when all of it has left, at once or in pieces.
TEST_F(CurlClientTest, WaitsForAnAnswerByAnotherLimitThanForAnUpload) {
  ScriptedPeer peer([](Connection& client) {
    client.read_request();
    client.stall();
  });
  for (const auto write : {100ms, 3'600'000ms}) {
    for (const std::size_t size : {10u, 1000u * 1000}) {
      Request request = post(peer.url(), std::string(size, 'x'));
      request.timeouts.write = write;
      request.timeouts.head = 300ms;
      EXPECT_THAT(fetch(std::move(request)),
                  FailsWith(ErrorKind::timed_out, "no answer within 300 ms"))
          << size;
    }
  }
}

TEST_F(CurlClientTest, KeepsCookiesInMemoryAndAddsTheUsersOwn) {
  ScriptedPeer peer(answering(200, "", "Set-Cookie: node=a; Path=/\r\n"));
  ASSERT_THAT(fetch(get(peer.url())), IsOk());
  Request request = get(peer.url());
  request.fields.add("Cookie", "mine=1");
  ASSERT_THAT(fetch(std::move(request)), IsOk());
  ASSERT_THAT(fetch(get(peer.url())), IsOk());
  EXPECT_EQ(peer.requests().at(0).field("cookie"), std::nullopt);
  EXPECT_THAT(peer.requests().at(1).field("cookie"), Optional(Eq("node=a; mine=1")));
  EXPECT_THAT(peer.requests().at(2).field("cookie"), Optional(Eq("node=a")));
}

TEST_F(CurlClientTest, DoesNotFollowRedirects) {
  ScriptedPeer peer(answering(307, "", "Location: /elsewhere\r\n"));
  auto answer = fetch(get(peer.url()));
  ASSERT_THAT(answer, HoldsOk(IsAnswer(307, "")));
  EXPECT_THAT(answer->fields.find("location"), Optional(Eq("/elsewhere")));
  EXPECT_THAT(peer.requests(), SizeIs(1));
}

TEST_F(CurlClientTest, ReadsChunksAndDropsTrailers) {
  ScriptedPeer peer([](Connection& client) {
    client.read_request();
    client.send(ok("Transfer-Encoding: chunked\r\n\r\n"));
    client.send("3\r\nabc\r\n5;ext=1\r\ndefgh\r\n0\r\nX-Trailer: t\r\n\r\n");
    client.stall();
  });
  auto answer = fetch(get(peer.url()));
  ASSERT_THAT(answer, HoldsOk(IsAnswer(200, "abcdefgh")));
  EXPECT_EQ(answer->fields.find("x-trailer"), std::nullopt);
}

TEST_F(CurlClientTest, DecodesWhatItAskedFor) {
  constexpr std::string_view zipped(  // by gzip: "hello hello hello hello"
      "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\x48\xcd\xc9\xc9\x57"
      "\xc8\x40\x27\xb9\x00\x00\x88\x59\x0b\x18\x00\x00\x00",
      29);
  ScriptedPeer peer(answering(200, std::string(zipped), "Content-Encoding: gzip\r\n"));
  auto answer = fetch(get(peer.url()));
  for (const char* coding : {"gzip", "deflate", "br", "zstd"})
    EXPECT_THAT(peer.requests().at(0).field("accept-encoding"), Optional(HasSubstr(coding)));
  EXPECT_THAT(answer, HoldsOk(IsAnswer(200, "hello hello hello hello\n")));
}

TEST_F(CurlClientTest, RefusesACodingItDidNotAskFor) {
  ScriptedPeer peer(answering(200, "xxxx", "Content-Encoding: compress\r\n"));
  EXPECT_THAT(fetch(get(peer.url())), FailsWith(ErrorKind::protocol, "not valid HTTP"));
}

TEST_F(CurlClientTest, RefusesABodyThatIsNotWhatItsCodingSays) {
  ScriptedPeer peer(answering(200, "this is not gzip", "Content-Encoding: gzip\r\n"));
  EXPECT_THAT(fetch(get(peer.url())), FailsWith(ErrorKind::protocol, "not valid HTTP"));
}

TEST_F(CurlClientTest, SkipsInterimAnswersAndUnfoldsFields) {
  ScriptedPeer peer([](Connection& client) {
    client.read_request();
    client.send("HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n");
    client.send(ok("Long: one\r\n  two\r\nContent-Length: 0\r\n\r\n"));
    client.stall();
  });
  auto answer = fetch(get(peer.url()));
  ASSERT_THAT(answer, HoldsOk(IsAnswer(200, "")));
  EXPECT_EQ(answer->fields.find("link"), std::nullopt);
  EXPECT_THAT(answer->fields.find("long"), Optional(Eq("one two")));
}

TEST_F(CurlClientTest, SaysWhichVersionAnswered) {
  ScriptedPeer peer(answering(200, ""));
  auto exchange = client().send(get(peer.url()));
  auto head = run(exchange->head());
  ASSERT_THAT(head, IsOk());
  EXPECT_EQ(head->version, "1.1");
}

TEST_F(CurlClientTest, TellsWhereTheTimeWent) {
  ScriptedPeer peer(answering(200, ""));
  auto first = client().send(get(peer.url()));
  ASSERT_THAT(run(first->head()), IsOk());
  ASSERT_THAT(run(CurlClientTest::rest_of(first.get())), IsOk());
  const Timings cold = first->timings();
  EXPECT_EQ(cold.remote_address, "127.0.0.1:" + std::to_string(peer.port()));
  EXPECT_EQ(cold.version, "1.1");
  EXPECT_FALSE(cold.reused_connection);
  EXPECT_GT(cold.first_byte, 0us);
  EXPECT_EQ(cold.tls, 0us);

  auto second = client().send(get(peer.url()));
  ASSERT_THAT(run(second->head()), IsOk());
  EXPECT_TRUE(second->timings().reused_connection);
}

// Failures before anything was sent.

TEST_F(CurlClientTest, ARefusedConnectionIsUnreachable) {
  std::string url;
  {
    ScriptedPeer gone(answering(200, ""));
    url = gone.url();
  }
  EXPECT_THAT(fetch(post(url, "x")), FailsWith(ErrorKind::unreachable, "Connection refused"));
}

TEST_F(CurlClientTest, AnUnknownNameIsUnreachable) {
  EXPECT_THAT(fetch(get("http://no-such-host.invalid/")),
              FailsWith(ErrorKind::unreachable, "cannot find no-such-host.invalid:80"));
}

TEST_F(CurlClientTest, AnUnusableUrlIsTheUsersMistake) {
  EXPECT_THAT(fetch(get("ftp://127.0.0.1/")), FailsWith(ErrorKind::config, "127.0.0.1"));
  EXPECT_THAT(fetch(get("http://[broken")), FailsWith(ErrorKind::config, ""));
}

// A connection that is accepted by the kernel, but never spoken on: TLS does not begin.
TEST_F(CurlClientTest, AHandshakeThatStallsIsUnreachable) {
  ScriptedPeer peer([](Connection& client) { client.stall(); });
  Request request = post("https://127.0.0.1:" + std::to_string(peer.port()) + "/", "x");
  request.timeouts.connect = 50ms;
  EXPECT_THAT(fetch(std::move(request)), FailsWith(ErrorKind::unreachable, "within 50 ms"));
}

// At most once.

// Answers one request on each connection and closes without a word on the next.
void answer_once_then_drop(ScriptedPeer::Connection& client) {
  client.read_request();
  client.respond(200, "{}");
  client.read_request();
}

TEST_F(CurlClientTest, AReusedConnectionThatDiesDoesNotRepeatTheRequest) {
  ScriptedPeer peer(answer_once_then_drop);
  ASSERT_THAT(fetch(post(peer.url(), "initialize")), IsOk());
  EXPECT_THAT(fetch(post(peer.url(), "tools/call")),
              FailsWith(ErrorKind::network, "was lost before any answer"));
  EXPECT_THAT(peer.requests(), SizeIs(2));
}

TEST_F(CurlClientTest, AReusedConnectionThatDiesRepeatsARequestThatMayBe) {
  ScriptedPeer peer(answer_once_then_drop);
  ASSERT_THAT(fetch(post(peer.url(), "initialize")), IsOk());
  Request request = post(peer.url(), "tools/list");
  request.may_repeat = true;
  EXPECT_THAT(fetch(std::move(request)), HoldsOk(IsAnswer(200, "{}")));
  ASSERT_THAT(peer.requests(), SizeIs(3));
  EXPECT_EQ(peer.requests().at(2).body, "tools/list");
}

// Bodies above 64 KiB reach libcurl in pieces.
TEST_F(CurlClientTest, AReusedConnectionThatDiesDoesNotRepeatALargeRequest) {
  const std::string large(300'000, 'x');
  ScriptedPeer peer(answer_once_then_drop);
  ASSERT_THAT(fetch(post(peer.url(), large)), IsOk());
  EXPECT_THAT(fetch(post(peer.url(), large)),
              FailsWith(ErrorKind::network, "was lost before any answer"));
  ASSERT_THAT(peer.requests(), SizeIs(2));

  Request request = post(peer.url(), large);
  request.may_repeat = true;
  ASSERT_THAT(fetch(post(peer.url(), "new connection")), IsOk());
  EXPECT_THAT(fetch(std::move(request)), HoldsOk(IsAnswer(200, "{}")));
  ASSERT_THAT(peer.requests(), SizeIs(5));
  EXPECT_EQ(peer.requests().at(4).body, large);
}

TEST_F(CurlClientTest, ARequestWithoutBodyIsNotRepeatedEither) {
  ScriptedPeer peer(answer_once_then_drop);
  ASSERT_THAT(fetch(post(peer.url(), "initialize")), IsOk());
  Request request = get(peer.url());
  request.method = "DELETE";
  EXPECT_THAT(fetch(std::move(request)),
              FailsWith(ErrorKind::network, "was lost before any answer"));
  EXPECT_THAT(peer.requests(), SizeIs(2));
}

TEST_F(CurlClientTest, AResetInsteadOfAnAnswerDoesNotRepeatTheRequest) {
  ScriptedPeer peer([](Connection& client) {
    client.read_request();
    client.respond(200, "{}");
    client.read_request();
    client.reset();
  });
  ASSERT_THAT(fetch(post(peer.url(), "initialize")), IsOk());
  EXPECT_THAT(fetch(post(peer.url(), "tools/call")), FailsWith(ErrorKind::network, ""));
  EXPECT_THAT(peer.requests(), SizeIs(2));
}

TEST_F(CurlClientTest, AnIdleConnectionThatWasClosedIsReplacedUnnoticed) {
  ScriptedPeer peer([](Connection& client) {
    client.read_request();
    client.respond(200, "{}");
  });
  ASSERT_THAT(fetch(post(peer.url(), "one")), IsOk());
  ASSERT_TRUE(peer.wait_for_closed(1));
  EXPECT_THAT(fetch(post(peer.url(), "two")), IsOk());
  EXPECT_THAT(peer.requests(), SizeIs(2));
}

// What was watched is closed, and its descriptor's number belongs to the next connection.
TEST_F(CurlClientTest, EachConnectionIsWatchedAnewWhateverItsDescriptor) {
  ScriptedPeer peer([](Connection& client) {
    client.read_request();
    client.respond(200, "kept");
    client.read_request();
    // Some tell that they will close, and some do not.
    client.respond(200, "closed", client.number() % 2 == 0 ? "Connection: close\r\n" : "");
  });
  for (std::size_t i = 0; i < 10; ++i) {
    ASSERT_THAT(fetch(post(peer.url(), "one")), HoldsOk(IsAnswer(200, "kept")));
    ASSERT_THAT(fetch(post(peer.url(), "two")), HoldsOk(IsAnswer(200, "closed")));
    ASSERT_TRUE(peer.wait_for_closed(i + 1));
  }
  EXPECT_EQ(peer.connections(), 10u);
}

// Failures on the way.

TEST_F(CurlClientTest, AConnectionClosedBeforeTheHeadIsNetwork) {
  ScriptedPeer peer([](Connection& client) { client.read_request(); });
  EXPECT_THAT(fetch(post(peer.url(), "x")), FailsWith(ErrorKind::network, "127.0.0.1"));
  EXPECT_THAT(peer.requests(), SizeIs(1));
}

TEST_F(CurlClientTest, AResetWithinTheHeadIsNetwork) {
  ScriptedPeer peer([](Connection& client) {
    client.read_request();
    client.send("HTTP/1.1 200 OK\r\nContent-");
    client.reset();
  });
  EXPECT_THAT(fetch(post(peer.url(), "x")), FailsWith(ErrorKind::network, ""));
}

TEST_F(CurlClientTest, ABodyCutShortGivesWhatCameAndThenNetwork) {
  ScriptedPeer peer([](Connection& client) {
    client.read_request();
    client.send(ok("Content-Length: 10\r\n\r\nhal"));
  });
  auto exchange = client().send(get(peer.url()));
  ASSERT_THAT(run(exchange->head()), IsOk());
  EXPECT_THAT(run(exchange->read()), HoldsOk(Optional(Eq("hal"))));
  EXPECT_THAT(run(exchange->read()), FailsWith(ErrorKind::network, ""));
  EXPECT_THAT(run(exchange->read()), FailsWith(ErrorKind::network, ""));
}

TEST_F(CurlClientTest, AnAnswerWithoutLengthEndsWithItsConnection) {
  ScriptedPeer peer([](Connection& client) {
    client.read_request();
    client.send(ok("\r\nall of it"));
  });
  EXPECT_THAT(fetch(get(peer.url())), HoldsOk(IsAnswer(200, "all of it")));
}

struct BadAnswer {
  const char* name;
  std::string text;
  ErrorKind kind;
};

class BadAnswers : public CurlClientTest, public testing::WithParamInterface<BadAnswer> {};

// Each of them ends, and in an error: no peer can make us wait for ever or believe garbage.
TEST_P(BadAnswers, EndInAnError) {
  ScriptedPeer peer([](Connection& client) {
    client.read_request();
    client.send(GetParam().text);
    client.finish_sending();
    client.stall();
  });
  EXPECT_THAT(fetch(post(peer.url(), "x")), FailsWith(GetParam().kind, ""));
}

INSTANTIATE_TEST_SUITE_P(
    Http, BadAnswers,
    testing::Values(BadAnswer{"NotHttp", "SSH-2.0-OpenSSH_9.2\r\n\r\n", ErrorKind::protocol},
                    BadAnswer{"OnlyInterim", "HTTP/1.1 100 Continue\r\n\r\n", ErrorKind::network},
                    BadAnswer{"ChunkGarbage", ok("Transfer-Encoding: chunked\r\n\r\nzz\r\nabc"),
                              ErrorKind::network},
                    BadAnswer{"ChunksCutShort", ok("Transfer-Encoding: chunked\r\n\r\n5\r\nab"),
                              ErrorKind::network},
                    BadAnswer{"NegativeLength", ok("Content-Length: -5\r\n\r\nabc"),
                              ErrorKind::protocol},
                    BadAnswer{"NothingAtAll", "", ErrorKind::network}),
    [](const auto& test) { return std::string(test.param.name); });

TEST_F(CurlClientTest, BoundsTheHeader) {
  ScriptedPeer peer([](Connection& client) {
    client.read_request();
    client.send(ok(""));
    while (client.send("X-More: " + std::string(1000, 'x') + "\r\n")) {
    }
  });
  EXPECT_THAT(fetch(get(peer.url())), FailsWith(ErrorKind::too_large, "header"));
}

TEST_F(CurlClientTest, BoundsOneLineOfTheHeader) {
  ScriptedPeer peer([](Connection& client) {
    client.read_request();
    client.send(ok("X-Endless: "));
    while (client.send(std::string(10'000, 'x'))) {
    }
  });
  EXPECT_THAT(fetch(get(peer.url())), FailsWith(ErrorKind::too_large, ""));
}

TEST_F(CurlClientTest, BoundsInterimAnswersWithoutEnd) {
  ScriptedPeer peer([](Connection& client) {
    client.read_request();
    while (client.send("HTTP/1.1 102 Processing\r\nX: y\r\n\r\n")) {
    }
  });
  EXPECT_THAT(fetch(get(peer.url())), FailsWith(ErrorKind::too_large, "header"));
}

// Waiting.

TEST_F(CurlClientTest, AnAnswerThatDoesNotBeginTimesOut) {
  ScriptedPeer peer([](Connection& client) {
    client.read_request();
    client.stall();
  });
  Request request = post(peer.url(), "x");
  request.timeouts.head = 30ms;
  EXPECT_THAT(fetch(std::move(request)), FailsWith(ErrorKind::timed_out, "no answer within 30 ms"));
  EXPECT_TRUE(peer.wait_for_closed(1));
}

TEST_F(CurlClientTest, AHeaderThatComesDropByDropTimesOut) {
  ScriptedPeer peer([](Connection& client) {
    client.read_request();
    client.send(ok(""));
    client.send("X-Sl");
    client.stall();
  });
  Request request = get(peer.url());
  request.timeouts.head = 30ms;
  EXPECT_THAT(fetch(std::move(request)), FailsWith(ErrorKind::timed_out, ""));
}

TEST_F(CurlClientTest, ABodyThatStallsTimesOut) {
  ScriptedPeer peer([](Connection& client) {
    client.read_request();
    client.send(ok("Content-Length: 10\r\n\r\nhal"));
    client.stall();
  });
  Request request = get(peer.url());
  request.timeouts.idle = 30ms;
  auto exchange = client().send(std::move(request));
  ASSERT_THAT(run(exchange->head()), IsOk());
  EXPECT_THAT(run(exchange->read()), HoldsOk(Optional(Eq("hal"))));
  EXPECT_THAT(run(exchange->read()), FailsWith(ErrorKind::timed_out, "within 30 ms"));
  EXPECT_TRUE(peer.wait_for_closed(1));
}

template <class T>
struct Spawned {
  asio::cancellation_signal stop;
  std::optional<T> result;
};

template <class T>
awaitable<void> store(awaitable<T> operation, Spawned<T>* into) {
  co_await asio::this_coro::throw_if_cancelled(false);
  into->result.emplace(co_await std::move(operation));
}

template <class T>
void spawn(asio::io_context& loop, awaitable<T> operation, Spawned<T>& into) {
  asio::co_spawn(loop, store(std::move(operation), &into),
                 asio::bind_cancellation_slot(into.stop.slot(), [](std::exception_ptr) {}));
}

TEST_F(CurlClientTest, CancellingTheWaitForTheHeadEndsIt) {
  ScriptedPeer peer([](Connection& client) {
    client.read_request();
    client.stall();
  });
  auto exchange = client().send(get(peer.url()));
  Spawned<Result<Head>> waiting;
  spawn(loop_, exchange->head(), waiting);
  loop_.poll();
  ASSERT_FALSE(waiting.result);
  waiting.stop.emit(asio::cancellation_type::terminal);
  loop_.poll();
  ASSERT_TRUE(waiting.result);
  EXPECT_THAT(*waiting.result, FailsWith(ErrorKind::cancelled, ""));
}

TEST_F(CurlClientTest, CancellingTheWaitForTheBodyEndsIt) {
  ScriptedPeer peer([](Connection& client) {
    client.read_request();
    client.send(ok("Content-Length: 10\r\n\r\n"));
    client.stall();
  });
  auto exchange = client().send(get(peer.url()));
  ASSERT_THAT(run(exchange->head()), IsOk());
  Spawned<Result<std::optional<std::string_view>>> waiting;
  spawn(loop_, exchange->read(), waiting);
  loop_.poll();
  waiting.stop.emit(asio::cancellation_type::terminal);
  loop_.poll();
  ASSERT_TRUE(waiting.result);
  EXPECT_THAT(*waiting.result, FailsWith(ErrorKind::cancelled, ""));
}

TEST_F(CurlClientTest, DestroyingAnExchangeClosesItsConnection) {
  ScriptedPeer peer([](Connection& client) {
    client.read_request();
    client.send(ok("\r\ndata"));
    client.stall();
  });
  auto exchange = client().send(get(peer.url()));
  ASSERT_THAT(run(exchange->head()), IsOk());
  exchange.reset();
  EXPECT_TRUE(peer.wait_for_closed(1));
}

TEST_F(CurlClientTest, AnExchangeMayBeDestroyedAtAnyMoment) {
  ScriptedPeer peer(answering(200, std::string(600'000, 'x')));
  for (int turns = 0; turns < 40; ++turns) {
    auto exchange = client().send(post(peer.url(), "x"));
    for (int i = 0; i < turns; ++i) loop_.poll_one();
  }
  EXPECT_THAT(fetch(get(peer.url())), IsOk());
}

TEST_F(CurlClientTest, AnExchangeMayOutliveItsClient) {
  ScriptedPeer peer(answering(200, "x"));
  auto exchange = client().send(get(peer.url()));
  client_.reset();
  EXPECT_THAT(run(answer_of(std::move(exchange))), HoldsOk(IsAnswer(200, "x")));
}

TEST_F(CurlClientTest, StopsReceivingWhileNobodyReads) {
  static constexpr std::size_t kBody = 64 * limits::kMiB;
  ScriptedPeer peer([](Connection& client) {
    client.read_request();
    client.send(ok(fmt::format("Content-Length: {}\r\n\r\n", kBody)));
    client.send(std::string(kBody, 'x'));
    client.stall();
  });
  auto exchange = client().send(get(peer.url()));
  ASSERT_THAT(run(exchange->head()), IsOk());
  loop_.run_for(100ms);
  EXPECT_LT(peer.bytes_sent(), 32 * limits::kMiB);  // the kernel's buffers are all that was filled
  auto piece = run(exchange->read());
  ASSERT_THAT(piece, HoldsOk(Not(Eq(std::nullopt))));
  const std::size_t first = (*piece)->size();
  EXPECT_LE(first, limits::kHttpReceiveBytes);
  EXPECT_THAT(run(CurlClientTest::rest_of(exchange.get())), HoldsOk(SizeIs(kBody - first)));
}

// One zero, then the 258 bytes before it again and again: RFC 1951, section 3.2.6.
std::string deflated_zeros(std::size_t repetitions) {
  std::string bytes;
  std::size_t bit = 0;
  const auto put = [&](std::string_view bits) {
    for (const char one : bits) {
      if (bit % 8 == 0) bytes.push_back('\0');
      bytes.back() = static_cast<char>(bytes.back() | ((one - '0') << (bit++ % 8)));
    }
  };
  put("110");                                                          // last block, fixed codes
  put("00110000");                                                     // a zero
  for (std::size_t i = 0; i < repetitions; ++i) put("1100010100000");  // length 258, distance 1
  put("0000000");
  return bytes;
}

// A few kilobytes decode to many megabytes before libcurl can be paused. They are handed over in
// few, bounded pieces: each pause costs a copy of the rest.
TEST_F(CurlClientTest, AnAnswerThatSwellsComesInBoundedPieces) {
  constexpr std::size_t kRepetitions = 400'000;
  ScriptedPeer peer(answering(200, deflated_zeros(kRepetitions), "Content-Encoding: deflate\r\n"));
  auto exchange = client().send(get(peer.url()));
  ASSERT_THAT(run(exchange->head()), IsOk());
  std::size_t decoded = 0, largest = 0, pieces = 0;
  for (;;) {
    auto piece = run(exchange->read());
    ASSERT_THAT(piece, IsOk());
    if (!*piece) break;
    decoded += (*piece)->size();
    largest = std::max(largest, (*piece)->size());
    ++pieces;
  }
  EXPECT_EQ(decoded, 1 + 258 * kRepetitions);
  EXPECT_LE(largest, 8 * limits::kMiB);
  EXPECT_LE(pieces, 60u);
}

TEST_F(CurlClientTest, CarriesAHundredRequestsAtOnce) {
  ScriptedPeer peer([](Connection& client) {
    while (auto request = client.read_request())
      if (!client.respond(200, "answer to " + request->body)) return;
  });
  std::list<Spawned<Result<Answer>>> all;
  for (int i = 0; i < 100; ++i)
    spawn(loop_, answer_of(client().send(post(peer.url(), std::to_string(i)))), all.emplace_back());
  const auto patience = std::chrono::steady_clock::now() + 20s;
  const auto are_done = [&] {
    return std::ranges::all_of(all, [](const auto& one) { return one.result.has_value(); });
  };
  while (!are_done() && loop_.run_one_until(patience) > 0) {
  }
  int i = 0;
  for (const auto& one : all) {
    ASSERT_TRUE(one.result);
    EXPECT_THAT(*one.result, HoldsOk(IsAnswer(200, "answer to " + std::to_string(i++))));
  }
}

// An answer must not wait behind a slow call: there is no limit on connections to one host.
TEST_F(CurlClientTest, ASlowCallDelaysNoOther) {
  ScriptedPeer peer([](Connection& client) {
    while (auto request = client.read_request()) {
      if (request->body == "slow") return client.stall();
      client.respond(200, "quick");
    }
  });
  auto slow = client().send(post(peer.url(), "slow"));
  for (int i = 0; i < 3; ++i)
    EXPECT_THAT(fetch(post(peer.url(), "other")), HoldsOk(IsAnswer(200, "quick")));
}

// What the address guard is asked for on every connection, a reused one too: DNS may say something
// else each time.
TEST_F(CurlClientTest, AsksAboutTheAddressBeforeAnythingIsSent) {
  ScriptedPeer peer(answering(200, "secret"));
  std::vector<std::string> asked;
  Request request = post(peer.url(), "x");
  request.check_address = [&](std::string_view address) {
    asked.emplace_back(address);
    return Result<void>();
  };
  ASSERT_THAT(fetch(request), HoldsOk(IsAnswer(200, "secret")));
  request.check_address = [&](std::string_view address) -> Result<void> {
    asked.emplace_back(address);
    return fail(ErrorKind::untrusted, "not there");
  };
  EXPECT_THAT(fetch(request), FailsWith(ErrorKind::untrusted, "not there"));
  EXPECT_THAT(asked, testing::ElementsAre("127.0.0.1", "127.0.0.1"));
  EXPECT_THAT(peer.requests(), SizeIs(1));
}

TEST_F(CurlClientTest, KnowsWhereTheServerIs) {
  ScriptedPeer peer(answering(200, ""));
  auto exchange = client().send(get(peer.url()));
  ASSERT_THAT(run(exchange->head()), IsOk());
  EXPECT_EQ(exchange->server_address(), "127.0.0.1");
}

}  // namespace
}  // namespace mcpio::http
