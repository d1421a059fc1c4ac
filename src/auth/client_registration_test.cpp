// SPDX-License-Identifier: MIT
// Which kind of client we are, and how one is registered.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auth/client_registry.h"
#include "auth/grant_fixture.h"
#include "support/result_matchers.h"

namespace mcpio::auth {
namespace {

using test::FailsWith;
using test::IsOk;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kRegister = "https://as.example/register";
constexpr std::string_view kDocument = "https://me.example/client.json";

class RegistrationTest : public testing::Test, public GrantFixture {
 protected:
  RegistrationTest() { where.server.endpoints.registration = std::string(kRegister); }

  Result<Client> client_with(ClientRegistry::Purpose purpose) {
    return await(registry.client_for(where.server, std::move(purpose)));
  }
  Result<Client> browser(std::string redirect_uri = "http://127.0.0.1:7/callback") {
    return client_with({.redirect_uri = std::move(redirect_uri)});
  }
  Result<Client> device() { return client_with({}); }
  Result<Client> bound() {
    return client_with({.redirect_uri = "http://127.0.0.1:7/callback", .uses_dpop = true});
  }
  // The nth registration makes the client cN.
  void registers() {
    answers(kRegister, {{201, R"({"client_id":"c1"})"},
                        {201, R"({"client_id":"c2"})"},
                        {201, R"({"client_id":"c3"})"}});
  }
};

std::string id_of(const Result<Client>& client) {
  return client ? client->credentials.id : client.error().message;
}

// -- The order of the kinds (MCP 2026-07-28, client registration) ---------------------------------

TEST_F(RegistrationTest, TheConfiguredIdComesBeforeAllElse) {
  registers();
  ASSERT_EQ(id_of(browser()), "c1");
  settings.client_id = "by-hand";
  settings.client_metadata_url = kDocument;
  where.server.takes_metadata_documents = true;
  const auto client = browser();
  EXPECT_EQ(id_of(client), "by-hand");
  EXPECT_EQ(client->origin, oauth::ClientOrigin::configured);
  EXPECT_EQ(count(), 1U);
}

TEST_F(RegistrationTest, TheDocumentComesBeforeARegistration) {
  registers();
  ASSERT_EQ(id_of(browser()), "c1");
  settings.client_metadata_url = kDocument;
  for (const bool is_announced : {true, false}) {  // tried with a warning where it is not
    where.server.takes_metadata_documents = is_announced;
    testing::internal::CaptureStderr();
    const auto client = browser();
    const std::string told = testing::internal::GetCapturedStderr();
    EXPECT_EQ(id_of(client), kDocument);
    EXPECT_EQ(client->origin, oauth::ClientOrigin::metadata_document);
    EXPECT_EQ(told.find("client metadata documents") == told.npos, is_announced) << told;
  }
  EXPECT_EQ(count(), 1U);
}

TEST_F(RegistrationTest, WhoHasNeitherRegisters) {
  registers();
  where.server.takes_metadata_documents = true;
  const auto client = browser();
  EXPECT_EQ(id_of(client), "c1");
  EXPECT_EQ(client->origin, oauth::ClientOrigin::registered);
  EXPECT_EQ(url(0), kRegister);
}

TEST_F(RegistrationTest, WhereThereIsNoneTheMessageNamesTheOptions) {
  where.server.endpoints.registration.reset();
  EXPECT_THAT(browser(), FailsWith(ErrorKind::config, "https://as.example does not let clients"));
  EXPECT_THAT(id_of(browser()),
              AllOf(HasSubstr("--client-id"), HasSubstr("--client-metadata-url")));
  EXPECT_EQ(count(), 0U);
}

// -- The redirect URI -----------------------------------------------------------------------------

TEST_F(RegistrationTest, IsForOneRedirectUri) {
  registers();
  EXPECT_EQ(id_of(browser("http://127.0.0.1:7/callback")), "c1");
  EXPECT_EQ(registry.last_port(std::string(kIssuer)), 7);
  EXPECT_EQ(id_of(browser("http://127.0.0.1:7/callback")), "c1");
  EXPECT_EQ(id_of(browser("http://127.0.0.1:8/callback")), "c2") << "the port was taken";
  EXPECT_THAT(body_of(1), HasSubstr(R"("redirect_uris":["http://127.0.0.1:8/callback"])"));
  EXPECT_EQ(registry.last_port(std::string(kIssuer)), 8);
  EXPECT_EQ(id_of(browser("http://127.0.0.1:8/callback")), "c2");
  EXPECT_EQ(id_of(browser("http://127.0.0.1:8/another")), "c3");
  EXPECT_EQ(count(), 3U);
}

// -- The flows ------------------------------------------------------------------------------------

TEST_F(RegistrationTest, EachFlowKeepsItsOwn) {
  registers();
  EXPECT_EQ(id_of(browser()), "c1");
  EXPECT_EQ(id_of(device()), "c2");
  EXPECT_THAT(body_of(1), HasSubstr(R"("response_types":[],"grant_types":["urn:ietf:params:)"));
  EXPECT_THAT(body_of(1), Not(HasSubstr("redirect_uris")));
  EXPECT_EQ(id_of(browser()), "c1");
  EXPECT_EQ(id_of(device()), "c2");
  EXPECT_EQ(registry.last_port(std::string(kIssuer)), 7);
  EXPECT_EQ(count(), 2U);
}

TEST_F(RegistrationTest, OnlyTheClientThatIsRefusedIsForgotten) {
  registers();
  ASSERT_EQ(id_of(browser()), "c1");
  ASSERT_EQ(id_of(device()), "c2");
  const std::string issuer(kIssuer);
  registry.forget(issuer, "another");
  registry.forget(issuer, "c2");
  EXPECT_TRUE(registry.registered(issuer, "c1"));
  EXPECT_FALSE(registry.registered(issuer, "c2"));
  EXPECT_EQ(registry.registered(issuer, "")->client_id, "c1");
  EXPECT_EQ(id_of(browser()), "c1");
  EXPECT_EQ(id_of(device()), "c3");
}

TEST_F(RegistrationTest, ADeviceIsSomebodyAtItsServer) {
  registers();
  ASSERT_EQ(id_of(device()), "c1");
  EXPECT_THAT(registry.held_issuers(nullptr), testing::ElementsAre(kIssuer));
}

// -- Bound tokens (RFC 9449, section 5.2) ---------------------------------------------------------

TEST_F(RegistrationTest, SaysThatItsTokensAreBound) {
  registers();
  EXPECT_EQ(id_of(browser()), "c1");
  EXPECT_THAT(body_of(0), Not(HasSubstr("dpop")));
  EXPECT_EQ(id_of(bound()), "c1") << "it may have tokens of both kinds";
  registry.forget(std::string(kIssuer), "c1");
  EXPECT_EQ(id_of(bound()), "c2");
  EXPECT_THAT(body_of(1), HasSubstr(R"("dpop_bound_access_tokens":true)"));
  EXPECT_EQ(id_of(bound()), "c2");
  EXPECT_EQ(id_of(browser()), "c3") << "c2 would be refused a bearer token";
}

// -- What the server says -------------------------------------------------------------------------

TEST_F(RegistrationTest, ARefusalNamesTheStepTheOriginAndWhatHelps) {
  answers(kRegister,
          {{400, R"({"error":"invalid_redirect_uri","error_description":"https, please"})"},
           {500, "<html>"},
           {200, "<html>"},
           {201, R"({"client_secret":"s"})"}});
  constexpr std::string_view kStep = "registering at https://as.example/register: ";
  for (const std::string_view told : {"invalid_redirect_uri: https, please: see --callback-host",
                                      "answered 500: try again later", "is not JSON", "client_id"})
    EXPECT_THAT(id_of(browser()),
                AllOf(HasSubstr(kStep), HasSubstr(told), HasSubstr("--client-id")));
  EXPECT_FALSE(registry.registered(std::string(kIssuer), "")) << "nothing of it is kept";
}

TEST_F(RegistrationTest, AServerThatIsNotReachedIsNamed) {
  cannot_reach_server_at(1);
  EXPECT_THAT(browser(), FailsWith(ErrorKind::unreachable, "registering: "));
  EXPECT_THAT(id_of(browser()), HasSubstr("https://as.example"));
}

// RFC 7591, section 3.2.1: 0 is never.
TEST_F(RegistrationTest, ASecretThatIsOverAtOnceIsNotKept) {
  answers(kRegister,
          {{201, R"({"client_id":"c1","client_secret":"s","client_secret_expires_at":1})"},
           {201, R"({"client_id":"c2","client_secret":"s","client_secret_expires_at":0})"}});
  EXPECT_EQ(id_of(browser()), "c1");
  EXPECT_EQ(id_of(browser()), "c2");
  EXPECT_EQ(id_of(browser()), "c2");
}

TEST_F(RegistrationTest, ASecretGoesToNoOtherIssuer) {
  answers(kRegister, {{201, R"({"client_id":"c1","client_secret":"s1"})"}});
  answers("https://evil.example/register", {{201, R"({"client_id":"c2"})"}});
  ASSERT_EQ(id_of(browser()), "c1");
  where.server.issuer = "https://evil.example";
  where.server.endpoints.registration = "https://evil.example/register";
  const auto other = browser();
  EXPECT_EQ(id_of(other), "c2");
  EXPECT_TRUE(other->credentials.secret.empty());
  EXPECT_THAT(body_of(1), Not(HasSubstr("s1")));
}

// -- The initial access token (RFC 7591, section 3) -----------------------------------------------

TEST_F(RegistrationTest, TheInitialAccessTokenStaysWhereItWasTaken) {
  settings.initial_access_token = Secret("iat");
  registers();
  ASSERT_EQ(id_of(browser()), "c1");
  EXPECT_EQ(header(0, "Authorization"), "Bearer iat");
  where.server.issuer = "https://evil.example";
  where.server.endpoints.registration = "https://evil.example/register";
  EXPECT_THAT(browser(), FailsWith(ErrorKind::config, "nothing was sent"))
      << "though no login has ended yet";
  EXPECT_EQ(count(), 1U);
}

// What else is configured has not been seen by the server, and may belong elsewhere.
TEST_F(RegistrationTest, ARegistrationBindsTheInitialAccessTokenAlone) {
  settings.initial_access_token = Secret("iat");
  settings.client_assertion = std::make_shared<FakeJwtSource>(std::vector<std::string>{"x"});
  settings.method = oauth::AuthMethod::none;
  registers();
  ASSERT_EQ(id_of(browser()), "c1");
  settings.initial_access_token = Secret();
  EXPECT_THAT(registry.check_binding("https://other.example"), IsOk());
}

TEST_F(RegistrationTest, AnInitialAccessTokenThatIsRefusedBindsNothing) {
  settings.initial_access_token = Secret("iat");
  answers(kRegister, {{401, R"({"error":"invalid_token"})"}});
  const auto refused = browser();
  EXPECT_THAT(refused, FailsWith(ErrorKind::rejected,
                                 "ask its administrator for another --oauth-initial-access-token"));
  EXPECT_THAT(id_of(refused), Not(HasSubstr("iat")));
  EXPECT_THAT(registry.check_binding("https://other.example"), IsOk());
}

}  // namespace
}  // namespace mcpio::auth
