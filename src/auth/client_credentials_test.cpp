// SPDX-License-Identifier: MIT
#include "auth/client_credentials.h"

#include <gmock/gmock.h>

#include "auth/grant_fixture.h"
#include "oauth/key_fixture.h"
#include "support/result_matchers.h"

namespace mcpio::auth {
namespace {

using test::FailsWith;

class ClientCredentialsTest : public testing::Test, public GrantFixture {
 protected:
  ClientCredentialsTest() {
    settings.client_id = "the-service";
    answers(kTokenUrl, {{200, std::string(kGoodToken)}});
  }

  ClientCredentials grant_{registry, tokens};
};

// RFC 6749, section 4.4.2; RFC 8707, section 2.
TEST_F(ClientCredentialsTest, AreShownAtTheTokenEndpointAlone) {
  settings.client_secret = Secret("a secret");
  EXPECT_EQ(token_in(run(grant_, "read write")), "the-token");
  ASSERT_EQ(count(), 1u);
  EXPECT_EQ(url(0), kTokenUrl);
  EXPECT_EQ(sent(0, "grant_type"), "client_credentials");
  EXPECT_EQ(sent(0, "scope"), "read write");
  EXPECT_EQ(sent(0, "resource"), "https://mcp.example/mcp");
  EXPECT_EQ(header(0, "Authorization"), "Basic " + codec::base64("the-service:a%20secret"));
}

TEST_F(ClientCredentialsTest, MayBeAKey) {
  settings.key = oauth::ClientKey{.key = test::key_of(crypto::kEd25519Jwk)};
  where.server.token_auth_methods = {"private_key_jwt"};
  where.server.token_auth_signing_algs = {"EdDSA"};
  EXPECT_EQ(token_in(run(grant_)), "the-token");
  EXPECT_THAT(test::jwt_part(sent(0, "client_assertion"), 1),
              testing::HasSubstr(R"("aud":"https://as.example")"));
}

// Kubernetes renews the file; each use reads it again.
TEST_F(ClientCredentialsTest, MayBeTheAssertionOfSomebodyElse) {
  const auto source = std::make_shared<FakeJwtSource>(
      std::vector<std::string>{foreign_jwt(kIssuer, "1"), foreign_jwt(kIssuer, "2")});
  settings.client_assertion = source;
  EXPECT_EQ(token_in(run(grant_)), "the-token");
  EXPECT_EQ(token_in(run(grant_)), "the-token");
  EXPECT_EQ(sent(0, "client_assertion"), foreign_jwt(kIssuer, "1"));
  EXPECT_EQ(sent(1, "client_assertion"), foreign_jwt(kIssuer, "2"));
}

TEST_F(ClientCredentialsTest, AreNotSentToAServerThatTheAssertionDoesNotName) {
  settings.client_assertion = std::make_shared<FakeJwtSource>(
      std::vector<std::string>{foreign_jwt("https://other.example")});
  EXPECT_THAT(run(grant_), FailsWith(ErrorKind::config, "is not sent"));
  EXPECT_EQ(count(), 0u);
}

// A hostile MCP server may name an authorization server of its own.
TEST_F(ClientCredentialsTest, BelongToTheFirstIssuerTheyWorkedWith) {
  settings.client_assertion =
      std::make_shared<FakeJwtSource>(std::vector<std::string>{foreign_jwt(kIssuer)});
  EXPECT_EQ(token_in(run(grant_)), "the-token");
  where.server.issuer = "https://hostile.example";
  EXPECT_THAT(run(grant_), FailsWith(ErrorKind::config, "nothing was sent"));
  EXPECT_EQ(count(), 1u);
}

TEST_F(ClientCredentialsTest, NeverRegister) {
  settings.client_id.clear();
  where.server.endpoints.registration = "https://as.example/register";
  EXPECT_THAT(run(grant_), FailsWith(ErrorKind::config, "needs --client-id"));
  EXPECT_EQ(count(), 0u);
}

TEST_F(ClientCredentialsTest, NeedAProof) {
  EXPECT_THAT(run(grant_), FailsWith(ErrorKind::config, "proves who the client is"));
  EXPECT_EQ(count(), 0u);
}

}  // namespace
}  // namespace mcpio::auth
