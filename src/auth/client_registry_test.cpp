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
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kRegistrationUrl = "https://as.example/register";
constexpr std::string_view kRedirectUri = "http://127.0.0.1:7/callback";

class ClientRegistryTest : public testing::Test, public GrantFixture {
 protected:
  ClientRegistryTest() { where.server.endpoints.registration = std::string(kRegistrationUrl); }

  // Who we are in a login at this moment.
  Result<Client> client() {
    asio::io_context loop;
    return test::run(loop, registry.client_for(where.server, std::string(kRedirectUri)));
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

}  // namespace
}  // namespace mcpio::auth
