// SPDX-License-Identifier: MIT
#include "oauth/issuer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "support/result_matchers.h"

namespace mcpio::oauth {
namespace {

using test::FailsWith;
using test::IsOk;
using testing::HasSubstr;
using testing::Not;

struct Accepted {
  std::string_view name, expected, stated, warning;
};

class AcceptedIssuers : public testing::TestWithParam<Accepted> {};

TEST_P(AcceptedIssuers, AreRecordedAsTheDocumentHasThem) {
  const auto [name, expected, stated, warning] = GetParam();
  const auto found = check_issuer({.expected = std::string(expected), .trusted = {}}, stated);
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->issuer, stated);
  EXPECT_FALSE(found->is_hearsay);
  EXPECT_EQ(found->warning.empty(), warning.empty());
  EXPECT_THAT(found->warning, HasSubstr(std::string(warning)));
}

const Accepted kAccepted[] = {
    {"Identical", "https://auth.example/t", "https://auth.example/t", ""},
    {"IdenticalWithASlash", "https://auth.example/", "https://auth.example/", ""},
    {"SlashMissing", "https://auth.example/t/", "https://auth.example/t", "slash"},
    {"SlashAdded", "https://auth.example", "https://auth.example/", "slash"},
    {"GoogleIsKnown", "https://accounts.google.com/", "https://accounts.google.com", ""},
    {"SlackIsKnown", "https://mcp.slack.com", "https://slack.com", ""},
    {"AtlassianIsKnown", "https://mcp.atlassian.com", "https://cf.mcp.atlassian.com", ""},
};
INSTANTIATE_TEST_SUITE_P(Rfc8414, AcceptedIssuers, testing::ValuesIn(kAccepted),
                         [](const auto& test) { return std::string(test.param.name); });

struct Refused {
  std::string_view name, expected, stated;
};

class RefusedIssuers : public testing::TestWithParam<Refused> {};

TEST_P(RefusedIssuers, AreShownWithTheOptionThatAcceptsThem) {
  const auto [name, expected, stated] = GetParam();
  const IssuerRule rule{.expected = std::string(expected), .trusted = {}};
  const auto found = check_issuer(rule, stated);
  EXPECT_THAT(found, FailsWith(ErrorKind::untrusted, expected));
  EXPECT_THAT(found, FailsWith(ErrorKind::untrusted, "--oauth-issuer " + std::string(stated)));

  IssuerRule trusting = rule;
  trusting.trusted = std::string(stated);
  const auto accepted = check_issuer(trusting, stated);
  ASSERT_THAT(accepted, IsOk());
  EXPECT_EQ(accepted->issuer, stated);
  EXPECT_TRUE(accepted->is_hearsay);
}

const Refused kRefused[] = {
    // MCP 2026-07-28, authorization server metadata discovery.
    {"SpecExample", "https://attacker.example", "https://honest.example"},
    {"SameOriginOtherPath", "https://auth.example/a", "https://auth.example/b"},
    {"PathDropped", "https://auth.example/tenant", "https://auth.example"},
    {"TwoSlashes", "https://auth.example", "https://auth.example//"},
    {"HostCase", "https://auth.example", "https://AUTH.example"},
    {"OwnPort", "https://auth.example", "https://auth.example:443"},
    {"OtherPort", "https://auth.example", "https://auth.example:8443"},
    {"SlackTheOtherWay", "https://slack.com", "https://mcp.slack.com"},
    {"ThisMachine", "https://auth.example", "http://127.0.0.1:8080"},
};
INSTANTIATE_TEST_SUITE_P(Rfc8414, RefusedIssuers, testing::ValuesIn(kRefused),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(CheckIssuer, KnowsNoProviderWhenTheTableIsOff) {
  IssuerRule rule{.expected = "https://mcp.slack.com", .trusted = {}};
  rule.providers = KnownProviders(false);
  EXPECT_THAT(check_issuer(rule, "https://slack.com"),
              FailsWith(ErrorKind::untrusted, "--oauth-issuer https://slack.com"));
}

// The text is a server's, and the user may paste it into a shell.
TEST(CheckIssuer, OffersNoOptionThatIsNoPlainIssuer) {
  for (const std::string_view stated :
       {"https://a.example/;rm", "https://a.example/$(id)", "https://a.example/?a=b",
        "https://a.example/'", "https://a.example/&x", "https://a.example/*", "http://a.example",
        "--oauth-allow-private", "https://u@a.example", "https://a.example/#x", "a b", "",
        "\x1b[2J", "https://[::1]/"}) {
    const auto found = check_issuer({.expected = "https://auth.example", .trusted = {}}, stated);
    ASSERT_FALSE(found.has_value()) << stated;
    EXPECT_EQ(found.error().kind, ErrorKind::untrusted);
    EXPECT_THAT(found.error().message, Not(HasSubstr("--oauth-issuer"))) << stated;
    EXPECT_THAT(found.error().message, Not(HasSubstr("\x1b")));
  }
}

TEST(CheckIssuer, AcceptsOnlyTheTrustedOneIfThereIsOne) {
  const IssuerRule rule{.expected = "https://auth.example", .trusted = "https://other.example"};
  EXPECT_THAT(check_issuer(rule, "https://auth.example"),
              FailsWith(ErrorKind::untrusted, "only https://other.example is trusted"));
  const auto slash = check_issuer(rule, "https://other.example/");
  ASSERT_THAT(slash, IsOk());
  EXPECT_EQ(slash->issuer, "https://other.example/");
}

TEST(SameIssuer, ForgivesASlashAndWhatIsKnown) {
  const KnownProviders on(true), off(false);
  EXPECT_TRUE(is_same_issuer("https://a", "https://a", off));
  EXPECT_TRUE(is_same_issuer("https://a", "https://a/", off));
  EXPECT_TRUE(is_same_issuer("https://mcp.slack.com", "https://slack.com", on));
  EXPECT_FALSE(is_same_issuer("https://mcp.slack.com", "https://slack.com", off));
  EXPECT_FALSE(is_same_issuer("https://a", "https://ab", on));
  EXPECT_FALSE(is_same_issuer("https://a", "https://a//", on));
}

}  // namespace
}  // namespace mcpio::oauth
