// SPDX-License-Identifier: MIT
#include "auth/static_credentials.h"

#include <gmock/gmock.h>

#include <optional>

#include "support/result_matchers.h"
#include "support/run.h"

namespace mcpio::auth {
namespace {

using test::FailsWith;
using test::HoldsOk;
using test::IsOk;
using testing::Eq;
using testing::Optional;

codec::Url url(std::string_view text) { return codec::parse_url(text).value(); }

const http::ProxySettings kDirect;

CredentialField field(std::string name, std::string value) {
  return {.name = std::move(name), .value = Secret(std::move(value))};
}

http::Request authorized(StaticCredentials& credentials, http::Request request) {
  auto operation = credentials.authorize(request);
  EXPECT_THAT(test::run(std::move(operation)), IsOk());
  return request;
}

http::Request request_to(std::string address) {
  http::Request request;
  request.url = std::move(address);
  return request;
}

// RFC 6750, section 2.1.
TEST(StaticCredentials, SpellTheBearerToken) {
  EXPECT_EQ(bearer(Secret("abc")).name, "Authorization");
  EXPECT_EQ(bearer(Secret("abc")).value.reveal(), "Bearer abc");
}

struct BasicCase {
  std::string_view userinfo, value;
};

// RFC 7617, section 2, with its own examples.
TEST(StaticCredentials, SpellUserAndPassword) {
  const BasicCase cases[] = {
      {"Aladdin:open%20sesame", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="},
      {"test:123%C2%A3", "Basic dGVzdDoxMjPCow=="},
      {"user", "Basic dXNlcjo="},
      {"a:", "Basic YTo="},
      {"ab:", "Basic YWI6"},
      {"abc:", "Basic YWJjOg=="},
  };
  for (const auto& [userinfo, value] : cases) EXPECT_EQ(basic(userinfo).value.reveal(), value);
}

TEST(StaticCredentials, GoToTheServersOrigin) {
  StaticCredentials credentials(url("https://a.example/mcp"), {field("X-Key", "k")}, kDirect,
                                false);
  const auto request = authorized(credentials, request_to("https://a.example:443/other"));
  EXPECT_THAT(request.fields.find("x-key"), Optional(Eq("k")));
}

TEST(StaticCredentials, GoToNoOtherOrigin) {
  StaticCredentials credentials(url("https://a.example/mcp"), {field("X-Key", "k")}, kDirect, true);
  for (const char* other : {"https://b.example/mcp", "http://a.example/mcp",
                            "https://a.example:8443/mcp", "https://a.example.b.example/mcp", "?"})
    EXPECT_TRUE(authorized(credentials, request_to(other)).fields.empty()) << other;
}

TEST(StaticCredentials, NeverCrossTheNetworkInPlainText) {
  StaticCredentials held_back(url("http://a.example/mcp"), {field("X-Key", "k")}, kDirect, false);
  EXPECT_TRUE(authorized(held_back, request_to("http://a.example/mcp")).fields.empty());

  StaticCredentials allowed(url("http://a.example/mcp"), {field("X-Key", "k")}, kDirect, true);
  EXPECT_FALSE(authorized(allowed, request_to("http://a.example/mcp")).fields.empty());

  StaticCredentials at_home(url("http://127.0.0.1:1234/mcp"), {field("X-Key", "k")}, kDirect,
                            false);
  EXPECT_FALSE(authorized(at_home, request_to("http://127.0.0.1:1234/mcp")).fields.empty());
}

TEST(StaticCredentials, ReplaceDefaultsWhateverTheirCase) {
  StaticCredentials credentials(url("https://a.example/"), {field("ACCEPT", "text/plain")}, kDirect,
                                false);
  auto request = request_to("https://a.example/");
  request.fields.add("Accept", "application/json");
  request = authorized(credentials, std::move(request));
  EXPECT_THAT(request.fields.all("accept"), testing::ElementsAre("text/plain"));
}

TEST(StaticCredentials, LeaveTheRelaysOwnSessionAlone) {
  StaticCredentials credentials(url("https://a.example/"), {field("mcp-session-id", "users")},
                                kDirect, false);
  auto request = request_to("https://a.example/");
  EXPECT_THAT(authorized(credentials, request).fields.find("Mcp-Session-Id"),
              Optional(Eq("users")));
  request.fields.add("Mcp-Session-Id", "relays");
  EXPECT_THAT(authorized(credentials, request).fields.all("Mcp-Session-Id"),
              testing::ElementsAre("relays"));
}

TEST(StaticCredentials, HaveNothingElseToOffer) {
  StaticCredentials credentials(url("https://a.example/"), {}, kDirect, false);
  http::Refusal refusal;
  refusal.answer.status = 401;
  EXPECT_THAT(test::run(credentials.challenged(refusal)), HoldsOk(false));
}

TEST(CheckHop, RefusesPlainHttpAndNamesTheWayOut) {
  EXPECT_THAT(check_hop(url("http://a.example/"), kDirect, false),
              FailsWith(ErrorKind::config, "--allow-http"));
  EXPECT_THAT(check_hop(url("http://a.example/"), kDirect, true), IsOk());
  EXPECT_THAT(check_hop(url("https://a.example/"), kDirect, false), IsOk());
  EXPECT_THAT(check_hop(url("http://[::1]:80/"), kDirect, false), IsOk());
  EXPECT_THAT(check_hop(url("http://localhost/"), kDirect, false), IsOk());
}

http::ProxySettings through(std::string_view proxy, std::string_view except = "") {
  return http::ProxySettings::from_environment(
      "", [=](const std::string& name) -> std::optional<std::string> {
        if (name == "http_proxy") return std::string(proxy);
        if (name == "no_proxy") return std::string(except);
        return std::nullopt;
      });
}

TEST(CheckHop, RefusesAProxyOnAnotherMachineAndNamesTheWaysOut) {
  const auto server = url("http://localhost:8080/mcp");
  for (const char* proxy : {"http://proxy.example:3128", "proxy.example", "https://10.0.0.1",
                            "socks5h://u:p@proxy.example:1", "http://:bad:"}) {
    EXPECT_THAT(check_hop(server, through(proxy), false), FailsWith(ErrorKind::config, "NO_PROXY"))
        << proxy;
    EXPECT_THAT(check_hop(server, through(proxy), false),
                FailsWith(ErrorKind::config, "--allow-http"));
    EXPECT_THAT(check_hop(server, through(proxy), true), IsOk());
    EXPECT_THAT(check_hop(server, through(proxy, "localhost"), false), IsOk());
  }
  EXPECT_THAT(check_hop(server, through("http://127.0.0.1:3128"), false), IsOk());
  EXPECT_THAT(check_hop(server, through("u:p@localhost:3128"), false), IsOk());
}

// TLS goes through the proxy, which sees the name only.
TEST(CheckHop, LetsHttpsPassAnyProxy) {
  const auto proxies = http::ProxySettings::from_environment(
      "http://proxy.example:3128", [](const std::string&) { return std::optional<std::string>(); });
  EXPECT_THAT(check_hop(url("https://localhost/mcp"), proxies, false), IsOk());
}

TEST(StaticCredentials, DoNotGoThroughAProxyOnAnotherMachine) {
  StaticCredentials credentials(url("http://localhost/mcp"), {field("X-Key", "k")},
                                through("http://proxy.example:3128"), false);
  EXPECT_TRUE(authorized(credentials, request_to("http://localhost/mcp")).fields.empty());
}

}  // namespace
}  // namespace mcpio::auth
