// SPDX-License-Identifier: MIT
#include "oauth/pkce_support.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "support/result_matchers.h"

namespace mcpio::oauth {
namespace {

using test::FailsWith;
using test::IsOk;

constexpr auto kAuth = "https://auth.example";
constexpr auto kEntra = "https://login.microsoftonline.com/t/v2.0";
constexpr auto kCognito = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_a";

struct Case {
  std::string_view name;
  std::string_view issuer;
  ServerMetadata::List methods;
  bool allow_missing;
  bool quirks;
  std::string_view refusal;  // empty: accepted
};

class CheckPkce : public testing::TestWithParam<Case> {};

TEST_P(CheckPkce, BelievesAListAndElseTheTableOrTheUser) {
  ServerMetadata metadata;
  metadata.issuer = GetParam().issuer;
  metadata.code_challenge_methods = GetParam().methods;
  const PkceRule rule{.allow_missing = GetParam().allow_missing,
                      .providers = KnownProviders(GetParam().quirks)};
  if (GetParam().refusal.empty()) {
    EXPECT_THAT(check_pkce(rule, metadata), IsOk());
  } else {
    EXPECT_THAT(check_pkce(rule, metadata), FailsWith(ErrorKind::untrusted, GetParam().refusal));
    EXPECT_THAT(check_pkce(rule, metadata), FailsWith(ErrorKind::untrusted, GetParam().issuer));
  }
}

constexpr auto kOption = "--oauth-allow-missing-pkce-metadata";

const Case kCases[] = {
    {"S256", kAuth, {{"plain", "S256"}}, false, true, ""},
    {"OnlyPlain", kAuth, {{"plain"}}, false, true, "plain"},
    {"OnlyPlainAlthoughAllowed", kAuth, {{"plain"}}, true, true, "S256"},
    {"OnlyPlainAtEntra", kEntra, {{"plain"}}, true, true, "S256"},
    {"Empty", kAuth, {{}}, false, true, "S256"},
    {"EmptyAlthoughAllowed", kAuth, {{}}, true, true, "S256"},
    {"OtherCase", kAuth, {{"s256"}}, true, true, "S256"},
    {"Absent", kAuth, {}, false, true, kOption},
    {"AbsentButAllowed", kAuth, {}, true, true, ""},
    {"AbsentAtEntra", kEntra, {}, false, true, ""},
    {"AbsentAtCognito", kCognito, {}, false, true, ""},
    {"AbsentAtEntraWithoutTheTable", kEntra, {}, false, false, kOption},
    {"AbsentAtCognitoButAllowed", kCognito, {}, true, false, ""},
};
INSTANTIATE_TEST_SUITE_P(Mcp, CheckPkce, testing::ValuesIn(kCases),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace mcpio::oauth
