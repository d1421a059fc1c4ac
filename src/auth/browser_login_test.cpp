// SPDX-License-Identifier: MIT
// A person whose answers are brought in by a pipe, as a terminal would bring them.
#include "auth/browser_login.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <array>

#include "auth/grant_fixture.h"
#include "codec/url.h"
#include "crypto/sha256.h"
#include "support/result_matchers.h"

namespace mcpio::auth {
namespace {

using test::FailsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::string_view kAuthorize = "https://as.example/authorize";
constexpr std::string_view kPush = "https://as.example/push";
constexpr std::string_view kRedirect = "https://tools.example/back";

class BrowserLoginTest : public testing::Test, public GrantFixture {
 protected:
  BrowserLoginTest() {
    EXPECT_EQ(::pipe(terminal_.data()), 0);
    settings.client_id = "the-client";
    settings.redirect_uri = kRedirect;  // nothing listens; the answer is pasted
    settings.paste_from = terminal_[0];
    settings.open_browser = false;
    where.server.endpoints.authorization = std::string(kAuthorize);
    where.server.code_challenge_methods = {"S256"};
    where.server.sends_iss = true;
    answers(kTokenUrl, {{200, std::string(kGoodToken)}});
  }
  ~BrowserLoginTest() override {
    for (const int end : terminal_) ::close(end);
  }

  Result<LoginResult> log_in(std::string scope = "") { return run(login_, std::move(scope)); }

  // The person sees the address, and answers `query` with the login's state for STATE.
  void heard(const std::string& text) {
    told_ += text;
    const auto at = text.find(kAuthorize);
    if (at == text.npos) return;
    opened_ = text.substr(at, text.find('\n', at) - at);
    for (std::string query : pasted_) {
      if (const auto state_at = query.find("STATE"); state_at != query.npos)
        query.replace(state_at, 5, asked("state"));
      query = std::string(kRedirect) + "?" + query + "\n";
      EXPECT_EQ(::write(terminal_[1], query.data(), query.size()),
                static_cast<ssize_t>(query.size()));
    }
  }
  // A parameter of the address that was opened.
  std::string asked(std::string_view name) const {
    const auto url = codec::parse_url(opened_);
    for (const auto& [key, value] : codec::decode_form(url->query.value_or("")))
      if (key == name) return value;
    return {};
  }

