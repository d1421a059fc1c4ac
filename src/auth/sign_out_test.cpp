// SPDX-License-Identifier: MIT
#include "auth/sign_out.h"

#include <gmock/gmock.h>

#include "auth/grant_fixture.h"
#include "auth/proof_key.h"
#include "store/memory_store.h"
#include "support/result_matchers.h"

namespace mcpio::auth {
namespace {

using test::IsOk;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr auto kSignOutServer = "https://mcp.example/mcp";
constexpr std::string_view kWellKnown = "https://as.example/.well-known/oauth-authorization-server";
constexpr std::string_view kRevoke = "https://as.example/revoke";
constexpr std::string_view kManagement = "https://as.example/register/7";

std::string metadata_with(std::string_view more) {
  return fmt::format(R"({{"issuer":"{0}","authorization_endpoint":"{0}/authorize",)"
                     R"("token_endpoint":"{0}/token","response_types_supported":["code"]{1}}})",
                     kIssuer, more);
}

class SignOutTest : public testing::Test, public GrantFixture {
 protected:
  SignOutTest() {
    answers(kWellKnown,
            {{200, metadata_with(R"(,"revocation_endpoint":"https://as.example/revoke")")}});
  }

  store::Credential entry() {
    store::Credential entry;
    entry.access_token = Secret("the-access-token");
    entry.refresh_token = Secret("the-refresh-token");
    entry.client_id = "the-client";
    entry.issuer = std::string(kIssuer);
    entry.token_endpoint = std::string(kTokenUrl);
    return entry;
  }
  void is_signed_in(const store::Credential& entry) {
    ASSERT_THAT(store_.save(kSignOutServer, entry), IsOk());
  }
  void is_registered(std::string_view uri) {
    const auto registration = codec::JsonWriter()
                                  .add("client_id", "the-client")
                                  .add("registration_client_uri", uri)
                                  .add("registration_access_token", "the-management-token")
                                  .text();
    ASSERT_THAT(state.put("registrations", kIssuer, registration), IsOk());
  }

  SignOut::Report sign_out(bool forget = false) {
    SignOut sign_out(client(), places_, clock, settings);
    auto report = test::run(loop(), sign_out.run(forget));
    EXPECT_THAT(report, IsOk());
    EXPECT_FALSE(*store_.load(kSignOutServer)) << "whatever comes of it, the entry goes";
    return report.value_or(SignOut::Report());
  }
  std::vector<std::string> urls() {
    std::vector<std::string> all;
    for (std::size_t nth = 0; nth < count(); ++nth) all.push_back(url(nth));
    return all;
  }

  store::MemoryStore store_;
  store::TemporaryFolder locks_;
  Places places_{store_, state, locks_.path()};
};

// RFC 7009, section 2.1: the refresh token first, since its end is mostly that of the other.
TEST_F(SignOutTest, RevokesBothTokensWithTheStoredMethod) {
  store::Credential stored = entry();
  stored.client_secret = Secret("s");
  stored.token_endpoint_auth_method = "client_secret_basic";
  is_signed_in(stored);
  answers(kRevoke, {{200, ""}});
  const auto report = sign_out();
  EXPECT_TRUE(report.was_signed_in);
  EXPECT_TRUE(report.revoked);
  EXPECT_THAT(report.failures, IsEmpty());
  EXPECT_THAT(urls(), ElementsAre(kWellKnown, kRevoke, kRevoke));
  EXPECT_EQ(sent(1, "token"), "the-refresh-token");
  EXPECT_EQ(sent(1, "token_type_hint"), "refresh_token");
  EXPECT_EQ(sent(2, "token"), "the-access-token");
  EXPECT_EQ(sent(2, "token_type_hint"), "access_token");
  EXPECT_EQ(header(2, "Authorization"), "Basic dGhlLWNsaWVudDpz");
}

// RFC 7009, section 2.2.1.
TEST_F(SignOutTest, IsContentWithAServerThatRevokesRefreshTokensAlone) {
  is_signed_in(entry());
  answers(kRevoke, {{200, ""}, {400, refusal("unsupported_token_type")}});
  EXPECT_TRUE(sign_out().revoked);
}

TEST_F(SignOutTest, SaysWhatTheServerDidNotDo) {
  is_signed_in(entry());
  answers(kRevoke, {{503, refusal("temporarily_unavailable")}});
  const auto report = sign_out();
  EXPECT_FALSE(report.revoked);
  EXPECT_THAT(report.failures, ElementsAre(HasSubstr("https://as.example/revoke answered 503")));
}

TEST_F(SignOutTest, SaysThatAServerOffersNoRevocation) {
  settings.metadata = GivenMetadata{.text = metadata_with("")};
  is_signed_in(entry());
  EXPECT_THAT(sign_out().failures, ElementsAre(HasSubstr("offers no revocation")));
}

TEST_F(SignOutTest, AsksNobodyWhereTheIssuerIsNotKnown) {
  store::Credential stored = entry();
  stored.issuer.reset();
  is_signed_in(stored);
  EXPECT_THAT(sign_out().failures, ElementsAre(HasSubstr("not known who issued them")));
  EXPECT_EQ(count(), 0U);
}

TEST_F(SignOutTest, DoesNothingWhereNobodyIsSignedIn) {
  const auto report = sign_out();
  EXPECT_FALSE(report.was_signed_in);
  EXPECT_THAT(report.failures, IsEmpty());
  EXPECT_EQ(count(), 0U);
}

TEST_F(SignOutTest, TakesTheKeyAlong) {
  store::Credential stored = entry();
  stored.token_type = "DPoP";
  is_signed_in(stored);
  ASSERT_THAT(ProofKey::make()->save(state, settings.server), IsOk());
  answers(kRevoke, {{200, ""}});
  sign_out();
  EXPECT_EQ(ProofKey::load(state, settings.server), nullptr);
}

// RFC 7592, section 2.3.
TEST_F(SignOutTest, DeletesTheRegistrationIfAsked) {
  is_signed_in(entry());
  is_registered(kManagement);
  answers(kRevoke, {{200, ""}});
  answers(kManagement, {{204, ""}});
  ASSERT_THAT(store_.save("https://other.example/mcp", entry()), IsOk());
  const auto report = sign_out(true);
  EXPECT_TRUE(report.unregistered);
  EXPECT_EQ(url(3), kManagement);
  EXPECT_EQ(header(3, "Authorization"), "Bearer the-management-token");
  EXPECT_FALSE(registry.registered(std::string(kIssuer), "the-client"));
  EXPECT_THAT(report.also_concerned, ElementsAre("https://other.example/mcp"));
}

TEST_F(SignOutTest, ForgetsARegistrationThatTheServerKeeps) {
  is_signed_in(entry());
  is_registered(kManagement);
  answers(kRevoke, {{200, ""}});
  answers(kManagement, {{403, refusal("access_denied")}});
  const auto report = sign_out(true);
  EXPECT_FALSE(report.unregistered);
  EXPECT_THAT(report.failures, ElementsAre(HasSubstr("the registration was not deleted")));
  EXPECT_FALSE(registry.registered(std::string(kIssuer), "the-client"));
}

// RFC 7592, section 2.3: who is not known any more gets a 401.
TEST_F(SignOutTest, TakesA401ForTheEndOfTheRegistration) {
  is_signed_in(entry());
  is_registered(kManagement);
  answers(kRevoke, {{200, ""}});
  answers(kManagement, {{401, refusal("invalid_token")}});
  EXPECT_TRUE(sign_out(true).unregistered);
  EXPECT_FALSE(registry.registered(std::string(kIssuer), "the-client"));
}

TEST_F(SignOutTest, KeepsARegistrationWhoseServerWasNotReached) {
  is_signed_in(entry());
  is_registered(kManagement);
  answers(kRevoke, {{200, ""}});
  cannot_reach_server_at(4);
  const auto report = sign_out(true);
  EXPECT_FALSE(report.unregistered);
  EXPECT_THAT(report.failures, ElementsAre(HasSubstr("kept to try it again")));
  EXPECT_TRUE(registry.registered(std::string(kIssuer), "the-client"));
}

// RFC 7009, section 2.1: what becomes of one token says nothing of the other.
TEST_F(SignOutTest, RevokesTheAccessTokenThoughTheOtherWasRefused) {
  is_signed_in(entry());
  answers(kRevoke, {{503, ""}, {200, ""}});
  const auto report = sign_out();
  EXPECT_FALSE(report.revoked);
  EXPECT_THAT(report.failures, ElementsAre(HasSubstr("503")));
  EXPECT_EQ(url(2), kRevoke);
}

// The word of an MCP server that nobody signed in to is not enough to cut off the others.
TEST_F(SignOutTest, LeavesARegistrationThatOnlyOthersUse) {
  is_registered(kManagement);
  ASSERT_THAT(store_.save("https://honest.example/mcp", entry()), IsOk());
  answers("https://mcp.example/.well-known/oauth-protected-resource/mcp",
          {{200, R"({"resource":"https://mcp.example/mcp",)"
                 R"("authorization_servers":["https://as.example"]})"}});
  const auto report = sign_out(/*forget=*/true);
  EXPECT_FALSE(report.unregistered);
  EXPECT_THAT(report.failures, ElementsAre(HasSubstr("--oauth-issuer https://as.example")));
  EXPECT_TRUE(*state.find("registrations", kIssuer));

  settings.issuer = kIssuer;
  answers(kManagement, {{204, ""}});
  EXPECT_TRUE(sign_out(/*forget=*/true).unregistered);
}

TEST_F(SignOutTest, KeepsTheRegistrationOtherwise) {
  is_signed_in(entry());
  is_registered(kManagement);
  answers(kRevoke, {{200, ""}});
  EXPECT_FALSE(sign_out().unregistered);
  EXPECT_TRUE(registry.registered(std::string(kIssuer), "the-client"));
}

}  // namespace
}  // namespace mcpio::auth
