// SPDX-License-Identifier: MIT
#include "auth/token_keeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <functional>
#include <string>
#include <utility>

#include "auth/credential_lock.h"
#include "auth/token_refresh.h"
#include "io/pause.h"
#include "store/folder_fixture.h"
#include "store/memory_store.h"
#include "store/state_file.h"
#include "support/fake_clock.h"
#include "support/fake_http_client.h"
#include "support/result_matchers.h"
#include "support/run.h"

namespace mcpio::auth {
namespace {

using test::FailsWith;
using test::IsOk;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr auto kServer = "https://mcp.example/mcp";
constexpr auto kMetadata =
    R"({"issuer":"https://as.example","authorization_endpoint":"https://as.example/authorize",)"
    R"("token_endpoint":"https://as.example/token","response_types_supported":["code"],)"
    R"("code_challenge_methods_supported":["S256"]})";

// A disk without room.
class FullStore final : public store::CredentialStore {
 public:
  Result<std::optional<store::Credential>> load(std::string_view) override { return std::nullopt; }
  Result<void> save(std::string_view, const store::Credential&) override {
    return fail(ErrorKind::io, "no space left");
  }
  Result<void> remove(std::string_view) override { return ok(); }
  Result<std::vector<std::string>> keys() override { return std::vector<std::string>(); }
  std::string place() const override { return "nowhere"; }
};

// A person who is told where to sign in, and does not.
class TokenKeeperTest : public testing::Test {
 protected:
  TokenKeeperTest() {
    settings_.server = codec::parse_url(kServer).value();
    settings_.metadata = GivenMetadata{.text = kMetadata};
    settings_.client_id = "the-client";
    settings_.open_browser = false;
    settings_.patience = std::chrono::milliseconds(0);
    client_.on_request([this](test::FakeAnswer& answer) {
      answer.head(status_, {{"Content-Type", "application/json"}}).piece(body_).end();
    });
  }
  ~TokenKeeperTest() override {
    if (keeper_) test::run(loop_, keeper_->close());
  }

  // Of an earlier login, and about to expire.
  void has_an_old_token(std::string endpoint = "https://as.example/token") {
    store::Credential credential;
    credential.access_token = Secret("the-old-token");
    credential.refresh_token = Secret("refresh");
    credential.expires_at = 1'800'000'010.0;
    credential.client_id = "the-client";
    credential.issuer = "https://as.example";
    credential.token_endpoint = std::move(endpoint);
    ASSERT_THAT(credentials_.save(kServer, credential), IsOk());
  }

