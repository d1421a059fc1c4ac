// SPDX-License-Identifier: MIT
#include "oauth/registration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "codec/json_document.h"
#include "oauth/client_metadata_document.h"
#include "oauth/key_fixture.h"
#include "support/result_matchers.h"

namespace mcpio::oauth {
namespace {

using std::chrono::seconds;
using test::FailsWith;
using test::HoldsOk;
using test::IsOk;
using test::key_of;
using testing::HasSubstr;

// -- The request ---------------------------------------------------------------------------------

TEST(RegistrationRequest, DescribesANativeClientWithABrowser) {
  EXPECT_EQ(registration_request({.method = AuthMethod::client_secret_basic,
                                  .redirect_uri = "http://127.0.0.1:8123/callback"}),
            R"({"client_name":"mcp-stdio","application_type":"native",)"
            R"("redirect_uris":["http://127.0.0.1:8123/callback"],"response_types":["code"],)"
            R"("grant_types":["authorization_code","refresh_token"],)"
            R"("token_endpoint_auth_method":"client_secret_basic"})");
}

TEST(RegistrationRequest, DescribesADeviceWithoutRedirectUris) {
  EXPECT_EQ(registration_request({.flow = RegisteredFlow::device}),
            R"({"client_name":"mcp-stdio","application_type":"native","response_types":[],)"
            R"("grant_types":["urn:ietf:params:oauth:grant-type:device_code","refresh_token"],)"
            R"("token_endpoint_auth_method":"none"})");
}

TEST(RegistrationRequest, CarriesThePublicKey) {
  const std::string body = registration_request({.method = AuthMethod::private_key_jwt,
                                                 .redirect_uri = "http://127.0.0.1/callback",
                                                 .jwks = R"({"keys":[]})",
                                                 .algorithm = crypto::Algorithm::eddsa});
  EXPECT_THAT(body, HasSubstr(R"("token_endpoint_auth_method":"private_key_jwt",)"
                              R"("token_endpoint_auth_signing_alg":"EdDSA","jwks":{"keys":[]})"));
}

TEST(RegistrationRequest, CarriesTheSubjectOfTheCertificate) {
  EXPECT_THAT(registration_request({.method = AuthMethod::tls_client_auth,
                                    .redirect_uri = "http://127.0.0.1/callback",
                                    .certificate_subject = "CN=client,O=Example"}),
              HasSubstr(R"("tls_client_auth_subject_dn":"CN=client,O=Example")"));
}

TEST(RegistrationRequest, AsksForBoundTokensWithDpop) {
  EXPECT_THAT(registration_request({.redirect_uri = "x:", .uses_dpop = true}),
              HasSubstr(R"("dpop_bound_access_tokens":true)"));
}

TEST(RegistrationRequest, AsksForTokensThatAreBoundToTheCertificate) {
  EXPECT_THAT(registration_request({.redirect_uri = "x:", .binds_to_certificate = true}),
              HasSubstr(R"("tls_client_certificate_bound_access_tokens":true)"));
}

TEST(JwkSet, HoldsThePublicHalfAlone) {
  const ClientKey key = {.key = key_of(crypto::kEd25519Jwk), .id = "k1"};
  EXPECT_EQ(jwk_set(key, crypto::Algorithm::eddsa),
            R"({"keys":[{"crv":"Ed25519","kty":"OKP",)"
            R"("x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",)"
            R"("kid":"k1","use":"sig","alg":"EdDSA"}]})");
}

TEST(JwkSet, HoldsTheCertificate) {
  EXPECT_THAT(jwk_set(crypto::TlsCertificate{
                  .x5c = "MIIBAA==", .subject = "CN=x", .public_jwk = R"({"kty":"OKP","x":"11"})"}),
              HoldsOk(R"({"keys":[{"kty":"OKP","x":"11","x5c":["MIIBAA=="]}]})"));
}

TEST(JwkSet, NeedsAKeyThatAJwkCanHold) {
  EXPECT_THAT(jwk_set(crypto::TlsCertificate{.x5c = "MIIBAA=="}),
              FailsWith(ErrorKind::config, "P-256"));
}

// -- The answer ----------------------------------------------------------------------------------

TEST(RegistrationAnswer, MayHoldASecretAndAMethod) {
  const auto client = read_registration(201, R"({"client_id":"c","client_secret":"s",
      "client_secret_expires_at":1700000000,"token_endpoint_auth_method":"client_secret_basic",
      "registration_client_uri":"https://as.example/register/c",
      "registration_access_token":"rat"})",
                                        InitialAccessToken::none);
  ASSERT_TRUE(client);
  EXPECT_EQ(client->client_id, "c");
  EXPECT_EQ(client->secret, Secret("s"));
  EXPECT_EQ(client->secret_expires_at, WallTime(seconds(1'700'000'000)));
  EXPECT_EQ(client->auth_method, "client_secret_basic");
  EXPECT_EQ(client->management_uri, "https://as.example/register/c");
  EXPECT_EQ(client->management_token, Secret("rat"));
}

TEST(RegistrationAnswer, MayHoldTheIdAlone) {
  for (const std::string_view body :
       {R"({"client_id":"c"})", R"({"client_id":"c","client_secret":null})"}) {
    const auto client = read_registration(200, body, InitialAccessToken::none);
    ASSERT_TRUE(client) << body;
    EXPECT_TRUE(client->secret.empty());
    EXPECT_EQ(client->secret_expires_at, std::nullopt);
    EXPECT_EQ(client->auth_method, std::nullopt);
    EXPECT_EQ(client->management_uri, "");
  }
}

struct ExpiryCase {
  std::string_view name, json;
  std::optional<long long> at;
};

class SecretExpiry : public testing::TestWithParam<ExpiryCase> {};

TEST_P(SecretExpiry, IsNeverUnlessItIsATime) {
  const auto client = read_registration(
      201, R"({"client_id":"c","client_secret_expires_at":)" + std::string(GetParam().json) + "}",
      InitialAccessToken::none);
  ASSERT_TRUE(client);
  EXPECT_EQ(client->secret_expires_at,
            GetParam().at ? std::optional(WallTime(seconds(*GetParam().at))) : std::nullopt);
}

const ExpiryCase kExpiries[] = {
    {"Number", "1893456000", 1893456000}, {"NumericString", "\"1893456000\"", 1893456000},
    {"Zero", "0", std::nullopt},          {"ZeroString", "\"0\"", std::nullopt},
    {"Null", "null", std::nullopt},       {"Word", "\"never\"", std::nullopt},
    {"Negative", "-1", std::nullopt},     {"Huge", "1e300", std::nullopt},
    {"Object", "{}", std::nullopt},
};

INSTANTIATE_TEST_SUITE_P(Each, SecretExpiry, testing::ValuesIn(kExpiries),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(RegistrationAnswer, NeedsAnIdThatIsAString) {
  for (const std::string_view body : {R"({})", R"({"client_id":7})", R"({"client_id":""})"})
    EXPECT_THAT(read_registration(201, body, InitialAccessToken::none),
                FailsWith(ErrorKind::protocol, "client_id"))
        << body;
  EXPECT_THAT(
      read_registration(201, R"({"client_id":"c","client_secret":7})", InitialAccessToken::none),
      FailsWith(ErrorKind::protocol, "a client_secret that is no string"));
  EXPECT_THAT(read_registration(201, "<html>", InitialAccessToken::none),
              FailsWith(ErrorKind::protocol, "the answer to the registration is not JSON"));
}

TEST(RegistrationAnswer, IsBounded) {
  const std::string most(8 * 1024, 'x');
  for (const std::string_view member :
       {"client_id", "client_secret", "registration_access_token"}) {
    const auto answer = [&](const std::string& value) {
      codec::JsonWriter text;
      if (member != "client_id") text.add("client_id", "c");
      return text.add(member, value).text();
    };
    EXPECT_THAT(read_registration(201, answer(most), InitialAccessToken::none), IsOk()) << member;
    EXPECT_THAT(read_registration(201, answer(most + "x"), InitialAccessToken::none),
                FailsWith(ErrorKind::protocol, "more than 8 KiB"));
  }
}

TEST(RegistrationAnswer, HasNoTokenThatWouldNotBeSent) {
  EXPECT_THAT(read_registration(201, R"({"client_id":"c","registration_access_token":"a\r\nb"})",
                                InitialAccessToken::none),
              FailsWith(ErrorKind::protocol, "registration_access_token"));
}

struct RefusalCase {
  std::string_view name;
  int status;
  std::string_view body;
  InitialAccessToken token;
  std::string_view text;
};

class RegistrationRefusal : public testing::TestWithParam<RefusalCase> {};

TEST_P(RegistrationRefusal, SaysWhyAndWhatHelps) {
  const RefusalCase& refused = GetParam();
  EXPECT_THAT(read_registration(refused.status, refused.body, refused.token),
              FailsWith(ErrorKind::rejected,
                        "the registration endpoint answered " + std::string(refused.text)));
}

// The errors are those of RFC 7591, section 3.2.2.
const RefusalCase kRefusals[] = {
    {"RedirectUri", 400, R"({"error":"invalid_redirect_uri","error_description":"only https"})",
     InitialAccessToken::none,
     "400 invalid_redirect_uri: only https: see --callback-host, --callback-port and "
     "--redirect-uri, or register a client by hand and give its --client-id"},
    {"Metadata", 400, R"({"error":"invalid_client_metadata","error_description":"no secrets"})",
     InitialAccessToken::none,
     "400 invalid_client_metadata: no secrets: see --token-endpoint-auth-method, or register"},
    {"Unauthorized", 401, "", InitialAccessToken::none,
     "401: register a client by hand and give its --client-id, or see "
     "--oauth-initial-access-token"},
    {"Forbidden", 403, "", InitialAccessToken::none, "403: register a client by hand and give"},
    {"TokenRefused", 401, R"({"error":"invalid_token"})", InitialAccessToken::shown,
     "401 invalid_token: ask its administrator for another --oauth-initial-access-token, or"},
    {"TokenForbidden", 403, "", InitialAccessToken::shown, "403: ask its administrator"},
    {"Absent", 404, "<html>", InitialAccessToken::none, "404: register a client by hand and give"},
    {"TooMany", 429, "", InitialAccessToken::none, "429: try again later, or register a client"},
    {"InTrouble", 500, "", InitialAccessToken::shown, "500: try again later, or register a client"},
};

INSTANTIATE_TEST_SUITE_P(Each, RegistrationRefusal, testing::ValuesIn(kRefusals),
                         [](const auto& test) { return std::string(test.param.name); });

// -- The client id metadata document -------------------------------------------------------------

TEST(ClientMetadataUrl, IsAnHttpsUrlWithAPath) {
  EXPECT_THAT(check_client_metadata_url("https://app.example.com/oauth/client-metadata.json"),
              IsOk());
  EXPECT_THAT(check_client_metadata_url("https://app.example.com/a..b/.c?x=/.."), IsOk());
}

struct UrlCase {
  std::string_view name, url, problem;
};

class ClientMetadataUrlRule : public testing::TestWithParam<UrlCase> {};

TEST_P(ClientMetadataUrlRule, IsKept) {
  EXPECT_THAT(check_client_metadata_url(GetParam().url),
              FailsWith(ErrorKind::config, std::string(GetParam().problem)));
}

const UrlCase kUrls[] = {
    {"NoUrl", "app.json", "must be an https URL"},
    {"Http", "http://127.0.0.1/app.json", "must be an https URL"},
    {"NoPath", "https://app.example.com", "needs a path"},
    {"RootPath", "https://app.example.com/", "needs a path"},
    {"Dot", "https://app.example.com/./a", "must not contain"},
    {"DotDot", "https://app.example.com/a/../b", "must not contain"},
    {"EncodedDots", "https://app.example.com/a/%2e%2E", "must not contain"},
    {"HalfEncodedDots", "https://app.example.com/a/.%2e/b", "must not contain"},
    {"Fragment", "https://app.example.com/a#b", "must not have a fragment"},
    {"Userinfo", "https://u:p@app.example.com/a", "must not hold a user name"},
};

INSTANTIATE_TEST_SUITE_P(Each, ClientMetadataUrlRule, testing::ValuesIn(kUrls),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(ClientMetadataDocument, NamesItself) {
  EXPECT_EQ(client_metadata_document("https://a.example/c.json", {}, ""),
            R"({"client_id":"https://a.example/c.json","client_name":"mcp-stdio",)"
            R"("application_type":"native",)"
            R"("redirect_uris":["http://127.0.0.1/callback","http://localhost/callback"],)"
            R"("response_types":["code"],"grant_types":["authorization_code","refresh_token",)"
            R"("urn:ietf:params:oauth:grant-type:device_code"],)"
            R"("token_endpoint_auth_method":"none"})");
}

TEST(ClientMetadataDocument, HoldsThePublicKeyAndTheUsersRedirectUris) {
  const std::string text = client_metadata_document("https://a.example/c.json",
                                                    {"https://a.example/back"}, R"({"keys":[]})");
  EXPECT_THAT(text, HasSubstr(R"("redirect_uris":["https://a.example/back"])"));
  EXPECT_THAT(text,
              HasSubstr(R"("token_endpoint_auth_method":"private_key_jwt","jwks":{"keys":[]})"));
}

}  // namespace
}  // namespace mcpio::oauth