  std::array<int, 2> terminal_{};
  std::vector<std::string> pasted_ = {"code=the-code&state=STATE&iss=https://as.example"};
  std::string told_, opened_;
  BrowserLogin login_{fetcher, registry, tokens, settings,
                      [this](const std::string& text) { heard(text); }};
};

// RFC 6749, section 4.1; RFC 7636; RFC 8707.
TEST_F(BrowserLoginTest, AsksAndExchangesTheCode) {
  EXPECT_EQ(token_in(log_in("tools")), "the-token");
  EXPECT_EQ(asked("response_type"), "code");
  EXPECT_EQ(asked("client_id"), "the-client");
  EXPECT_EQ(asked("redirect_uri"), kRedirect);
  EXPECT_EQ(asked("scope"), "tools");
  EXPECT_EQ(asked("resource"), "https://mcp.example/mcp");
  EXPECT_EQ(asked("code_challenge_method"), "S256");
  ASSERT_EQ(count(), 1U);
  EXPECT_EQ(sent(0, "grant_type"), "authorization_code");
  EXPECT_EQ(sent(0, "code"), "the-code");
  EXPECT_EQ(sent(0, "redirect_uri"), kRedirect);
  EXPECT_EQ(codec::base64url(crypto::sha256(sent(0, "code_verifier"))), asked("code_challenge"));
  EXPECT_EQ(sent(0, "resource"), "https://mcp.example/mcp");
}

TEST_F(BrowserLoginTest, WaitsOnWhereTheAnswerIsNotOurs) {
  pasted_.insert(pasted_.begin(), "code=foreign&state=other&iss=https://as.example");
  EXPECT_EQ(token_in(log_in()), "the-token");
  EXPECT_EQ(sent(0, "code"), "the-code");
  EXPECT_THAT(told_, HasSubstr("belongs to another login"));
}

// RFC 9207, section 2.4: nothing of what a wrong issuer says is shown or used.
TEST_F(BrowserLoginTest, EndsAtAnAnswerOfAnotherIssuer) {
  for (const char* answer :
       {"code=the-code&state=STATE&iss=https://evil.example", "code=the-code&state=STATE",
        "error=access_denied&error_description=boo&state=STATE&iss=x"}) {
    pasted_ = {answer};
    const auto result = log_in();
    ASSERT_FALSE(result) << answer;
    EXPECT_THAT(result.error().message, Not(HasSubstr("boo")));
  }
  EXPECT_EQ(count(), 0U);
}

TEST_F(BrowserLoginTest, SaysThatThePersonRefused) {
  pasted_ = {"error=access_denied&state=STATE&iss=https://as.example"};
  EXPECT_THAT(log_in(), FailsWith(ErrorKind::rejected, "access_denied"));
}

TEST_F(BrowserLoginTest, GivesUpWhenNobodyAnswers) {
  settings.timeout = std::chrono::seconds(1);
  pasted_.clear();
  EXPECT_THAT(log_in(), FailsWith(ErrorKind::timed_out, "nobody signed in within 1 s"));
}

TEST_F(BrowserLoginTest, OpensNothingWithoutPkce) {
  where.server.code_challenge_methods = {"plain"};
  EXPECT_FALSE(log_in());
  EXPECT_THAT(told_, IsEmpty());
}

// RFC 9126: the browser carries a name, and nothing of what is asked for.
TEST_F(BrowserLoginTest, PushesTheRequestWhereThatIsOffered) {
  where.server.endpoints.pushed_authorization_request = std::string(kPush);
  where.server.requires_par = true;
  pasted_.clear();
  settings.timeout = std::chrono::seconds(1);
  answers(kPush, {{201, R"({"request_uri":"urn:x:1","expires_in":60})"}});
  EXPECT_THAT(log_in("tools"), FailsWith(ErrorKind::timed_out, ""));
  EXPECT_EQ(url(0), kPush);
  EXPECT_EQ(sent(0, "scope"), "tools");
  EXPECT_EQ(sent(0, "code_challenge_method"), "S256");
  EXPECT_EQ(asked("request_uri"), "urn:x:1");
  EXPECT_EQ(asked("scope"), "");
  EXPECT_EQ(asked("state"), "");
}

TEST_F(BrowserLoginTest, DoesNotGoOnWithoutAPushThatIsRequired) {
  where.server.endpoints.pushed_authorization_request = std::string(kPush);
  where.server.requires_par = true;
  answers(kPush, {{400, refusal("invalid_request")}});
  EXPECT_THAT(log_in(), FailsWith(ErrorKind::rejected,
                                  "pushed authorization request endpoint "
                                  "https://as.example/push answered 400 invalid_request; a "
                                  "parameter is missing or not wanted there"));
  EXPECT_THAT(told_, IsEmpty());
}

TEST_F(BrowserLoginTest, SaysWhatSuppliesASecretWhereAPushWithoutOneIsRefused) {
  where.server.endpoints.pushed_authorization_request = std::string(kPush);
  where.server.requires_par = true;
  answers(kPush, {{401, refusal("invalid_client")}});
  EXPECT_THAT(log_in(), FailsWith(ErrorKind::rejected,
                                  "pushed authorization request endpoint "
                                  "https://as.example/push answered 401 invalid_client; the "
                                  "authorization server refused a client without a secret: give a "
                                  "client secret (--client-secret-file"));
}

TEST_F(BrowserLoginTest, GoesOnWithoutAPushThatIsOfferedAndFails) {
  where.server.endpoints.pushed_authorization_request = std::string(kPush);
  answers(kPush, {{500, ""}});
  EXPECT_EQ(token_in(log_in()), "the-token");
}

TEST_F(BrowserLoginTest, SaysWhereTheCodeWasRefused) {
  answers_instead(kTokenUrl, {{400, refusal("invalid_grant")}});
  EXPECT_THAT(log_in(), FailsWith(ErrorKind::rejected, "token endpoint https://as.example/token"));
}

}  // namespace
}  // namespace mcpio::auth
