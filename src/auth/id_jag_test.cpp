// SPDX-License-Identifier: MIT
#include "auth/id_jag.h"

#include <gmock/gmock.h>

#include "auth/grant_fixture.h"
#include "support/result_matchers.h"

namespace mcpio::auth {
namespace {

using test::FailsWith;

constexpr std::string_view kIdpTokenUrl = "https://idp.example/token";

std::string jag_answer(std::string_view audience) {
  return codec::JsonWriter()
      .add("access_token", foreign_jwt(audience))
      .add("issued_token_type", "urn:ietf:params:oauth:token-type:id-jag")
      .add("token_type", "N_A")
      .text();
}

class IdJagTest : public testing::Test, public GrantFixture {
 protected:
  std::string told;

  IdJagTest() {
    settings.client_id = "at-the-server";
    settings.client_secret = Secret("the server's");
    settings.idp.issuer = "https://idp.example";
    settings.idp.token_endpoint = std::string(kIdpTokenUrl);
    settings.idp.client_id = "at-the-provider";
    settings.idp.client_secret = Secret("the provider's");
    settings.idp.id_token =
        std::make_shared<FakeJwtSource>(std::vector<std::string>{"the.id.token"});
  }

  Result<LoginResult> get_token() {
    IdJag grant({.fetcher = fetcher,
                 .registry = registry,
                 .tokens = tokens,
                 .credentials = credentials,
                 .state = state,
                 .locks = locks,
                 .clock = clock,
                 .settings = settings},
                [this](const std::string& text) { told += text; });
    return run(grant, "chat.read");
  }
};

// The extension's sections 4 and 5.
TEST_F(IdJagTest, ExchangesTheIdTokenAndPresentsTheGrant) {
  answers(kIdpTokenUrl, {{200, jag_answer(kIssuer)}});
  answers(kTokenUrl, {{200, std::string(kGoodToken)}});
  EXPECT_EQ(token_in(get_token()), "the-token");
  ASSERT_EQ(count(), 2u);
  EXPECT_EQ(url(0), kIdpTokenUrl);
  EXPECT_EQ(sent(0, "grant_type"), "urn:ietf:params:oauth:grant-type:token-exchange");
  EXPECT_EQ(sent(0, "requested_token_type"), "urn:ietf:params:oauth:token-type:id-jag");
  EXPECT_EQ(sent(0, "audience"), kIssuer);
  EXPECT_EQ(sent(0, "resource"), "https://mcp.example/mcp");
  EXPECT_EQ(sent(0, "scope"), "chat.read");
  EXPECT_EQ(sent(0, "subject_token"), "the.id.token");
  EXPECT_EQ(sent(0, "subject_token_type"), "urn:ietf:params:oauth:token-type:id_token");
  EXPECT_EQ(header(0, "Authorization"),
            "Basic " + codec::base64("at-the-provider:the%20provider%27s"));
  EXPECT_EQ(url(1), kTokenUrl);
  EXPECT_EQ(sent(1, "grant_type"), "urn:ietf:params:oauth:grant-type:jwt-bearer");
  EXPECT_EQ(sent(1, "assertion"), foreign_jwt(kIssuer));
  EXPECT_EQ(header(1, "Authorization"), "Basic " + codec::base64("at-the-server:the%20server%27s"));
}

TEST_F(IdJagTest, FindsTheProvidersTokenEndpoint) {
  settings.idp.token_endpoint.clear();
  answers(
      "https://idp.example/.well-known/oauth-authorization-server",
      {{200, R"({"issuer":"https://idp.example","token_endpoint":"https://idp.example/token"})"}});
  answers(kIdpTokenUrl, {{200, jag_answer(kIssuer)}});
  answers(kTokenUrl, {{200, std::string(kGoodToken)}});
  EXPECT_EQ(token_in(get_token()), "the-token");
}

// As at any other authorization server.
TEST_F(IdJagTest, AuthenticatesAsTheProvidersMetadataSay) {
  settings.idp.token_endpoint.clear();
  answers("https://idp.example/.well-known/oauth-authorization-server",
          {{200, R"({"issuer":"https://idp.example","token_endpoint":"https://idp.example/token",)"
                 R"("token_endpoint_auth_methods_supported":["client_secret_post"]})"}});
  answers(kIdpTokenUrl, {{200, jag_answer(kIssuer)}});
  answers(kTokenUrl, {{200, std::string(kGoodToken)}});
  EXPECT_EQ(token_in(get_token()), "the-token");
  ASSERT_EQ(count(), 3u) << "the metadata, the exchange, the grant";
  EXPECT_EQ(url(1), kIdpTokenUrl);
  EXPECT_EQ(header(1, "Authorization"), "");
  EXPECT_EQ(sent(1, "client_id"), "at-the-provider");
  EXPECT_EQ(sent(1, "client_secret"), "the provider's");
}

TEST_F(IdJagTest, NamesTheProvidersOwnOptionsWhereItRefusesTheClient) {
  answers(kIdpTokenUrl, {{401, refusal("invalid_client")}});
  EXPECT_THAT(get_token(), FailsWith(ErrorKind::rejected, "--idp-client-secret-file"));
}

TEST_F(IdJagTest, DoesNotSendAGrantThatIsForSomebodyElse) {
  answers(kIdpTokenUrl, {{200, jag_answer("https://other.example")}});
  EXPECT_THAT(get_token(), FailsWith(ErrorKind::config, "the identity provider's grant is for"));
  EXPECT_EQ(count(), 1u);
}

TEST_F(IdJagTest, DoesNotPresentARefusedIdTokenAgain) {
  answers(kIdpTokenUrl, {{400, refusal("invalid_grant")}});
  EXPECT_THAT(get_token(), FailsWith(ErrorKind::rejected, "asking the identity provider"));
  EXPECT_THAT(get_token(), FailsWith(ErrorKind::config, "has not changed"));
  EXPECT_EQ(count(), 1u);
}

TEST_F(IdJagTest, NeedsAClientAtTheServer) {
  settings.client_id.clear();
  EXPECT_THAT(get_token(), FailsWith(ErrorKind::config, "needs --client-id"));
  EXPECT_EQ(count(), 0u);
}

}  // namespace
}  // namespace mcpio::auth