  TokenKeeper& keeper() {
    if (!keeper_)
      keeper_.emplace(loop_.get_executor(), client_, places_, refresh_, clock_, settings_,
                      [this](const std::string& text) { told_ += text; });
    return *keeper_;
  }
  std::string current() {
    auto token = test::run(loop_, keeper().current());
    if (!token) return token.error().message;
    return *token ? std::string((*token)->access_token.reveal()) : "none";
  }
  Result<void> renew() {
    TokenKeeper::Need need;
    need.refused = keeper().generation();
    need.by_server = true;
    return test::run(loop_, keeper().renew(std::move(need)));
  }
  store::Credential stored() { return credentials_.load(kServer).value().value(); }
  // As another process would have done it, which still lives or does not.
  void was_offered(bool has_ended) {
    const auto entry = codec::JsonWriter()
                           .add("asked_at", 1'799'999'990LL)
                           .add("ended", has_ended)
                           .add("told", "Open https://as.example/theirs")
                           .text();
    ASSERT_THAT(state_.put("logins", kServer, entry), IsOk());
  }
  std::optional<store::ProcessLock> take_lock() {
    return store::ProcessLock::try_take(credential_lock(locks_, kServer));
  }
  // Another process signs in meanwhile, and ends.
  void begin_behind_another_process(const std::function<void()>& before_its_end = [] {}) {
    auto lock = take_lock();
    EXPECT_TRUE(lock);
    EXPECT_THAT(renew(), FailsWith(ErrorKind::sign_in_pending,
                                   "Another mcp-stdio on this machine has asked for it. Open "
                                   "https://as.example/theirs"));
    before_its_end();
  }
  awaitable<void> until_told() {
    while (told_.empty()) co_await io::pause(std::chrono::milliseconds(5));
  }

  asio::io_context loop_{1};
  store::TemporaryFolder folder_;
  const std::filesystem::path locks_{folder_ / "locks"};
  store::StateFile state_{folder_ / "state.json"};
  store::MemoryStore credentials_;
  test::FakeHttpClient client_{loop_.get_executor()};
  test::FakeClock clock_;
  OAuthSettings settings_;
  Places places_{credentials_, state_, locks_};
  TokenRefresh refresh_{client_, places_, clock_, settings_};
  int status_ = 200;
  std::string body_ = R"({"access_token":"the-new-token","token_type":"Bearer","expires_in":600})";
  std::string told_;
  std::optional<TokenKeeper> keeper_;
};

TEST_F(TokenKeeperTest, RefreshesATokenThatIsAboutToExpire) {
  has_an_old_token();
  EXPECT_EQ(current(), "the-new-token");
  EXPECT_EQ(current(), "the-new-token");
  EXPECT_EQ(client_.count(), 1U);
}

TEST_F(TokenKeeperTest, SendsTheOldTokenWhereARefreshAheadOfTimeFails) {
  has_an_old_token();
  status_ = 503;
  EXPECT_EQ(current(), "the-old-token");
  EXPECT_EQ(current(), "the-old-token");
  EXPECT_EQ(client_.count(), 1U) << "not before every request";
  clock_.advance(std::chrono::seconds(61));
  EXPECT_EQ(current(), "the-old-token");
  EXPECT_EQ(client_.count(), 2U);
  status_ = 200;
  EXPECT_THAT(renew(), IsOk()) << "a refusal is another reason";
  EXPECT_EQ(current(), "the-new-token");
}

TEST_F(TokenKeeperTest, AsksNobodyBeforeTheServerHasRefusedTheToken) {
  has_an_old_token();
  status_ = 400;
  body_ = R"({"error":"invalid_grant"})";
  EXPECT_EQ(current(), "the-old-token");
  EXPECT_THAT(told_, IsEmpty());
  EXPECT_THAT(renew(), FailsWith(ErrorKind::sign_in_pending, "https://as.example/authorize?"));
}

// A configured secret is for the client it was configured with: an old login at some server must
// not collect it with its next refresh.
TEST_F(TokenKeeperTest, SendsAConfiguredSecretWithNoTokenOfAnotherClient) {
  has_an_old_token();
  settings_.client_id.clear();
  settings_.client_secret = Secret("the-configured-secret");
  EXPECT_EQ(current(), "the-new-token");
  EXPECT_THAT(std::string(client_.request(0).body->view()), Not(HasSubstr("secret")));
}

TEST_F(TokenKeeperTest, SendsAConfiguredSecretToItsIssuerOnly) {
  has_an_old_token();
  settings_.issuer = "https://other.example";
  settings_.client_secret = Secret("the-configured-secret");
  ASSERT_EQ(current(), "none") << "the entry is of another issuer";
  EXPECT_EQ(client_.count(), 0U);
}

TEST_F(TokenKeeperTest, SendsARefreshTokenToNoEndpointInTheClear) {
  has_an_old_token("http://as.example/token");
  EXPECT_EQ(current(), "the-old-token");
  EXPECT_EQ(client_.count(), 0U);
  EXPECT_THAT(renew(), FailsWith(ErrorKind::sign_in_pending, "open this address")) << "item 284";
}

// The entry may be of an older program: what is not known to be of that issuer is not used.
TEST_F(TokenKeeperTest, UsesNoEntryWithoutAnIssuerWhereOneIsNamed) {
  has_an_old_token();
  store::Credential credential = stored();
  credential.issuer.reset();
  ASSERT_THAT(credentials_.save(kServer, credential), IsOk());
  settings_.issuer = "https://as.example";
  EXPECT_EQ(current(), "none");
}

TEST_F(TokenKeeperTest, LetsNoRequestWaitLongerForAPersonThanItsClientDoes) {
  EXPECT_THAT(renew(), FailsWith(ErrorKind::sign_in_pending,
                                 "sign in first, then try again. To sign in, open this address"));
  const std::string told = told_;
  EXPECT_THAT(told, HasSubstr("https://as.example/authorize?"));
  EXPECT_THAT(renew(), FailsWith(ErrorKind::sign_in_pending, "https://as.example/authorize?"));
  EXPECT_EQ(told_, told) << "the login goes on, and there is one";
}

// A proxy in front of the authorization server, or a page that moved.
TEST_F(TokenKeeperTest, KeepsARefreshTokenOfWhichTheServerSaidNothing) {
  has_an_old_token();
  status_ = 403;
  body_ = "<html>go away</html>";
  EXPECT_EQ(current(), "the-old-token");
  EXPECT_THAT(renew(), FailsWith(ErrorKind::network, "answered 403"));
  EXPECT_THAT(told_, IsEmpty());
  status_ = 200;
  body_ = R"({"access_token":"the-new-token","token_type":"Bearer","expires_in":600})";
  EXPECT_THAT(renew(), IsOk());
  EXPECT_EQ(current(), "the-new-token");
}

// The Python program refreshes without our lock, and spends the refresh token that both have.
TEST_F(TokenKeeperTest, TakesWhatAnotherProgramHasRefreshedMeanwhile) {
  has_an_old_token();
  client_.on_request([this](test::FakeAnswer& answer) {
    store::Credential theirs = credentials_.load(kServer).value().value();
    theirs.access_token = Secret("their-token");
    theirs.refresh_token = Secret("their-refresh");
    theirs.expires_at = 1'800'000'600.0;
    ASSERT_THAT(credentials_.save(kServer, theirs), IsOk());
    answer.head(400, {{"Content-Type", "application/json"}});
    answer.piece(R"({"error":"invalid_grant"})").end();
  });
  EXPECT_EQ(current(), "their-token");
  EXPECT_EQ(client_.count(), 1U);
  EXPECT_THAT(told_, IsEmpty());
}

TEST_F(TokenKeeperTest, EveryRefreshNamesNoResourceIfTheLoginDidNot) {
  has_an_old_token();
  store::Credential credential = credentials_.load(kServer).value().value();
  credential.no_resource_indicator = true;
  ASSERT_THAT(credentials_.save(kServer, credential), IsOk());
  body_ =
      R"({"access_token":"the-new-token","refresh_token":"r2","token_type":"Bearer","expires_in":600})";
  EXPECT_EQ(current(), "the-new-token");
  EXPECT_THAT(renew(), IsOk());
  ASSERT_EQ(client_.count(), 2U);
  for (std::size_t nth : {0U, 1U})
    EXPECT_THAT(std::string(client_.request(nth).body->view()), Not(HasSubstr("resource")));
}

// Items 282, 287 and 321; RFC 6749, section 6.
TEST_F(TokenKeeperTest, ARefreshKeepsWhatItsAnswerLeavesOut) {
  has_an_old_token();
  store::Credential credential = stored();
  credential.scope = "a b";
  credential.id_token = Secret("the-id-token");
  ASSERT_THAT(credentials_.save(kServer, credential), IsOk());
  EXPECT_EQ(current(), "the-new-token");
  EXPECT_EQ(stored().access_token, Secret("the-new-token"));
  EXPECT_EQ(stored().refresh_token, Secret("refresh"));
  EXPECT_EQ(stored().id_token, Secret("the-id-token"));
  EXPECT_EQ(stored().scope, "a b");
  body_ =
      R"({"access_token":"another","refresh_token":"r2","id_token":"i2","scope":"a","token_type":"Bearer"})";
  EXPECT_THAT(renew(), IsOk());
  EXPECT_EQ(stored().refresh_token, Secret("r2"));
  EXPECT_EQ(stored().id_token, Secret("i2"));
  EXPECT_EQ(stored().scope, "a");
}

// Item 283: neither a token nor a refusal says nothing of the grant.
TEST_F(TokenKeeperTest, ARefreshWithoutATokenLosesNothing) {
  has_an_old_token();
  body_ = R"({"token_type":"Bearer"})";
  EXPECT_EQ(current(), "the-old-token");
  EXPECT_THAT(renew(), FailsWith(ErrorKind::protocol, "refreshing the token"));
  EXPECT_EQ(stored().refresh_token, Secret("refresh"));
  EXPECT_THAT(told_, IsEmpty());
}

// Item 303.
TEST_F(TokenKeeperTest, ATokenThatDoesNotSayWhenItExpiresIsUsed) {
  has_an_old_token();
  store::Credential credential = stored();
  credential.expires_at.reset();
  ASSERT_THAT(credentials_.save(kServer, credential), IsOk());
  EXPECT_EQ(current(), "the-old-token");
  EXPECT_EQ(client_.count(), 0U);
}

// Items 284, 307 and 308.
TEST_F(TokenKeeperTest, ASecretThatHasExpiredIsNotShown) {
  has_an_old_token();
  settings_.client_id.clear();
  store::Credential credential = stored();
  credential.client_secret = Secret("registered");
  credential.client_secret_expires_at = 1'800'000'000.0;
  ASSERT_THAT(credentials_.save(kServer, credential), IsOk());
  EXPECT_EQ(current(), "the-old-token");
  EXPECT_EQ(client_.count(), 0U);
}

TEST_F(TokenKeeperTest, ASecretThatExpiresLaterOrNeverIsShown) {
  for (const double expiry : {0.0, 1'800'000'001.0}) {
    has_an_old_token();
    settings_.client_id.clear();
    store::Credential credential = stored();
    credential.client_secret = Secret("registered");
    credential.client_secret_expires_at = expiry;
    ASSERT_THAT(credentials_.save(kServer, credential), IsOk());
    if (keeper_) test::run(loop_, keeper_->close());
    keeper_.reset();
    EXPECT_EQ(current(), "the-new-token") << expiry;
  }
}

// Item 322.
TEST_F(TokenKeeperTest, WhatTheUserSaysOfTheResourceCountsForAStoredTokenToo) {
  has_an_old_token();
  settings_.resource = "https://mcp.example/other";
  EXPECT_EQ(current(), "the-new-token");
  EXPECT_THAT(std::string(client_.request(0).body->view()),
              HasSubstr("resource=https%3A%2F%2Fmcp.example%2Fother"));
  EXPECT_EQ(stored().oauth_resource, "https://mcp.example/other");
}

// Item 344.
TEST_F(TokenKeeperTest, ATokenThatCannotBeSavedIsUsed) {
  FullStore full;
  settings_.grant = Grant::client_credentials;
  settings_.client_secret = Secret("secret");
  Places places{full, state_, locks_};
  TokenRefresh refresh(client_, places, clock_, settings_);
  keeper_.emplace(loop_.get_executor(), client_, places, refresh, clock_, settings_,
                  [this](const std::string& text) { told_ += text; });
  EXPECT_THAT(renew(), IsOk());
  EXPECT_EQ(current(), "the-new-token");
  test::run(loop_, keeper_->close());
  keeper_.reset();
}

TEST_F(TokenKeeperTest, ASlashMakesNoOtherIssuer) {
  has_an_old_token();
  settings_.issuer = "https://as.example/";
  EXPECT_EQ(current(), "the-new-token");
}

TEST_F(TokenKeeperTest, OffersNoLoginThatWasNotFinishedAWhileAgo) {
  was_offered(true);
  EXPECT_THAT(renew(), FailsWith(ErrorKind::unauthorized, "a sign-in was offered"));
  EXPECT_THAT(told_, IsEmpty());
}

TEST_F(TokenKeeperTest, TakesOverTheLoginOfAProcessThatDied) {
  was_offered(false);
  begin_behind_another_process();
  test::run(loop_, until_told());
  EXPECT_THAT(told_, HasSubstr("https://as.example/authorize?"));
}

TEST_F(TokenKeeperTest, OffersALoginAgainWhoseProcessDiedWithNobodyWaiting) {
  was_offered(false);
  EXPECT_THAT(renew(), FailsWith(ErrorKind::sign_in_pending, "https://as.example/authorize?"));
}

TEST_F(TokenKeeperTest, DoesNotTakeOverALoginThatSomebodyRefused) {
  was_offered(false);
  begin_behind_another_process([this] { was_offered(true); });
  EXPECT_THAT(test::run(loop_, keeper().until_login_ends()), IsOk());
  EXPECT_THAT(told_, IsEmpty());
}

// MCP 2026-07-28, authorization server discovery: only the challenge may say where the resource
// metadata are, so a login that no challenge began asks for one.
TEST_F(TokenKeeperTest, AsksTheServerWhatItWantsIfItHasNotSaid) {
  client_.on_request([](test::FakeAnswer& answer) {
    if (answer.request().url == kServer)
      return (void)answer
          .head(401,
                {{"WWW-Authenticate", R"(Bearer resource_metadata="https://mcp.example/hidden")"}})
          .end();
    answer.head(404, {}).end();
  });
  TokenKeeper::Need need;
  (void)test::run(loop_, keeper().renew(std::move(need)));
  ASSERT_GE(client_.count(), 2u);
  EXPECT_EQ(client_.request(0).url, kServer);
  EXPECT_FALSE(client_.request(0).fields.find("Authorization"));
  EXPECT_EQ(client_.request(1).url, "https://mcp.example/hidden");
}

// Of a server that names no authorization server, and has none of its own.
TEST_F(TokenKeeperTest, SaysWhatTheServerIsThatAsksForNoLogin) {
  settings_.metadata.reset();
  settings_.client_id.clear();
  settings_.patience.reset();
  struct Case {
    int status;
    std::string type, says;
  };
  for (const Case& c :
       {Case{401, "text/plain", "wants credentials and does not say how to sign in"},
        Case{200, "text/html", "is a web page and no MCP server"},
        Case{404, "text/html", "answered 404; is the URL right?"},
        Case{403, "text/plain", "answered 403"},
        Case{500, "text/plain", "answered 500: the server is in trouble"},
        Case{202, "application/json", "does not ask for a login"}}) {
    client_.on_request([&c](test::FakeAnswer& answer) {
      const bool is_mcp = answer.request().url == kServer;
      answer.head(is_mcp ? c.status : 404, {{"Content-Type", c.type}}).end();
    });
    TokenKeeper::Need need;
    const auto got = test::run(loop_, keeper().renew(std::move(need)));
    EXPECT_THAT(got, FailsWith(ErrorKind::no_sign_in, c.says));
    test::run(loop_, keeper_->close());
    keeper_.reset();
  }
}

TEST_F(TokenKeeperTest, DoesNotAskAServerThatHasSaidIt) {
  TokenKeeper::Need need;
  need.challenge.emplace().resource_metadata = "https://mcp.example/hidden";
  (void)test::run(loop_, keeper().renew(std::move(need)));
  ASSERT_GE(client_.count(), 1u);
  EXPECT_EQ(client_.request(0).url, "https://mcp.example/hidden");
}

}  // namespace
}  // namespace mcpio::auth
