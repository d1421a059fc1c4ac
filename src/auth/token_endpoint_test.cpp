// SPDX-License-Identifier: MIT
// Requests for tokens; most are bound to a key (RFC 9449, sections 5 and 8).
#include "auth/token_endpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <string>
#include <vector>

#include "auth/grant_fixture.h"
#include "codec/percent.h"
#include "oauth/key_fixture.h"
#include "support/fake_clock.h"
#include "support/fake_http_client.h"
#include "support/result_matchers.h"
#include "support/run.h"

namespace mcpio::auth {
namespace {

using test::FailsWith;
using test::IsOk;
using test::jwt_part;
using testing::HasSubstr;
using testing::Not;

constexpr auto kTokens = R"({"access_token":"the-token","token_type":"DPoP"})";

class BoundTokenTest : public testing::Test {
 protected:
  BoundTokenTest() {
    settings_.server = codec::parse_url("https://mcp.example/mcp").value();
    me_.credentials.id = "me";
    me_.proof_key = ProofKey::make();
    client_.on_request([this](test::FakeAnswer& answer) {
      const std::size_t nth = client_.count() - 1;
      script_.at(std::min(nth, script_.size() - 1))(answer);
    });
  }

  using Step = std::function<void(test::FakeAnswer&)>;
  static Step refuses(int status, std::string error, std::vector<http::Field> fields) {
    return [=](test::FakeAnswer& answer) {
      answer.head(status, fields).piece(R"({"error":")" + error + "\"}").end();
    };
  }
  static Step gives(std::string json, std::vector<http::Field> fields = {}) {
    return [=](test::FakeAnswer& answer) { answer.json(json, fields); };
  }

  Result<TokenReply> ask() {
    Endpoint endpoint;
    endpoint.url = "https://as.example/token";
    endpoint.issuer = "https://as.example";
    oauth::RefreshGrant grant;
    grant.refresh_token = Secret("refresh");
    return test::run(loop_, tokens_.token(endpoint, me_, oauth::token_fields(grant)));
  }
  std::string claims(std::size_t nth) {
    return jwt_part(client_.request(nth).fields.find("DPoP").value(), 1);
  }

