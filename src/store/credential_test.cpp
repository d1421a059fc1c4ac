// SPDX-License-Identifier: MIT
#include "store/credential.h"

#include <gmock/gmock.h>

#include "support/result_matchers.h"

namespace mcpio::store {
namespace {

using namespace mcpio::test;

// As the Python program writes it.
constexpr std::string_view kEntry = R"({
    "access_token": "at",
    "authorization_endpoint": "https://as.example/authorize",
    "client_id": "c",
    "client_secret": "s",
    "client_secret_expires_at": 1900000000,
    "expires_at": 1800000000.5,
    "id_token": null,
    "iss_parameter_supported": true,
    "issuer": "https://as.example",
    "no_resource_indicator": false,
    "oauth_resource": null,
    "refresh_token": "rt",
    "registration_endpoint": "https://as.example/register",
    "scope": "a b",
    "token_endpoint": "https://as.example/token",
    "token_endpoint_auth_method": "client_secret_basic",
    "token_type": "Bearer"
  })";

TEST(Credential, IsReadAsThePythonProgramWroteIt) {
  const auto entry = credential_from_json(kEntry);
  ASSERT_THAT(entry, IsOk());
  EXPECT_EQ(entry->access_token.reveal(), "at");
  EXPECT_EQ(entry->refresh_token->reveal(), "rt");
  EXPECT_EQ(entry->client_secret->reveal(), "s");
  EXPECT_FALSE(entry->id_token);
  EXPECT_EQ(entry->expires_at, 1800000000.5);
  EXPECT_EQ(entry->client_secret_expires_at, 1900000000.0);
  EXPECT_EQ(entry->token_endpoint_auth_method, "client_secret_basic");
  EXPECT_EQ(entry->scope, "a b");
  EXPECT_TRUE(entry->iss_parameter_supported);
}

TEST(Credential, SurvivesTheRoundTrip) {
  const auto entry = credential_from_json(kEntry);
  ASSERT_THAT(entry, IsOk());
  const auto again = credential_from_json(to_json(*entry));
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(to_json(*again), to_json(*entry));
}

// G.7, item 280.
TEST(Credential, OfAnOldVersionHasTheMethodNone) {
  const auto entry = credential_from_json(R"({"access_token":"at"})");
  ASSERT_THAT(entry, IsOk());
  EXPECT_EQ(entry->token_endpoint_auth_method, "none");
  EXPECT_EQ(entry->token_type, "Bearer");
  EXPECT_FALSE(entry->expires_at);
}

// Item 343: here a newer program's entry is used, not thrown away.
TEST(Credential, MayHaveMembersThatNobodyKnows) {
  EXPECT_THAT(credential_from_json(R"({"access_token":"at","novel":1})"), IsOk());
}

struct Bad {
  std::string_view name, entry, says;
};

class BadCredential : public testing::TestWithParam<Bad> {};

// Item 342.
TEST_P(BadCredential, IsRefused) {
  EXPECT_THAT(credential_from_json(GetParam().entry),
              FailsWith(ErrorKind::protocol, GetParam().says));
}

const Bad kBad[] = {
    {"NoJson", "{", "no JSON object"},
    {"NoObject", "[]", "no JSON object"},
    {"NoToken", R"({"token_type":"Bearer"})", "access_token is missing"},
    {"EmptyToken", R"({"access_token":""})", "access_token is missing"},
    {"TokenOfAnotherType", R"({"access_token":1})", "access_token has a wrong type"},
    {"ExpiryText", R"({"access_token":"at","expires_at":"soon"})", "expires_at"},
    {"ExpiryInfinite", R"({"access_token":"at","expires_at":1e999})", "no JSON object"},
    {"FlagText", R"({"access_token":"at","no_resource_indicator":"yes"})", "no_resource_indicator"},
    {"SecretNumber", R"({"access_token":"at","client_secret":5})", "client_secret"},
};

INSTANTIATE_TEST_SUITE_P(Item342, BadCredential, testing::ValuesIn(kBad),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace mcpio::store
