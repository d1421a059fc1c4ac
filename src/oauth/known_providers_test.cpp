// SPDX-License-Identifier: MIT
#include "oauth/known_providers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace mcpio::oauth {
namespace {

using codec::FormField;
using testing::ElementsAre;
using testing::IsEmpty;

const KnownProviders kOn(true);
const KnownProviders kOff(false);

codec::Url url_of(std::string_view text) { return codec::parse_url(text).value(); }

struct Pair {
  std::string_view name, expected, stated;
};

class ConfusedIssuers : public testing::TestWithParam<Pair> {};

TEST_P(ConfusedIssuers, AreKnownInThisDirectionUntilTheTableIsOff) {
  const auto [name, expected, stated] = GetParam();
  EXPECT_TRUE(kOn.confuse(expected, stated));
  EXPECT_FALSE(kOn.confuse(stated, expected));
  EXPECT_FALSE(kOff.confuse(expected, stated));
}

const Pair kPairs[] = {
    {"Atlassian", "https://mcp.atlassian.com", "https://cf.mcp.atlassian.com"},
    {"AtlassianAuthv2", "https://auth.atlassian.com/VCeDsk8ZHncYF1g234fKtc4lNipbBhu3",
     "https://auth.atlassian.com"},
    {"Slack", "https://mcp.slack.com", "https://slack.com"},
    {"Meta", "https://mcp.facebook.com/ads", "https://www.facebook.com"},
    {"GoogleSlash", "https://accounts.google.com/", "https://accounts.google.com"},
};
INSTANTIATE_TEST_SUITE_P(Table, ConfusedIssuers, testing::ValuesIn(kPairs),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(KnownProviders, ConfuseNothingElse) {
  const Pair kOthers[] = {
      {"", "https://mcp.atlassian.com", "https://evil.example"},
      {"", "https://evil.example", "https://slack.com"},
      {"", "https://attacker.slack.com", "https://slack.com"},
      {"", "https://mcp.slack.com.evil.example", "https://slack.com"},
      {"", "https://mcp.slack.com/", "https://slack.com"},
      {"", "http://mcp.slack.com", "https://slack.com"},
      {"", "https://mcp.facebook.com/other", "https://www.facebook.com"},
      {"", "https://auth.atlassian.com/another", "https://auth.atlassian.com"},
      {"", "", ""},
  };
  for (const auto& [name, expected, stated] : kOthers)
    EXPECT_FALSE(kOn.confuse(expected, stated)) << expected << ' ' << stated;
}

TEST(KnownProviders, OfEntraAndCognitoDoPkceWithoutSayingSo) {
  for (const std::string_view issuer :
       {"https://login.microsoftonline.com/72f988bf-0000-0000-0000-000000000000/v2.0",
        "https://login.microsoftonline.com:443/common/v2.0", "https://LOGIN.microsoftonline.com",
        "https://login.microsoftonline.us/t/v2.0",
        "https://login.partner.microsoftonline.cn/t/v2.0", "https://sts.windows.net/t/",
        "https://contoso.b2clogin.com/t/v2.0",
        "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf"}) {
    EXPECT_TRUE(kOn.do_pkce_unsaid(url_of(issuer))) << issuer;
    EXPECT_FALSE(kOff.do_pkce_unsaid(url_of(issuer))) << issuer;
  }
}

TEST(KnownProviders, AreNotTheirImitators) {
  for (const std::string_view issuer :
       {"https://auth.example", "https://evil.example/login.microsoftonline.com",
        "https://login.microsoftonline.com.evil.example", "https://a.login.microsoftonline.com",
        "https://login.microsoftonline.com:8443", "http://login.microsoftonline.com",
        "https://b2clogin.com", "https://a.b.b2clogin.com", "https://evilb2clogin.com",
        "https://.b2clogin.com", "https://cognito-idp.amazonaws.com",
        "https://cognito-idp.a.b.amazonaws.com", "https://cognito-idp.evil.example.amazonaws.com",
        "https://cognito-idp.eu-west-1.amazonaws.com.evil.example",
        "https://cognito-idp.eu-west-1.amazonaws.com:8443", "https://s3.eu-west-1.amazonaws.com"})
    EXPECT_FALSE(kOn.do_pkce_unsaid(url_of(issuer))) << issuer;
}

TEST(KnownProviders, OfGoogleWantTwoParametersForARefreshToken) {
  const auto google = url_of("https://accounts.google.com");
  EXPECT_THAT(kOn.authorize_parameters(google),
              ElementsAre(FormField{"access_type", "offline"}, FormField{"prompt", "consent"}));
  EXPECT_THAT(kOff.authorize_parameters(google), IsEmpty());
  for (const std::string_view other :
       {"https://google.com", "https://accounts.google.com.evil.example",
        "http://accounts.google.com", "https://auth.example"})
    EXPECT_THAT(kOn.authorize_parameters(url_of(other)), IsEmpty()) << other;
}

}  // namespace
}  // namespace mcpio::oauth
