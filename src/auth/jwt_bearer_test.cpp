// SPDX-License-Identifier: MIT
#include "auth/jwt_bearer.h"

#include <gmock/gmock.h>

#include "auth/grant_fixture.h"
#include "support/result_matchers.h"

namespace mcpio::auth {
namespace {

using test::FailsWith;
using Texts = std::vector<std::string>;

class JwtBearerTest : public testing::Test, public GrantFixture {
 protected:
  Result<LoginResult> present(Texts texts) {
    settings.assertion = std::make_shared<FakeJwtSource>(std::move(texts));
    JwtBearer grant(registry, tokens, state, clock, settings);
    return run(grant, "read");
  }
};

// RFC 7523, section 2.1. Google's service accounts have no client id.
TEST_F(JwtBearerTest, IsPresentedWithoutAClientIdIfThereIsNone) {
  answers(kTokenUrl, {{200, std::string(kGoodToken)}});
  EXPECT_EQ(token_in(present({foreign_jwt(kTokenUrl)})), "the-token");
  EXPECT_EQ(sent(0, "grant_type"), "urn:ietf:params:oauth:grant-type:jwt-bearer");
  EXPECT_EQ(sent(0, "assertion"), foreign_jwt(kTokenUrl));
  EXPECT_EQ(sent(0, "scope"), "read");
  const std::string body = body_of(0);
  EXPECT_EQ(body.find("client_id"), body.npos);
}

TEST_F(JwtBearerTest, NamesTheClientThereIs) {
  settings.client_id = "workload";
  answers(kTokenUrl, {{200, std::string(kGoodToken)}});
  EXPECT_EQ(token_in(present({foreign_jwt(kIssuer)})), "the-token");
  EXPECT_EQ(sent(0, "client_id"), "workload");
}

TEST_F(JwtBearerTest, IsNotSentToAServerItDoesNotName) {
  EXPECT_THAT(present({foreign_jwt("https://other.example")}),
              FailsWith(ErrorKind::config, "the assertion is for https://other.example"));
  EXPECT_EQ(count(), 0u);
}

TEST_F(JwtBearerTest, IsNotPresentedAgainOnceRefused) {
  answers(kTokenUrl, {{400, refusal("invalid_grant")}, {200, std::string(kGoodToken)}});
  EXPECT_THAT(present({foreign_jwt(kIssuer)}), FailsWith(ErrorKind::rejected, "invalid_grant"));
  EXPECT_THAT(present({foreign_jwt(kIssuer)}), FailsWith(ErrorKind::config, "has not changed"));
  EXPECT_EQ(count(), 1u);
  EXPECT_EQ(token_in(present({foreign_jwt(kIssuer, "2")})), "the-token");
}

// The way to authenticate was found at the cost of the assertion.
TEST_F(JwtBearerTest, IsPresentedOnceMoreIfANewOneIsAtHand) {
  settings.client_id = "workload";
  settings.client_secret = Secret("s");
  where.server.token_auth_methods = {"client_secret_post"};
  answers(kTokenUrl, {{401, refusal("invalid_client")},
                      {400, refusal("invalid_grant")},
                      {200, std::string(kGoodToken)}});
  EXPECT_EQ(token_in(present({foreign_jwt(kIssuer, "1"), foreign_jwt(kIssuer, "2")})), "the-token");
  ASSERT_EQ(count(), 3u);
  EXPECT_EQ(sent(1, "assertion"), foreign_jwt(kIssuer, "1"));
  EXPECT_EQ(sent(2, "assertion"), foreign_jwt(kIssuer, "2"));
  EXPECT_NE(header(2, "Authorization"), "");
}

TEST_F(JwtBearerTest, BelongsToTheFirstIssuerItWorkedWith) {
  answers(kTokenUrl, {{200, std::string(kGoodToken)}});
  EXPECT_EQ(token_in(present({foreign_jwt(kIssuer)})), "the-token");
  where.server.issuer = "https://hostile.example";
  EXPECT_THAT(present({foreign_jwt(kIssuer)}), FailsWith(ErrorKind::config, "nothing was sent"));
  EXPECT_EQ(count(), 1u);
}

}  // namespace
}  // namespace mcpio::auth
