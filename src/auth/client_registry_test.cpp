// SPDX-License-Identifier: MIT
#include "auth/client_registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auth/grant_fixture.h"
#include "support/result_matchers.h"

namespace mcpio::auth {
namespace {

using test::FailsWith;
using test::IsOk;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::string_view kRegistrationUrl = "https://as.example/register";
constexpr std::string_view kRedirectUri = "http://127.0.0.1:7/callback";

class ClientRegistryTest : public testing::Test, public GrantFixture {
 protected:
  ClientRegistryTest() { where.server.endpoints.registration = std::string(kRegistrationUrl); }

  // Who we are in a login at this moment.
  Result<Client> client() {
    asio::io_context loop;
    ClientRegistry::Purpose purpose{.redirect_uri = std::string(kRedirectUri)};
    return test::run(loop, registry.client_for(where.server, std::move(purpose)));
  }

  void show_certificate(bool is_self_signed = false) {
    settings.certificate =
        ClientCertificate{.facts = {.x5c = "MIIB",
                                    .subject = "CN=me,O=here",
                                    .public_jwk = R"({"kty":"OKP"})",
                                    .thumbprint = "thumb",
                                    .is_self_signed = is_self_signed},
                          .files = std::make_shared<const http::ClientCertificate>()};
  }

  void registers(std::string answer) { answers(kRegistrationUrl, {{201, std::move(answer)}}); }
};

TEST_F(ClientRegistryTest, RegistersTheSubjectOfACertificate) {
  show_certificate();
  where.server.token_auth_methods = {"tls_client_auth", "none"};
  registers(R"({"client_id":"c"})");
  const auto registered = client();
  ASSERT_THAT(registered, IsOk());
  EXPECT_EQ(registered->authentication.how.method, oauth::AuthMethod::tls_client_auth);
  EXPECT_EQ(registered->certificate, settings.certificate->files);
  EXPECT_THAT(body_of(0), HasSubstr(R"("tls_client_auth_subject_dn":"CN=me,O=here")"));
  EXPECT_THAT(body_of(0), Not(HasSubstr("bound_access_tokens")));
}

TEST_F(ClientRegistryTest, RegistersACertificateOfItsOwn) {
  show_certificate(true);
  where.server.token_auth_methods = {"tls_client_auth", "self_signed_tls_client_auth"};
  where.server.binds_to_certificates = true;
  registers(R"({"client_id":"c"})");
  ASSERT_THAT(client(), IsOk());
  EXPECT_THAT(body_of(0), HasSubstr(R"("jwks":{"keys":[{"kty":"OKP","x5c":["MIIB"]}]})"));
  EXPECT_THAT(body_of(0), HasSubstr(R"("tls_client_certificate_bound_access_tokens":true)"));
}

// For tokens that are bound to it (RFC 8705, section 4).
TEST_F(ClientRegistryTest, ACertificateGoesAlongWithEveryMethod) {
  show_certificate();
  settings.client_id = "c";
  settings.method = oauth::AuthMethod::none;
  const auto configured = client();
  ASSERT_THAT(configured, IsOk());
  EXPECT_EQ(configured->certificate, settings.certificate->files);
}

TEST_F(ClientRegistryTest, ACertificateBelongsToOneIssuer) {
  show_certificate();
  settings.client_id = "c";
  const auto configured = client();
  ASSERT_THAT(configured, IsOk());
  registry.has_worked("https://as.example", *configured);
  where.server.issuer = "https://evil.example";
  EXPECT_THAT(client(), FailsWith(ErrorKind::config, "nothing was sent"));

  store::Credential stored;
  stored.client_id = "c";
  stored.issuer = "https://evil.example";
  EXPECT_THAT(registry.client_of(stored), FailsWith(ErrorKind::config, "nothing was sent"));
}

TEST_F(ClientRegistryTest, ANamedMethodThatLacksItsMaterialRegistersNobody) {
  settings.method = oauth::AuthMethod::tls_client_auth;
  registers(R"({"client_id":"c"})");
  EXPECT_THAT(client(), FailsWith(ErrorKind::config, "--oauth-client-cert-key"));
  EXPECT_EQ(count(), 0U);
}

// -- Where nobody may be at home ------------------------------------------------------------------

TEST_F(ClientRegistryTest, AGuessedEndpointThatIsNotThereIsNotNamed) {
  where.server.is_guessed = true;
  for (const auto& [status, body] : std::vector<std::pair<int, std::string>>{
           {404, ""}, {405, R"({"error":"no"})"}, {200, "<html>"}, {401, ""}}) {
    answers_instead(kRegistrationUrl, {{status, body}});
    const auto nobody = client();
    EXPECT_THAT(nobody, FailsWith(ErrorKind::no_sign_in, "MCP_BEARER_TOKEN")) << status;
    EXPECT_THAT(nobody.error().message, testing::Not(HasSubstr("/register")));
  }
}

TEST_F(ClientRegistryTest, AGuessedEndpointThatIsThereSaysWhy) {
  where.server.is_guessed = true;
  answers(kRegistrationUrl, {{403, R"({"error":"access_denied"})"}});
  EXPECT_THAT(client(), FailsWith(ErrorKind::rejected, "403 access_denied"));
  answers_instead(kRegistrationUrl, {{502, "<html>"}});
  EXPECT_THAT(client(), FailsWith(ErrorKind::rejected, "answered 502"));
}

TEST_F(ClientRegistryTest, APublishedEndpointThatIsNotThereIsNamed) {
  answers(kRegistrationUrl, {{404, ""}});
  EXPECT_THAT(client(), FailsWith(ErrorKind::rejected, "as.example/register"));
}

// -- What was registered --------------------------------------------------------------------------

TEST_F(ClientRegistryTest, KeepsARegistration) {
  registers(R"({"client_id":"c","client_secret":"s","client_secret_expires_at":0})");
  ASSERT_THAT(client(), IsOk());
  const auto again = client();
  ASSERT_THAT(again, IsOk());
  EXPECT_TRUE(again->is_kept);
  EXPECT_EQ(again->secret_expires_at, std::nullopt);
  EXPECT_EQ(count(), 1U);
}

// Items 307 and 308. The clock of the fake stands at 1800000000.
TEST_F(ClientRegistryTest, RegistersAnewOnceTheSecretHasExpired) {
  registers(R"({"client_id":"c","client_secret":"s","client_secret_expires_at":1800000600})");
  const auto first = client();
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->secret_expires_at, clock.wall() + std::chrono::seconds(600));
  clock.advance(std::chrono::seconds(599));
  ASSERT_THAT(client(), IsOk());
  EXPECT_EQ(client()->secret_expires_at, first->secret_expires_at);
  EXPECT_EQ(count(), 1U);
  clock.advance(std::chrono::seconds(1));
  ASSERT_THAT(client(), IsOk());
  EXPECT_EQ(count(), 2U);
}

TEST_F(ClientRegistryTest, AKeptRegistrationWithoutAMethodHasTheOneThatWasAskedFor) {
  where.server.token_auth_methods = {"client_secret_basic"};
  registers(R"({"client_id":"c","client_secret":"s"})");
  ASSERT_THAT(client(), IsOk());
  where.server.token_auth_methods = {"client_secret_post", "client_secret_basic"};
  EXPECT_EQ(client()->authentication.how.method, oauth::AuthMethod::client_secret_basic);
  EXPECT_EQ(count(), 1U);
}

TEST_F(ClientRegistryTest, AKeptRegistrationThatDoesNotSayHasTheOneThatWouldBeAskedFor) {
  where.server.token_auth_methods = {"client_secret_basic"};
  const auto kept = codec::JsonWriter()
                        .add("client_id", "c")
                        .add("client_secret", "s")
                        .add("redirect_uri", kRedirectUri);
  ASSERT_THAT(state.put("registrations", kIssuer, kept.text()), IsOk());
  const auto remembered = client();
  ASSERT_THAT(remembered, IsOk());
  EXPECT_EQ(remembered->authentication.how.method, oauth::AuthMethod::client_secret_basic);
  EXPECT_EQ(count(), 0U);
}

TEST_F(ClientRegistryTest, ARegistrationByACertificateIsOfNoUseWithoutIt) {
  show_certificate();
  where.server.token_auth_methods = {"tls_client_auth", "none"};
  registers(R"({"client_id":"c"})");
  ASSERT_THAT(client(), IsOk());
  settings.certificate.reset();
  const auto another = client();
  ASSERT_THAT(another, IsOk());
  EXPECT_EQ(another->authentication.how.method, oauth::AuthMethod::none);
  EXPECT_EQ(count(), 2U);
}

// -- What belongs to one issuer
// ----------------------------------------------------------------------

class BindingTest : public ClientRegistryTest {
 protected:
  BindingTest() { settings.client_id = "c"; }

