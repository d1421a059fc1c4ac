// SPDX-License-Identifier: MIT
#include "auth/token_grants.h"

#include <gmock/gmock.h>

#include "auth/grant_fixture.h"
#include "support/result_matchers.h"

namespace mcpio::auth {
namespace {

using test::FailsWith;
using test::HoldsOk;

class TokenGrantsTest : public testing::Test, public GrantFixture {
 protected:
  TokenGrantsTest() { where.server.endpoints.device_authorization = "https://as.example/device"; }

  TokenGrants grants() {
    return TokenGrants({.fetcher = fetcher,
                        .registry = registry,
                        .tokens = tokens,
                        .credentials = credentials,
                        .state = state,
                        .locks = locks,
                        .clock = clock,
                        .settings = settings},
                       [](std::string) {});
  }
  Result<Grant> chosen() { return grants().choose(where.server); }
  // May this run use what a run with that grant has stored?
  bool may_use(std::optional<Grant> stored) {
    if (stored) grants().remember(*stored);
    return grants().may_use_stored();
  }
};

TEST_F(TokenGrantsTest, ABrowserIsTheFirstChoice) {
  EXPECT_THAT(chosen(), HoldsOk(Grant::authorization_code));
}

TEST_F(TokenGrantsTest, ACodeIsForWhereThereIsNone) {
  settings.has_browser = false;
  EXPECT_THAT(chosen(), HoldsOk(Grant::device_code));
}

TEST_F(TokenGrantsTest, WithoutEitherTheLineToRunIsNamed) {
  settings.has_browser = false;
  where.server.endpoints.device_authorization.reset();
  EXPECT_THAT(chosen(), FailsWith(ErrorKind::unauthorized, "mcp-stdio login https://mcp.example"));
}

TEST_F(TokenGrantsTest, WithoutABrowserAGuessIsNotWorthALogin) {
  settings.has_browser = false;
  where.server = oauth::default_server_metadata(settings.server).value();
  EXPECT_THAT(chosen(), FailsWith(ErrorKind::no_sign_in, "MCP_BEARER_TOKEN"));
}

TEST_F(TokenGrantsTest, TheUserDecides) {
  settings.has_browser = false;
  settings.grant = Grant::authorization_code;
  EXPECT_THAT(chosen(), HoldsOk(Grant::authorization_code));
  settings.grant = Grant::id_jag;
  EXPECT_THAT(chosen(), HoldsOk(Grant::id_jag));
}

// A login for more scope takes the way that got the token.
TEST_F(TokenGrantsTest, MoreIsGotInTheSameWay) {
  const auto chosen_again = [this] { return grants().choose_again(where.server); };
  EXPECT_THAT(chosen_again(), HoldsOk(Grant::authorization_code));
  grants().remember(Grant::device_code);
  EXPECT_THAT(chosen_again(), HoldsOk(Grant::device_code));
  EXPECT_THAT(chosen(), HoldsOk(Grant::authorization_code));
  settings.grant = Grant::client_credentials;
  EXPECT_THAT(chosen_again(), HoldsOk(Grant::client_credentials));
  settings.grant.reset();
  where.server.endpoints.device_authorization.reset();
  EXPECT_THAT(chosen_again(), HoldsOk(Grant::authorization_code));
}

TEST_F(TokenGrantsTest, APersonsCredentialsDoForAPerson) {
  EXPECT_TRUE(may_use(std::nullopt));  // of the Python program
  EXPECT_TRUE(may_use(Grant::device_code));
  EXPECT_FALSE(may_use(Grant::client_credentials));
}

TEST_F(TokenGrantsTest, ANamedGrantWantsItsOwn) {
  settings.grant = Grant::client_credentials;
  EXPECT_FALSE(may_use(std::nullopt));
  EXPECT_FALSE(may_use(Grant::jwt_bearer));
  EXPECT_TRUE(may_use(Grant::client_credentials));
}

TEST_F(TokenGrantsTest, OnlyPersonsAreSpared) {
  EXPECT_TRUE(grants().needs_a_person());
  settings.grant = Grant::client_credentials;
  EXPECT_FALSE(grants().needs_a_person());
}

}  // namespace
}  // namespace mcpio::auth
