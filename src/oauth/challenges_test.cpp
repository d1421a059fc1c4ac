// SPDX-License-Identifier: MIT
#include "oauth/challenges.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace mcpio::oauth {
namespace {

using enum TokenScheme;

ServerChallenge read(std::vector<std::string_view> lines, TokenScheme used = bearer) {
  return read_challenges(lines, used);
}

// RFC 9728, section 5.1.
TEST(ServerChallenge, NamesTheResourceMetadata) {
  const auto challenge =
      read({R"(Bearer resource_metadata=)"
            R"("https://resource.example.com/.well-known/oauth-protected-resource")"});
  EXPECT_TRUE(challenge.bearer);
  EXPECT_FALSE(challenge.dpop);
  EXPECT_EQ(challenge.resource_metadata,
            "https://resource.example.com/.well-known/oauth-protected-resource");
  EXPECT_EQ(challenge.scope, "");
}

// MCP 2026-07-28, scope selection strategy and runtime insufficient scope errors.
TEST(ServerChallenge, NamesScopeAndError) {
  const auto challenge =
      read({R"(Bearer error="insufficient_scope", scope="files:write files:read", )"
            R"(resource_metadata="https://mcp.example.com/.well-known/oauth-protected-resource", )"
            R"(error_description="File write permission required for this operation")"});
  EXPECT_EQ(challenge.error, "insufficient_scope");
  EXPECT_EQ(challenge.scope, "files:write files:read");
  EXPECT_EQ(demand_of(403, challenge), Demand::more_scope);
}

// RFC 9470, section 3.
TEST(ServerChallenge, NamesTheStrengthOfALogin) {
  const auto acr = read({R"(Bearer error="insufficient_user_authentication", )"
                         R"(error_description="A different authentication level is required", )"
                         R"(acr_values="myACR")"});
  EXPECT_EQ(acr.acr_values, "myACR");
  EXPECT_EQ(acr.max_age, "");
  EXPECT_EQ(demand_of(401, acr), Demand::stronger_login);

  const auto age = read({R"(Bearer error="insufficient_user_authentication", )"
                         R"(error_description="More recent authentication is required", )"
                         R"(max_age="5")"});
  EXPECT_EQ(age.max_age, "5");
  EXPECT_EQ(demand_of(401, age), Demand::stronger_login);
}

TEST(ServerChallenge, TakesNoMaxAgeThatIsNoNumber) {
  for (const std::string_view age : {"-1", "5.5", "soon", "", "12345678901", " 5"})
    EXPECT_EQ(read({"Bearer max_age=\"" + std::string(age) + "\""}).max_age, "") << age;
  EXPECT_EQ(read({"Bearer max_age=0"}).max_age, "0");
}

TEST(ServerChallenge, IsFoundAmongOthersInAnyCaseAndOnAnyLine) {
  const auto challenge = read({"Negotiate, Basic realm=\"a, Bearer scope=b\"",
                               "bEaReR scope=c , Digest nonce=\"x\", scope=\"d\""});
  EXPECT_TRUE(challenge.bearer);
  EXPECT_EQ(challenge.scope, "c");
}

TEST(ServerChallenge, IsEmptyWithoutBearerOrDpop) {
  for (const auto& lines : {std::vector<std::string_view>{},
                            {"Negotiate"},
                            {"Basic realm=\"x\", scope=\"y\""},
                            {"BearerX scope=y"},
                            {"resource_metadata=\"https://a.example\""}}) {
    const auto challenge = read(lines);
    EXPECT_FALSE(challenge.bearer);
    EXPECT_FALSE(challenge.dpop);
    EXPECT_EQ(challenge.scope, "");
    EXPECT_EQ(challenge.resource_metadata, "");
    EXPECT_EQ(demand_of(401, challenge), Demand::authorization);
  }
}

TEST(ServerChallenge, IsNotFooledByDecoys) {
  const auto challenge = read({R"(Bearer realm="x, resource_metadata=\"https://evil.example\"", )"
                               R"(x_resource_metadata="https://evil.example", error_scope="evil", )"
                               R"(error_description="scope=evil, error=insufficient_scope")"});
  EXPECT_TRUE(challenge.bearer);
  EXPECT_EQ(challenge.resource_metadata, "");
  EXPECT_EQ(challenge.scope, "");
  EXPECT_EQ(challenge.error, "");
}

TEST(ServerChallenge, ReadsDpopLikeBearer) {
  const auto challenge = read({R"(DPoP algs="ES256 PS256", scope="a", )"
                               R"(resource_metadata="https://a.example/m")"});
  EXPECT_FALSE(challenge.bearer);
  EXPECT_TRUE(challenge.dpop);
  EXPECT_EQ(challenge.scope, "a");
  EXPECT_EQ(challenge.resource_metadata, "https://a.example/m");
}

TEST(ServerChallenge, TakesTheSchemeFirstThatWasUsed) {
  const std::vector<std::string_view> lines = {
      R"(Bearer error="invalid_token", scope="a", resource_metadata="https://a.example/m")",
      R"(DPoP error="use_dpop_nonce", scope="b")"};
  const auto with_bearer = read(lines, bearer);
  EXPECT_EQ(with_bearer.scope, "a");
  EXPECT_EQ(with_bearer.error, "invalid_token");
  EXPECT_EQ(demand_of(401, with_bearer), Demand::authorization);

  const auto with_dpop = read(lines, dpop);
  EXPECT_EQ(with_dpop.scope, "b");
  EXPECT_EQ(with_dpop.error, "use_dpop_nonce");
  EXPECT_EQ(with_dpop.resource_metadata, "https://a.example/m");
  EXPECT_EQ(demand_of(401, with_dpop), Demand::dpop_nonce);
  EXPECT_TRUE(with_dpop.bearer);
  EXPECT_TRUE(with_dpop.dpop);
}

// RFC 9449, section 7.2: the error is about the token of the one scheme.
TEST(ServerChallenge, KeepsAnErrorWithItsScheme) {
  const std::vector<std::string_view> lines = {
      R"(Bearer error="invalid_token", error_description="Invalid token", DPoP algs="ES256")"};
  EXPECT_EQ(read(lines, bearer).error, "invalid_token");
  EXPECT_EQ(read(lines, dpop).error, "");
}

// RFC 9449, section 9.
TEST(ServerChallenge, WantsANonceOnlyInAProof) {
  const std::vector<std::string_view> lines = {
      R"(DPoP error="use_dpop_nonce", )"
      R"(error_description="Resource server requires nonce in DPoP proof")"};
  EXPECT_EQ(demand_of(401, read(lines, dpop)), Demand::dpop_nonce);
  EXPECT_EQ(demand_of(401, read(lines, bearer)), Demand::authorization);
}

struct Case {
  int status;
  std::string_view error;
  Demand demand;
};

TEST(DemandOf, FollowsStatusAndError) {
  const Case kCases[] = {
      {401, "", Demand::authorization},
      {401, "invalid_token", Demand::authorization},
      {401, "invalid_request", Demand::authorization},
      {401, "insufficient_scope", Demand::authorization},
      {401, "insufficient_user_authentication", Demand::stronger_login},
      {401, "use_dpop_nonce", Demand::dpop_nonce},
      {403, "insufficient_scope", Demand::more_scope},
      {403, "", Demand::none},
      {403, "invalid_token", Demand::none},
      {403, "insufficient_user_authentication", Demand::none},
      {403, "use_dpop_nonce", Demand::none},
      {400, "insufficient_scope", Demand::none},
      {200, "", Demand::none},
      {500, "", Demand::none},
  };
  for (const auto& [status, error, demand] : kCases) {
    ServerChallenge challenge;
    challenge.error = error;
    EXPECT_EQ(demand_of(status, challenge), demand) << status << ' ' << error;
  }
}

}  // namespace
}  // namespace mcpio::oauth