  void has_worked_at(std::string_view issuer) {
    registry.has_worked(std::string(issuer), client().value());
  }
  Result<void> may_go_to(std::string_view issuer) {
    return registry.check_binding(std::string(issuer));
  }
};

// Else whoever adds a key gives the secret away.
TEST_F(BindingTest, IsThatOfEachThingByItself) {
  settings.client_secret = Secret("s");
  has_worked_at(kIssuer);
  settings.client_assertion = std::make_shared<FakeJwtSource>(std::vector<std::string>{"x"});
  EXPECT_THAT(may_go_to("https://evil.example"), FailsWith(ErrorKind::config, "nothing was sent"));
  EXPECT_THAT(may_go_to(kIssuer), IsOk());
  settings.client_id = "another";
  EXPECT_THAT(may_go_to("https://evil.example"), FailsWith(ErrorKind::config, "nothing was sent"));
  settings.client_secret = Secret();
  EXPECT_THAT(may_go_to("https://evil.example"), IsOk());
}

TEST_F(BindingTest, ComparesExactly) {
  settings.client_secret = Secret("s");
  has_worked_at("https://as.example/");
  EXPECT_THAT(may_go_to("https://as.example/"), IsOk());
  EXPECT_THAT(may_go_to("https://as.example"), FailsWith(ErrorKind::config, "nothing was sent"));
}

TEST_F(BindingTest, NamesTheServerOfSeveral) {
  store::Credential stored;
  stored.issuer = "https://stored.example";
  EXPECT_THAT(registry.held_issuers(&stored), ElementsAre("https://stored.example"));
  settings.client_secret = Secret("s");
  has_worked_at(kIssuer);
  EXPECT_THAT(registry.held_issuers(&stored), ElementsAre(kIssuer));
  settings.issuer = "https://named.example";
  EXPECT_THAT(registry.held_issuers(&stored), ElementsAre("https://named.example"));
}

TEST_F(ClientRegistryTest, ARegistrationIsACredential) {
  registers(R"({"client_id":"c"})");
  ASSERT_THAT(client(), IsOk());
  EXPECT_THAT(registry.held_issuers(nullptr), ElementsAre(kIssuer));
  settings.client_id = "by-hand";
  EXPECT_THAT(registry.held_issuers(nullptr), IsEmpty());
}

// -- What is stored, and who this run is
// -------------------------------------------------------------

class StoredTest : public ClientRegistryTest {
 protected:
  StoredTest() {
    stored.client_id = "c";
    stored.issuer = kIssuer;
  }
  store::Credential stored;
};

TEST_F(StoredTest, ARunThatNamesAClientUsesWhatThatOneGot) {
  settings.client_id = "c";
  EXPECT_TRUE(registry.may_use(stored));
  settings.client_id = "another";
  EXPECT_FALSE(registry.may_use(stored));
  EXPECT_THAT(registry.client_of(stored), FailsWith(ErrorKind::config, "another client id"));
  stored.client_id.reset();
  EXPECT_FALSE(registry.may_use(stored));
}

TEST_F(StoredTest, ADocumentIsAClientToo) {
  settings.client_metadata_url = "https://me.example/client";
  EXPECT_FALSE(registry.may_use(stored));
  EXPECT_THAT(registry.client_of(stored), FailsWith(ErrorKind::config, "another client id"));
  stored.client_id = settings.client_metadata_url;
  EXPECT_TRUE(registry.may_use(stored));
  settings.client_id = "c";  // which comes before the document
  EXPECT_FALSE(registry.may_use(stored));
}

TEST_F(StoredTest, ARunThatNamesNoneUsesWhatIsThere) {
  EXPECT_TRUE(registry.may_use(stored));
  const auto who = registry.client_of(stored);
  ASSERT_THAT(who, IsOk());
  EXPECT_EQ(who->credentials.id, "c");
}

TEST_F(StoredTest, WhatIsConfiguredForAnotherIssuerIsOfAnotherRun) {
  settings.client_assertion = std::make_shared<FakeJwtSource>(std::vector<std::string>{"x"});
  registry.has_worked("https://other.example", Client());
  EXPECT_FALSE(registry.may_use(stored));
  stored.issuer = "https://other.example";
  EXPECT_TRUE(registry.may_use(stored));
}

// Whoever wrote the entry named the endpoint: what is ours goes only where we know it belongs.
TEST_F(StoredTest, NothingOfOursGoesToAnIssuerThatIsNotNamed) {
  stored.issuer.reset();
  settings.client_id = "c";
  EXPECT_THAT(registry.client_of(stored), IsOk());
  settings.client_secret = Secret("s");
  EXPECT_THAT(registry.client_of(stored),
              FailsWith(ErrorKind::config, "does not say which authorization server"));
}

// A request that shows the client id alone could only be refused.
TEST_F(StoredTest, ASecretThatIsNotGivenIsMissed) {
  stored.token_endpoint_auth_method = "client_secret_basic";
  EXPECT_THAT(registry.client_of(stored),
              FailsWith(ErrorKind::config, "that of the client c, whose secret is not given"));
  settings.client_secret = Secret("s");
  EXPECT_THAT(registry.client_of(stored), FailsWith(ErrorKind::config, "give --client-id"));
  settings.client_id = "c";
  const auto who = registry.client_of(stored);
  ASSERT_THAT(who, IsOk());
  EXPECT_EQ(who->credentials.secret.reveal(), "s");
}

// Some servers register a client for Basic, and give it no secret.
TEST_F(StoredTest, ARegisteredClientMayNeverHaveHadOne) {
  stored.token_endpoint_auth_method = "client_secret_basic";
  registers(R"({"client_id":"c","token_endpoint_auth_method":"client_secret_basic"})");
  ASSERT_THAT(client(), IsOk());
  EXPECT_THAT(registry.client_of(stored), IsOk());
}

TEST_F(StoredTest, ASecretThatHasExpiredIsNotSent) {
  stored.client_secret = Secret("s");
  stored.client_secret_expires_at = 1'800'000'001.0;
  stored.token_endpoint_auth_method = "client_secret_post";
  EXPECT_THAT(registry.client_of(stored), IsOk());
  clock.advance(std::chrono::seconds(1));
  EXPECT_THAT(registry.client_of(stored), FailsWith(ErrorKind::config, "has expired"));
  stored.client_secret_expires_at = 0.0;  // never
  EXPECT_THAT(registry.client_of(stored), IsOk());
}

}  // namespace
}  // namespace mcpio::auth
