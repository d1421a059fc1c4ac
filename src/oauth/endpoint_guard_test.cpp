// SPDX-License-Identifier: MIT
#include "oauth/endpoint_guard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "support/result_matchers.h"

namespace mcpio::oauth {
namespace {

using test::FailsWith;
using test::IsOk;
using testing::ElementsAre;

TEST(CheckEndpoint, AcceptsHttpsAnywhereAndHttpOnThisMachine) {
  for (const std::string_view url :
       {"https://auth.example/token", "https://auth.example:8443/token?tenant=1",
        "https://10.0.0.1/token", "https://[fd00::1]/token", "http://localhost/token",
        "http://LOCALHOST.:8080/token", "http://127.0.0.1:8080/token", "http://127.255.255.254/",
        "http://[::1]:8080/token", "http://[::ffff:127.0.0.1]/", "HTTPS://AUTH.EXAMPLE"}) {
    EXPECT_THAT(check_endpoint(url, "token_endpoint"), IsOk()) << url;
  }
}

struct Refused {
  std::string_view name, url, why;
};

class RefusedEndpoints : public testing::TestWithParam<Refused> {};

TEST_P(RefusedEndpoints, AreNamedWithTheReason) {
  const auto url = check_endpoint(GetParam().url, "token_endpoint");
  EXPECT_THAT(url, FailsWith(ErrorKind::protocol, GetParam().why));
  EXPECT_THAT(url, FailsWith(ErrorKind::protocol, "token_endpoint"));
}

const Refused kRefused[] = {
    {"Cleartext", "http://auth.example/token", "http://auth.example/token is not https"},
    {"OtherLoopbackLike", "http://126.0.0.1/", "is not https"},
    {"OtherLoopbackLike2", "http://128.0.0.1/", "is not https"},
    {"AnyAddress", "http://0.0.0.0/", "is not https"},
    {"PrivateAddress", "http://192.168.0.1/", "is not https"},
    {"SubdomainOfLocalhost", "http://localhost.evil.example/", "is not https"},
    {"Ftp", "ftp://auth.example/", "http://"},
    {"File", "file:///etc/passwd", "http://"},
    {"Script", "javascript:alert(1)", "http://"},
    {"Relative", "/token", "http://"},
    {"Userinfo", "https://u:hunter2@auth.example/token", "holds a user name"},
    {"EmptyUserinfo", "https://@auth.example/token", "holds a user name"},
    {"UserinfoOnThisMachine", "http://u@127.0.0.1/", "holds a user name"},
    {"Fragment", "https://auth.example/token#x", "holds a fragment"},
    {"BadPort", "https://auth.example:99999/", "port"},
    {"Malformed", "https://[::1/", "bracket"},
    {"Empty", "", "http://"},
    {"LineFeed", "https://auth.example/\r\nHost: evil", "control"},
    {"Shell", "https://auth.example/`id`", "backslash"},
};
INSTANTIATE_TEST_SUITE_P(G263, RefusedEndpoints, testing::ValuesIn(kRefused),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(CheckEndpoint, NeverQuotesAPassword) {
  for (const std::string_view url : {"https://u:hunter2@a.example/", "https://u:hunter2@a:0/"}) {
    const auto checked = check_endpoint(url, "token_endpoint");
    ASSERT_FALSE(checked.has_value());
    EXPECT_EQ(checked.error().message.find("hunter2"), std::string::npos);
  }
}

TEST(ForeignOrigins, AreThoseOfOtherServersEachOnce) {
  const auto home = codec::parse_url("https://mcp.example/mcp").value();
  const std::vector<std::string> urls = {"https://auth.example/authorize",
                                         "https://auth.example/token",
                                         "https://MCP.example:443/token",
                                         "https://mcp.example:8443/token",
                                         "http://mcp.example/",
                                         "not a URL"};
  EXPECT_THAT(
      foreign_origins(urls, home),
      ElementsAre("https://auth.example", "https://mcp.example:8443", "http://mcp.example"));
  EXPECT_THAT(foreign_origins({}, home), ElementsAre());
}

}  // namespace
}  // namespace mcpio::oauth
