// SPDX-License-Identifier: MIT
// The HTTP client behind a proxy.
#include <string>

#include "http/curl_client_fixture.h"

namespace mcpio::http {
namespace {

using test::answering;
using test::FailsWith;
using test::HoldsOk;
using test::IsOk;
using test::ScriptedPeer;
using testing::Eq;
using testing::IsEmpty;
using testing::Optional;
using testing::SizeIs;

using ProxyTest = CurlClientTest;

TEST_F(ProxyTest, OfTheEnvironmentSeesTheRequest) {
  ScriptedPeer proxy(answering(200, "by the proxy"));
  set_environment("HTTP_PROXY", proxy.url());
  EXPECT_THAT(fetch(get("http://server.invalid/mcp?x=1")), HoldsOk(IsAnswer(200, "by the proxy")));
  EXPECT_EQ(proxy.requests().at(0).target, "http://server.invalid/mcp?x=1");
}

TEST_F(ProxyTest, LowerCaseVariablesWin) {
  ScriptedPeer proxy(answering(200, "")), other(answering(200, ""));
  set_environment("HTTP_PROXY", other.url());
  set_environment("http_proxy", proxy.url());
  ASSERT_THAT(fetch(get("http://server.invalid/")), IsOk());
  EXPECT_THAT(proxy.requests(), SizeIs(1));
  EXPECT_THAT(other.requests(), IsEmpty());
}

TEST_F(ProxyTest, AllProxyIsForWhatHasNoneOfItsOwn) {
  ScriptedPeer proxy(answering(200, "all"));
  set_environment("ALL_PROXY", proxy.url());
  EXPECT_THAT(fetch(get("http://server.invalid/")), HoldsOk(IsAnswer(200, "all")));
}

TEST_F(ProxyTest, IsAvoidedForHostsInNoProxy) {
  ScriptedPeer proxy(answering(200, "by the proxy")), server(answering(200, "direct"));
  set_environment("HTTP_PROXY", proxy.url());
  set_environment("NO_PROXY", "example.org,127.0.0.0/8");
  EXPECT_THAT(fetch(get(server.url())), HoldsOk(IsAnswer(200, "direct")));
  EXPECT_THAT(proxy.requests(), IsEmpty());
}

TEST_F(ProxyTest, IsUsedForTheLoopbackUnlessNoProxySaysOtherwise) {
  ScriptedPeer proxy(answering(200, "by the proxy")), server(answering(200, "direct"));
  set_environment("HTTP_PROXY", proxy.url());
  EXPECT_THAT(fetch(get(server.url())), HoldsOk(IsAnswer(200, "by the proxy")));
}

TEST_F(ProxyTest, OfTheSettingsGetsItsCredentials) {
  ScriptedPeer proxy(answering(200, ""));
  proxy_ = "http://me:s%40cret@127.0.0.1:" + std::to_string(proxy.port());
  ASSERT_THAT(fetch(get("http://server.invalid/")), IsOk());
  EXPECT_THAT(proxy.requests().at(0).field("proxy-authorization"),
              Optional(Eq("Basic bWU6c0BjcmV0")));  // me:s@cret
}

TEST_F(ProxyTest, IsAskedToConnectForHttps) {
  ScriptedPeer proxy(answering(403, "no"));
  set_environment("HTTPS_PROXY", proxy.url());
  EXPECT_THAT(fetch(post("https://server.invalid/", "x")),
              FailsWith(ErrorKind::unreachable,
                        "the proxy answered 403 when asked to connect to "
                        "server.invalid:443"));
  EXPECT_EQ(proxy.requests().at(0).method, "CONNECT");
  EXPECT_EQ(proxy.requests().at(0).target, "server.invalid:443");
}

TEST_F(ProxyTest, ThatWantsCredentialsSaysWhereToGiveThem) {
  ScriptedPeer proxy(answering(407, "", "Proxy-Authenticate: Basic realm=\"x\"\r\n"));
  set_environment("HTTPS_PROXY", proxy.url());
  EXPECT_THAT(fetch(post("https://server.invalid/", "x")),
              FailsWith(ErrorKind::unreachable, "--proxy"));
}

TEST_F(ProxyTest, ThatIsNotThereIsUnreachable) {
  std::string url;
  {
    ScriptedPeer gone(answering(200, ""));
    url = gone.url();
  }
  proxy_ = url;
  EXPECT_THAT(fetch(get("http://server.invalid/")), FailsWith(ErrorKind::unreachable, ""));
}

// RFC 1928: method negotiation, then CONNECT to a name (address type 3), which the proxy looks up.
TEST_F(ProxyTest, MaySpeakSocks) {
  ScriptedPeer proxy([](Connection& client) {
    client.read_some();
    client.send(std::string("\x05\x00", 2));
    const std::string connect = client.read_some();
    if (connect.find("server.invalid") == std::string::npos) return;
    client.send(std::string("\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00", 10));
    client.read_request();
    client.respond(200, "through socks");
  });
  proxy_ = "socks5h://127.0.0.1:" + std::to_string(proxy.port());
  EXPECT_THAT(fetch(get("http://server.invalid/mcp")), HoldsOk(IsAnswer(200, "through socks")));
  EXPECT_EQ(proxy.requests().at(0).target, "/mcp");
}

TEST_F(ProxyTest, ThatRefusesBySocksIsUnreachable) {
  ScriptedPeer proxy([](Connection& client) {
    client.read_some();
    client.send(std::string("\x05\x00", 2));
    client.read_some();
    client.send(std::string("\x05\x02\x00\x01\x00\x00\x00\x00\x00\x00", 10));  // not allowed
    client.stall();
  });
  proxy_ = "socks5h://127.0.0.1:" + std::to_string(proxy.port());
  EXPECT_THAT(fetch(get("http://server.invalid/")), FailsWith(ErrorKind::unreachable, "proxy"));
}

// The proxy decides where it connects; its own address says nothing of the server's.
TEST_F(ProxyTest, HidesTheAddressOfTheServer) {
  ScriptedPeer proxy(answering(200, "by the proxy"));
  set_environment("HTTP_PROXY", proxy.url());
  Request request = get("http://server.invalid/");
  request.check_address = [](std::string_view) -> Result<void> {
    return fail(ErrorKind::untrusted, "asked about the proxy");
  };
  auto exchange = client().send(std::move(request));
  ASSERT_THAT(run(exchange->head()), IsOk());
  EXPECT_THAT(exchange->server_address(), IsEmpty());
}

}  // namespace
}  // namespace mcpio::http