  asio::io_context loop_{1};
  test::FakeHttpClient client_{loop_.get_executor()};
  test::FakeClock clock_;
  OAuthSettings settings_;
  Fetcher fetcher_{client_, settings_};
  TokenEndpoint tokens_{fetcher_, clock_, settings_};
  Client me_;
  std::vector<Step> script_;
};

TEST_F(BoundTokenTest, CarriesAProof) {
  script_ = {gives(kTokens)};
  const auto reply = ask();
  ASSERT_THAT(reply, IsOk());
  EXPECT_EQ(std::get<oauth::TokenSet>(reply->answer).scheme, oauth::TokenScheme::dpop);
  EXPECT_THAT(claims(0), HasSubstr(R"("htm":"POST","htu":"https://as.example/token")"));
}

TEST_F(BoundTokenTest, AnswersADemandForANonceAtOnce) {
  script_ = {refuses(400, "use_dpop_nonce", {{"DPoP-Nonce", "n1"}}), gives(kTokens)};
  ASSERT_THAT(ask(), IsOk());
  ASSERT_EQ(client_.count(), 2u);
  EXPECT_THAT(claims(0), Not(HasSubstr("nonce")));
  EXPECT_THAT(claims(1), HasSubstr(R"("nonce":"n1")"));
  ASSERT_THAT(ask(), IsOk());
  EXPECT_THAT(claims(2), HasSubstr(R"("nonce":"n1")"));
}

// RFC 9449, section 8.2: a success may bring the next one.
TEST_F(BoundTokenTest, RemembersTheNonceOfASuccess) {
  script_ = {gives(kTokens, {{"DPoP-Nonce", "n2"}})};
  ASSERT_THAT(ask(), IsOk());
  ASSERT_THAT(ask(), IsOk());
  EXPECT_THAT(claims(1), HasSubstr(R"("nonce":"n2")"));
}

TEST_F(BoundTokenTest, DoesNotChaseNonces) {
  script_ = {refuses(400, "use_dpop_nonce", {{"DPoP-Nonce", "n1"}})};
  const auto reply = ask();
  ASSERT_THAT(reply, IsOk());
  EXPECT_EQ(std::get<oauth::TokenError>(reply->answer).error, "use_dpop_nonce");
  EXPECT_EQ(client_.count(), 2u);
}

TEST_F(BoundTokenTest, DoesNotRetryWithoutANonce) {
  script_ = {refuses(400, "use_dpop_nonce", {})};
  ASSERT_THAT(ask(), IsOk());
  EXPECT_EQ(client_.count(), 1u);
}

// The clock of the fake stands at 2027-01-15 08:00:00; the server is two minutes ahead.
TEST_F(BoundTokenTest, FollowsTheServersClock) {
  script_ = {refuses(400, "invalid_dpop_proof", {{"Date", "Fri, 15 Jan 2027 08:02:00 GMT"}}),
             gives(kTokens)};
  ASSERT_THAT(ask(), IsOk());
  ASSERT_EQ(client_.count(), 2u);
  EXPECT_THAT(claims(0), HasSubstr(R"("iat":1800000000)"));
  EXPECT_THAT(claims(1), HasSubstr(R"("iat":1800000120)"));
}

TEST_F(BoundTokenTest, RefusesABearerToken) {
  script_ = {gives(R"({"access_token":"the-token","token_type":"Bearer"})")};
  EXPECT_THAT(ask(), FailsWith(ErrorKind::protocol, "--dpop"));
}

TEST_F(BoundTokenTest, IsNotAskedForWithoutAKey) {
  me_.proof_key.reset();
  script_ = {gives(R"({"access_token":"the-token","token_type":"Bearer"})")};
  ASSERT_THAT(ask(), IsOk());
  EXPECT_FALSE(client_.request(0).fields.find("DPoP"));
}

// ---- Other than that ----------------------------------------------------------------------------

class TokenEndpointTest : public BoundTokenTest {
 protected:
  TokenEndpointTest() { me_.proof_key.reset(); }

  std::string sent(std::size_t nth, std::string_view field) {
    for (const auto& [name, value] : codec::decode_form(client_.request(nth).body->view()))
      if (name == field) return value;
    return {};
  }
};

// Servers say invalid_client, and seldom that it was the time.
TEST_F(TokenEndpointTest, MakesAnAssertionOnceMoreWithTheServersTime) {
  me_.credentials.secret = Secret("a secret that is long enough for HS256");
  me_.authentication.how.method = oauth::AuthMethod::client_secret_jwt;
  script_ = {refuses(401, "invalid_client", {{"Date", "Fri, 15 Jan 2027 08:02:00 GMT"}}),
             gives(R"({"access_token":"the-token","token_type":"Bearer"})")};
  ASSERT_THAT(ask(), IsOk());
  ASSERT_EQ(client_.count(), 2u);
  EXPECT_THAT(jwt_part(sent(0, "client_assertion"), 1), HasSubstr(R"("iat":1800000000)"));
  EXPECT_THAT(jwt_part(sent(1, "client_assertion"), 1), HasSubstr(R"("iat":1800000120)"));
}

TEST_F(TokenEndpointTest, DoesNotChaseTheServersTime) {
  me_.credentials.secret = Secret("a secret that is long enough for HS256");
  me_.authentication.how.method = oauth::AuthMethod::client_secret_jwt;
  script_ = {refuses(401, "invalid_client", {{"Date", "Fri, 15 Jan 2027 08:02:00 GMT"}}),
             refuses(401, "invalid_client", {{"Date", "Fri, 15 Jan 2027 08:09:00 GMT"}})};
  const auto reply = ask();
  ASSERT_THAT(reply, IsOk());
  EXPECT_EQ(std::get<oauth::TokenError>(reply->answer).error, "invalid_client");
  EXPECT_EQ(client_.count(), 2u);
}

TEST_F(TokenEndpointTest, AddsTheUsersParametersToRequestsForTokensOnly) {
  settings_.token_params = {{"audience", "https://api.example"}};
  script_ = {gives(R"({"access_token":"the-token","token_type":"Bearer"})")};
  ASSERT_THAT(ask(), IsOk());
  Endpoint endpoint;
  endpoint.url = "https://as.example/par";
  ASSERT_THAT(test::run(loop_, tokens_.post(endpoint, me_, oauth::Fields())), IsOk());
  EXPECT_EQ(sent(0, "audience"), "https://api.example");
  EXPECT_EQ(sent(1, "audience"), "");
}

// By a JWT of somebody else, at whatever endpoint.
class ForeignAssertionTest : public testing::Test, public GrantFixture {
 protected:
  ForeignAssertionTest() {
    me_.credentials.id = "me";
    me_.authentication.how.method = oauth::AuthMethod::private_key_jwt;
  }

  Result<PostReply> post(std::string_view path, std::string_view audience) {
    settings.client_assertion =
        std::make_shared<FakeJwtSource>(std::vector<std::string>{foreign_jwt(audience)});
    const std::string url = std::string(kIssuer) + std::string(path);
    answers(url, {{200, "{}"}});
    asio::io_context loop;
    return test::run(loop, tokens.post(endpoint_at(where.server, url), me_, {}));
  }

  Client me_;
  static constexpr std::string_view kPaths[] = {"/token", "/par", "/device", "/revoke"};
};

TEST_F(ForeignAssertionTest, IsForTheIssuerTheTokenEndpointOrTheOneItGoesTo) {
  for (const std::string_view path : kPaths) {
    EXPECT_THAT(post(path, kIssuer), IsOk()) << path;
    EXPECT_THAT(post(path, kTokenUrl), IsOk()) << path;
    EXPECT_THAT(post(path, std::string(kIssuer) + std::string(path)), IsOk()) << path;
  }
  EXPECT_EQ(count(), 12U);
}

TEST_F(ForeignAssertionTest, IsLookedAtBeforeAnybodyIsAsked) {
  const auto check = [this](std::string_view audience) {
    settings.client_assertion =
        std::make_shared<FakeJwtSource>(std::vector<std::string>{foreign_jwt(audience)});
    asio::io_context loop;
    return test::run(
        loop, tokens.check_assertion(endpoint_at(where.server, std::string(kTokenUrl)), me_));
  };
  EXPECT_THAT(check(kIssuer), IsOk());
  EXPECT_THAT(check("https://other.example"), FailsWith(ErrorKind::config, "is not sent"));
  me_.authentication.how.method = oauth::AuthMethod::none;
  EXPECT_THAT(check("https://other.example"), IsOk());
  EXPECT_EQ(count(), 0U);
}

TEST_F(ForeignAssertionTest, IsNotSentIfItIsForAnybodyElse) {
  for (const std::string_view path : kPaths)
    for (const std::string_view other : {"https://other.example", "https://as.example/other", ""})
      EXPECT_THAT(post(path, other), FailsWith(ErrorKind::config, "and is not sent")) << path;
  EXPECT_EQ(count(), 0U);
}

// A server's metadata may name a token endpoint that is not its own: an assertion for that one
// would be good there, in whoever's hands.
TEST_F(ForeignAssertionTest, ForATokenEndpointOfAnotherOriginGoesNowhereElse) {
  where.server.endpoints.token = "https://honest.example/token";
  EXPECT_THAT(post("/par", "https://honest.example/token"),
              FailsWith(ErrorKind::config, "and is not sent"));
  EXPECT_THAT(post("/par", kIssuer), IsOk());
  EXPECT_EQ(count(), 1U);
}

}  // namespace
}  // namespace mcpio::auth
