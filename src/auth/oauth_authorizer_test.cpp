// SPDX-License-Identifier: MIT
// Requests to the MCP server with a token that is bound to a key (RFC 9449, sections 7 and 9).
#include "auth/oauth_authorizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <string>

#include "auth/token_refresh.h"
#include "oauth/key_fixture.h"
#include "store/folder_fixture.h"
#include "store/memory_store.h"
#include "store/state_file.h"
#include "support/fake_clock.h"
#include "support/fake_http_client.h"
#include "support/result_matchers.h"
#include "support/run.h"

namespace mcpio::auth {
namespace {

using test::HoldsOk;
using test::IsOk;
using test::jwt_part;
using testing::HasSubstr;
using testing::Not;

constexpr auto kServer = "https://mcp.example/mcp";

class BoundRequestTest : public testing::Test {
 protected:
  BoundRequestTest() {
    settings_.server = codec::parse_url(kServer).value();
    settings_.asking = Asking::never;
  }
  ~BoundRequestTest() override {
    if (keeper_) test::run(loop_, keeper_->close());
  }

  // What an earlier login has left behind.
  void sign_in(std::string type = "DPoP") {
    store::Credential credential;
    credential.access_token = Secret("the-token");
    credential.token_type = std::move(type);
    ASSERT_THAT(credentials_.save(kServer, credential), IsOk());
    ASSERT_THAT(ProofKey::make()->save(state_, settings_.server), IsOk());
  }

  OAuthAuthorizer& authorizer() {
    if (authorizer_) return *authorizer_;
    keeper_.emplace(loop_.get_executor(), client_, places_, refresh_, clock_, settings_,
                    [](const std::string&) {});
    authorizer_.emplace(*keeper_, fields_, proxies_, clock_, false, false);
    return *authorizer_;
  }

  http::Request authorized(std::string url = kServer) {
    http::Request request;
    request.method = "POST";
    request.url = std::move(url);
    EXPECT_THAT(test::run(loop_, authorizer().authorize(request)), IsOk());
    return request;
  }
  static std::string claims(const http::Request& request) {
    return jwt_part(request.fields.find("DPoP").value(), 1);
  }

  // As the link does it: the answer is heard, then a refusal dealt with.
  Result<bool> answer(int status, std::vector<http::Field> fields) {
    http::Refusal refusal;
    refusal.used = 1;
    refusal.answer.status = status;
    for (const auto& field : fields) refusal.answer.fields.add(field.name, field.value);
    test::FakeExchange exchange(std::make_shared<test::FakeAnswer>(loop_.get_executor()));
    authorizer().answered(refusal.answer, exchange);
    if (status == 200) return true;
    return test::run(loop_, authorizer().challenged(std::move(refusal)));
  }

  asio::io_context loop_{1};
  store::TemporaryFolder folder_;
  store::StateFile state_{folder_ / "state.json"};
  store::MemoryStore credentials_;
  test::FakeHttpClient client_{loop_.get_executor()};
  test::FakeClock clock_;
  OAuthSettings settings_;
  Places places_{credentials_, state_, folder_ / "locks"};
  TokenRefresh refresh_{client_, places_, clock_, settings_};
  http::ProxySettings proxies_;
  StaticCredentials fields_{codec::parse_url(kServer).value(), {}, proxies_, false};
  std::optional<TokenKeeper> keeper_;
  std::optional<OAuthAuthorizer> authorizer_;
};

TEST_F(BoundRequestTest, CarriesTokenAndProof) {
  sign_in();
  const http::Request request = authorized("https://mcp.example/mcp?x=1");
  EXPECT_EQ(request.fields.find("Authorization"), "DPoP the-token");
  EXPECT_THAT(claims(request), HasSubstr(R"("htm":"POST","htu":"https://mcp.example/mcp")"));
  EXPECT_THAT(claims(request), HasSubstr(R"("ath":")"));
}

TEST_F(BoundRequestTest, HasAProofOfItsOwnEachTime) {
  sign_in();
  EXPECT_NE(claims(authorized()), claims(authorized()));
}

TEST_F(BoundRequestTest, TellsOtherOriginsNothing) {
  sign_in();
  EXPECT_TRUE(authorized("https://other.example/mcp").fields.empty());
}

TEST_F(BoundRequestTest, IsRepeatedWithTheNonceThatIsAskedFor) {
  sign_in();
  EXPECT_THAT(claims(authorized()), Not(HasSubstr("nonce")));
  EXPECT_THAT(
      answer(401, {{"WWW-Authenticate", "DPoP error=\"use_dpop_nonce\""}, {"DPoP-Nonce", "n1"}}),
      HoldsOk(true));
  EXPECT_THAT(claims(authorized()), HasSubstr(R"("nonce":"n1")"));
  EXPECT_EQ(client_.count(), 0u);  // neither a refresh nor a login
}

TEST_F(BoundRequestTest, IsNotRepeatedWithoutANonce) {
  sign_in();
  authorized();
  EXPECT_THAT(answer(401, {{"WWW-Authenticate", "DPoP error=\"use_dpop_nonce\""}}), HoldsOk(false));
}

// RFC 9449, section 8.2.
TEST_F(BoundRequestTest, UsesTheNonceOfASuccess) {
  sign_in();
  authorized();
  ASSERT_THAT(answer(200, {{"DPoP-Nonce", "n2"}}), IsOk());
  EXPECT_THAT(claims(authorized()), HasSubstr(R"("nonce":"n2")"));
}

TEST_F(BoundRequestTest, FollowsTheServersClock) {
  sign_in();
  authorized();
  EXPECT_THAT(answer(401, {{"WWW-Authenticate", "DPoP error=\"invalid_dpop_proof\""},
                           {"Date", "Fri, 15 Jan 2027 08:02:00 GMT"}}),
              HoldsOk(true));
  EXPECT_THAT(claims(authorized()), HasSubstr(R"("iat":1800000120)"));
}

TEST_F(BoundRequestTest, NeedsTheKeyOfTheToken) {
  sign_in();
  ASSERT_THAT(ProofKey::remove(state_, settings_.server), IsOk());
  EXPECT_TRUE(authorized().fields.empty());
}

TEST_F(BoundRequestTest, IsNotMadeWithABearerToken) {
  sign_in("Bearer");
  const http::Request request = authorized();
  EXPECT_EQ(request.fields.find("Authorization"), "Bearer the-token");
  EXPECT_FALSE(request.fields.find("DPoP"));
}

TEST_F(BoundRequestTest, MustBeBoundWithDpop) {
  settings_.dpop = true;
  sign_in("Bearer");
  EXPECT_TRUE(authorized().fields.empty());
}

}  // namespace
}  // namespace mcpio::auth
