// SPDX-License-Identifier: MIT
#include "auth/identity_login.h"

#include <gmock/gmock.h>

#include "auth/grant_fixture.h"
#include "support/result_matchers.h"

namespace mcpio::auth {
namespace {

using test::FailsWith;
using testing::HasSubstr;

constexpr std::string_view kProvider = "https://idp.example";
constexpr std::string_view kProviderToken = "https://idp.example/token";
constexpr std::string_view kKey = "https://idp.example/.well-known/openid-configuration";
constexpr long long kBegin = 1'800'000'000;  // of the FakeClock

std::string id_token(std::string_view name, long long lives = 3600,
                     std::string_view issuer = kProvider) {
  codec::JsonWriter claims;
  claims.add("iss", issuer).add("aud", "at-the-provider").add("jti", name);
  claims.add("exp", kBegin + lives);
  return codec::base64url(R"({"alg":"RS256"})") + "." + codec::base64url(claims.text()) + ".c2ln";
}

std::string token_answer(std::string_view jwt, std::string_view refresh_token = "") {
  codec::JsonWriter json;
  json.add("access_token", "access").add("token_type", "Bearer").add("expires_in", 60LL);
  if (!jwt.empty()) json.add("id_token", jwt);
  if (!refresh_token.empty()) json.add("refresh_token", refresh_token);
  return json.text();
}

// A person who types the code at once.
class IdentityLoginTest : public testing::Test, public GrantFixture {
 protected:
  IdentityLoginTest() {
    settings.has_browser = false;
    settings.idp.issuer = kProvider;
    settings.idp.client_id = "at-the-provider";
    settings.client_id = "at-the-server";
    settings.client_secret = Secret("of the server alone");
    answers(kKey, {{404, ""}});
    answers("https://idp.example/.well-known/oauth-authorization-server",
            {{200, codec::JsonWriter()
                       .add("issuer", kProvider)
                       .add("token_endpoint", kProviderToken)
                       .add("device_authorization_endpoint", "https://idp.example/device")
                       .text()}});
    answers("https://idp.example/device",
            {{200, R"({"device_code":"dc","user_code":"WDJB","interval":1,"expires_in":60,)"
                   R"("verification_uri":"https://idp.example/go"})"}});
  }

  // As of an earlier run.
  void has_signed_in(std::string_view jwt, std::optional<std::string> refresh_token,
                     std::string client = "at-the-provider") {
    store::Credential credential;
    credential.access_token = Secret("old access");
    credential.id_token = Secret(std::string(jwt));
    if (refresh_token) credential.refresh_token = Secret(*refresh_token);
    credential.issuer = kProvider;
    credential.token_endpoint = kProviderToken;
    credential.client_id = std::move(client);
    ASSERT_THAT(credentials.save(kKey, credential), test::IsOk());
  }

  // The ID token, or why there is none.
  std::string prove(bool may_ask = true) {
    IdentityLogin login({.fetcher = fetcher,
                         .credentials = credentials,
                         .state = state,
                         .locks = locks,
                         .clock = clock,
                         .settings = settings,
                         .tell = [this](const std::string& text) { told += text; }});
    const IdentityLogin::IsRefused is_refused = [this](const Secret& token) {
      return token.reveal() == refused;
    };
    auto identity = await(login.prove(is_refused, may_ask));
    if (!identity) return identity.error().message;
    EXPECT_EQ(identity->endpoint.url, kProviderToken);
    EXPECT_EQ(identity->client.credentials.id, "at-the-provider");
    EXPECT_EQ(identity->client.certificate, nullptr);
    return std::string(identity->id_token.reveal());
  }
  store::Credential stored() { return credentials.load(kKey).value().value(); }

  std::string told;
  std::string refused;
};

TEST_F(IdentityLoginTest, ALoginIsKept) {
  answers(kProviderToken, {{200, token_answer(id_token("1"), "r1")}});
  EXPECT_EQ(prove(), id_token("1"));
  EXPECT_THAT(told, HasSubstr("WDJB"));
  EXPECT_EQ(stored().refresh_token, Secret("r1"));
  EXPECT_EQ(stored().client_id, "at-the-provider");
  const std::size_t asked = count();
  EXPECT_EQ(prove(), id_token("1"));
  EXPECT_EQ(count(), asked);
}

TEST_F(IdentityLoginTest, AnIdTokenThatIsOverIsRefreshed) {
  has_signed_in(id_token("1", 59), "r1");
  answers(kProviderToken, {{200, token_answer(id_token("2"), "r2")}});
  EXPECT_EQ(prove(), id_token("2"));
  ASSERT_EQ(count(), 1u);  // no metadata are read
  EXPECT_EQ(sent(0, "grant_type"), "refresh_token");
  EXPECT_EQ(sent(0, "refresh_token"), "r1");
  EXPECT_EQ(sent(0, "resource"), "");
  EXPECT_EQ(sent(0, "client_id"), "at-the-provider");
  EXPECT_EQ(stored().refresh_token, Secret("r2"));
  EXPECT_EQ(told, "");
}

TEST_F(IdentityLoginTest, AnIdTokenThatIsRefusedIsRefreshed) {
  has_signed_in(id_token("1"), "r1");
  refused = id_token("1");
  answers(kProviderToken, {{200, token_answer(id_token("2"))}});
  EXPECT_EQ(prove(), id_token("2"));
  EXPECT_EQ(stored().refresh_token, Secret("r1"));  // not rotated: still good
}

TEST_F(IdentityLoginTest, ARejectedRefreshLeadsToOneLogin) {
  has_signed_in(id_token("1", 0), "r1");
  answers(kProviderToken,
          {{400, refusal("invalid_grant")}, {200, token_answer(id_token("2"), "r2")}});
  EXPECT_EQ(prove(), id_token("2"));
  EXPECT_EQ(sent(0, "grant_type"), "refresh_token");
  EXPECT_EQ(sent(count() - 1, "grant_type"), "urn:ietf:params:oauth:grant-type:device_code");
  EXPECT_EQ(stored().refresh_token, Secret("r2"));
}

TEST_F(IdentityLoginTest, AFailedRefreshLeadsToNone) {
  has_signed_in(id_token("1", 0), "r1");
  answers(kProviderToken, {{503, ""}});
  EXPECT_THAT(prove(), HasSubstr("try again later"));
  EXPECT_EQ(stored().refresh_token, Secret("r1"));
  EXPECT_EQ(told, "");
}

TEST_F(IdentityLoginTest, ARefreshWithoutAnIdTokenIsOfNoUse) {
  has_signed_in(id_token("1", 0), "r1");
  answers(kProviderToken, {{200, token_answer("")}, {200, token_answer(id_token("2"))}});
  EXPECT_EQ(prove(), id_token("2"));
  EXPECT_THAT(told, HasSubstr("WDJB"));
}

TEST_F(IdentityLoginTest, NobodyIsAskedByATimer) {
  has_signed_in(id_token("1", 0), "r1");
  answers(kProviderToken, {{400, refusal("invalid_grant")}});
  EXPECT_THAT(prove(false), HasSubstr("only a login there"));
  EXPECT_EQ(count(), 1u);
  EXPECT_THAT(prove(false), HasSubstr("only a login there"));
  EXPECT_EQ(count(), 1u);  // a spent refresh token is not shown again
}

TEST_F(IdentityLoginTest, NobodyIsAskedTwiceInTenMinutes) {
  answers(kProviderToken, {{400, refusal("access_denied")}});
  EXPECT_THAT(prove(), HasSubstr("signing in there"));
  EXPECT_THAT(prove(), HasSubstr("a sign-in was offered"));
}

TEST_F(IdentityLoginTest, AnotherClientsLoginIsNotUsed) {
  has_signed_in(id_token("1"), "r1", "somebody-else");
  EXPECT_THAT(prove(false), HasSubstr("only a login there"));
  EXPECT_EQ(count(), 0u);
}

TEST_F(IdentityLoginTest, ALoginOfAnotherTokenEndpointIsNotUsed) {
  has_signed_in(id_token("1"), "r1");
  settings.idp.token_endpoint = "https://elsewhere.example/token";
  EXPECT_THAT(prove(false), HasSubstr("only a login there"));
  EXPECT_EQ(count(), 0u);
}

TEST_F(IdentityLoginTest, AnIdTokenOfAnotherIssuerIsNotTaken) {
  answers(kProviderToken, {{200, token_answer(id_token("1", 3600, "https://evil.example"))}});
  EXPECT_THAT(prove(), HasSubstr("is from https://evil.example"));
}

TEST_F(IdentityLoginTest, AProviderThatGivesNoIdTokenIsNamed) {
  answers(kProviderToken, {{200, token_answer("")}});
  EXPECT_THAT(prove(), HasSubstr("https://idp.example gave no ID token"));
}

TEST_F(IdentityLoginTest, NothingOfTheServersClientGoesThere) {
  settings.certificate =
      ClientCertificate{.facts = {}, .files = std::make_shared<const http::ClientCertificate>()};
  settings.token_params = {{"audience", "of the server"}};
  answers(kProviderToken, {{200, token_answer(id_token("1"), "r1")}});
  EXPECT_EQ(prove(), id_token("1"));
  for (std::size_t nth = 0; nth < count(); ++nth) {
    EXPECT_THAT(body_of(nth), testing::Not(HasSubstr("of%20the%20server")));
    EXPECT_EQ(header(nth, "Authorization"), "");
  }
}

}  // namespace
}  // namespace mcpio::auth
