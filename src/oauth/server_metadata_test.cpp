// SPDX-License-Identifier: MIT
#include "oauth/server_metadata.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "support/result_matchers.h"

namespace mcpio::oauth {
namespace {

using test::FailsWith;
using test::IsOk;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Optional;

ServerMetadata metadata_of(std::string_view text) {
  auto metadata = parse_server_metadata(text);
  EXPECT_THAT(metadata, IsOk()) << text;
  return metadata.value_or(ServerMetadata{});
}

// RFC 8414, section 3.2.
constexpr std::string_view kRfc8414 = R"({
  "issuer": "https://server.example.com",
  "authorization_endpoint": "https://server.example.com/authorize",
  "token_endpoint": "https://server.example.com/token",
  "token_endpoint_auth_methods_supported": ["client_secret_basic", "private_key_jwt"],
  "token_endpoint_auth_signing_alg_values_supported": ["RS256", "ES256"],
  "userinfo_endpoint": "https://server.example.com/userinfo",
  "jwks_uri": "https://server.example.com/jwks.json",
  "registration_endpoint": "https://server.example.com/register",
  "scopes_supported": ["openid", "profile", "email", "address", "phone", "offline_access"],
  "response_types_supported": ["code", "code token"],
  "service_documentation": "http://server.example.com/service_documentation.html",
  "ui_locales_supported": ["en-US", "en-GB", "en-CA", "fr-FR", "fr-CA"]
})";

TEST(ServerMetadata, IsReadFromTheExampleOfRfc8414) {
  const ServerMetadata metadata = metadata_of(kRfc8414);
  EXPECT_EQ(metadata.issuer, "https://server.example.com");
  EXPECT_EQ(metadata.endpoints, (Endpoints{.authorization = "https://server.example.com/authorize",
                                           .token = "https://server.example.com/token",
                                           .registration = "https://server.example.com/register",
                                           .device_authorization = {},
                                           .revocation = {},
                                           .introspection = {},
                                           .pushed_authorization_request = {}}));
  EXPECT_THAT(metadata.token_auth_methods,
              Optional(ElementsAre("client_secret_basic", "private_key_jwt")));
  EXPECT_THAT(metadata.token_auth_signing_algs, Optional(ElementsAre("RS256", "ES256")));
  EXPECT_THAT(metadata.scopes, Optional(ElementsAre("openid", "profile", "email", "address",
                                                    "phone", "offline_access")));
  EXPECT_EQ(metadata.code_challenge_methods, std::nullopt);
  EXPECT_FALSE(metadata.sends_iss);
  EXPECT_THAT(metadata.warnings, IsEmpty());
}

TEST(ServerMetadata, HasEveryMemberThatWeUse) {
  const ServerMetadata metadata = metadata_of(R"({
    "issuer": "https://a.example",
    "authorization_endpoint": "https://a.example/1", "token_endpoint": "https://a.example/2",
    "registration_endpoint": "https://a.example/3",
    "device_authorization_endpoint": "https://a.example/4",
    "revocation_endpoint": "https://a.example/5", "introspection_endpoint": "https://a.example/6",
    "pushed_authorization_request_endpoint": "https://a.example/7",
    "grant_types_supported": ["authorization_code"],
    "code_challenge_methods_supported": ["S256"],
    "dpop_signing_alg_values_supported": ["ES256"],
    "authorization_grant_profiles_supported": ["urn:ietf:params:oauth:grant-profile:id-jag"],
    "authorization_response_iss_parameter_supported": true,
    "client_id_metadata_document_supported": true,
    "require_pushed_authorization_requests": true,
    "tls_client_certificate_bound_access_tokens": true})");
  EXPECT_EQ(metadata.endpoints, (Endpoints{.authorization = "https://a.example/1",
                                           .token = "https://a.example/2",
                                           .registration = "https://a.example/3",
                                           .device_authorization = "https://a.example/4",
                                           .revocation = "https://a.example/5",
                                           .introspection = "https://a.example/6",
                                           .pushed_authorization_request = "https://a.example/7"}));
  EXPECT_THAT(metadata.grant_types, Optional(ElementsAre("authorization_code")));
  EXPECT_THAT(metadata.code_challenge_methods, Optional(ElementsAre("S256")));
  EXPECT_THAT(metadata.dpop_signing_algs, Optional(ElementsAre("ES256")));
  EXPECT_THAT(metadata.authorization_grant_profiles,
              Optional(ElementsAre("urn:ietf:params:oauth:grant-profile:id-jag")));
  EXPECT_TRUE(metadata.sends_iss);
  EXPECT_TRUE(metadata.takes_metadata_documents);
  EXPECT_TRUE(metadata.requires_par);
  EXPECT_TRUE(metadata.binds_to_certificates);
}

TEST(ServerMetadata, TakesWhatHasTheWrongTypeAsAbsent) {
  const ServerMetadata metadata = metadata_of(R"({
    "issuer": "https://a.example", "registration_endpoint": null, "token_endpoint": 5,
    "scopes_supported": "openid", "code_challenge_methods_supported": null,
    "token_endpoint_auth_methods_supported": {"a": "b"},
    "grant_types_supported": ["a", 1, null, "b"], "mtls_endpoint_aliases": [],
    "authorization_response_iss_parameter_supported": "true",
    "client_id_metadata_document_supported": 1, "require_pushed_authorization_requests": null})");
  EXPECT_EQ(metadata.endpoints, Endpoints{});
  EXPECT_EQ(metadata.mtls_aliases, Endpoints{});
  EXPECT_EQ(metadata.scopes, std::nullopt);
  EXPECT_EQ(metadata.code_challenge_methods, std::nullopt);
  EXPECT_EQ(metadata.token_auth_methods, std::nullopt);
  EXPECT_THAT(metadata.grant_types, Optional(ElementsAre("a", "b")));
  EXPECT_FALSE(metadata.sends_iss);
  EXPECT_FALSE(metadata.takes_metadata_documents);
  EXPECT_FALSE(metadata.requires_par);
  EXPECT_FALSE(metadata.binds_to_certificates);
}

TEST(ServerMetadata, TellsAnEmptyListFromAnAbsentOne) {
  const auto metadata =
      metadata_of(R"({"issuer": "https://a.example", "code_challenge_methods_supported": []})");
  EXPECT_THAT(metadata.code_challenge_methods, Optional(IsEmpty()));
  EXPECT_EQ(metadata.token_auth_methods, std::nullopt);
}

TEST(ServerMetadata, LeavesOutEndpointsThatAreNotSafeAndSaysSo) {
  const ServerMetadata metadata = metadata_of(R"({
    "issuer": "https://a.example",
    "authorization_endpoint": "http://a.example/authorize",
    "token_endpoint": "https://u:hunter2@a.example/token",
    "registration_endpoint": "https://a.example:x/register",
    "device_authorization_endpoint": "javascript:alert(1)#",
    "revocation_endpoint": "https://other.example/revoke",
    "introspection_endpoint": "http://127.0.0.1:9/introspect"})");
  EXPECT_EQ(metadata.endpoints, (Endpoints{.authorization = {},
                                           .token = {},
                                           .registration = {},
                                           .device_authorization = {},
                                           .revocation = "https://other.example/revoke",
                                           .introspection = "http://127.0.0.1:9/introspect",
                                           .pushed_authorization_request = {}}));
  EXPECT_THAT(
      metadata.warnings,
      ElementsAre(HasSubstr("authorization_endpoint"), HasSubstr("token_endpoint"),
                  HasSubstr("registration_endpoint"), HasSubstr("device_authorization_endpoint")));
  for (const std::string& warning : metadata.warnings)
    EXPECT_EQ(warning.find("hunter2"), std::string::npos);
}

TEST(ServerMetadata, FailsWithoutAnIssuer) {
  for (const std::string_view text :
       {"{}", R"({"issuer": ""})", R"({"issuer": 5})", R"({"issuer": null})"})
    EXPECT_THAT(parse_server_metadata(text), FailsWith(ErrorKind::protocol, "issuer")) << text;
}

TEST(ServerMetadata, FailsOnWhatIsNoDocument) {
  for (const std::string_view text : {"", "<html>", "[]", "\"x\"", "{\"issuer\":", "null"})
    EXPECT_THAT(parse_server_metadata(text),
                FailsWith(ErrorKind::protocol, "authorization server metadata"))
        << text;
}

struct Answer {
  std::string_view name;
  int status;
  std::string_view body;
};

class NoServerMetadata : public testing::TestWithParam<Answer> {};

TEST_P(NoServerMetadata, MeansTheNextCandidate) {
  EXPECT_THAT(read_server_metadata(GetParam().status, GetParam().body),
              test::HoldsOk(testing::Eq(std::nullopt)));
}

const Answer kNone[] = {
    {"NotFound", 404, R"({"issuer": "https://a.example"})"},
    {"Unauthorized", 401, ""},
    {"Redirect", 302, ""},
    {"NoContent", 204, ""},
    {"Html", 200, "<!doctype html><title>Log in</title>"},
    {"BrokenJson", 200, R"({"issuer": )"},
    {"Array", 200, "[]"},
    {"Empty", 200, ""},
};
INSTANTIATE_TEST_SUITE_P(G253, NoServerMetadata, testing::ValuesIn(kNone),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(ReadServerMetadata, GivesTheDocumentOrSaysWhatIsWrongWithIt) {
  const auto metadata = read_server_metadata(200, kRfc8414);
  ASSERT_THAT(metadata, IsOk());
  ASSERT_TRUE(metadata->has_value());
  EXPECT_EQ((*metadata)->issuer, "https://server.example.com");
  EXPECT_THAT(read_server_metadata(200, "{}"), FailsWith(ErrorKind::protocol, "issuer"));
  EXPECT_THAT(read_server_metadata(500, kRfc8414), FailsWith(ErrorKind::rejected, "answered 500"));
  EXPECT_THAT(read_server_metadata(502, "<html>"), FailsWith(ErrorKind::rejected, "answered 502"));
}

TEST(FillInEndpoints, PutsDefaultsWhereTheDocumentHasNone) {
  for (const auto& [base, endpoint] :
       {std::pair("https://a.example", "https://a.example/"),
        std::pair("https://a.example/", "https://a.example/"),
        std::pair("https://a.example:8443/t/", "https://a.example:8443/t/"),
        std::pair("https://a.example/t//?x=y", "https://a.example/t/")}) {
    ServerMetadata metadata;
    EXPECT_THAT(fill_in_endpoints(metadata, base), IsOk());
    EXPECT_EQ(metadata.endpoints.authorization, std::string(endpoint) + "authorize");
    EXPECT_EQ(metadata.endpoints.token, std::string(endpoint) + "token");
    EXPECT_EQ(metadata.endpoints.registration, std::nullopt);
  }
}

TEST(FillInEndpoints, KeepsWhatTheDocumentNames) {
  ServerMetadata metadata = metadata_of(kRfc8414);
  const Endpoints before = metadata.endpoints;
  EXPECT_THAT(fill_in_endpoints(metadata, "https://other.example"), IsOk());
  EXPECT_EQ(metadata.endpoints, before);
}

TEST(FillInEndpoints, RefusesABaseThatIsNotSafe) {
  ServerMetadata metadata;
  for (const std::string_view base :
       {"http://a.example", "https://u@a.example", "ftp://a.example", "a.example", ""}) {
    EXPECT_THAT(fill_in_endpoints(metadata, base),
                FailsWith(ErrorKind::protocol, "authorization server"))
        << base;
    EXPECT_EQ(metadata.endpoints, Endpoints{});
  }
}

// MCP 2025-03-26, fallbacks for servers without metadata discovery.
TEST(DefaultServerMetadata, HasThreeEndpointsOnTheOriginAndPkce) {
  const auto metadata =
      default_server_metadata(codec::parse_url("https://u@api.example.com/v1/mcp?a=b").value());
  ASSERT_THAT(metadata, IsOk());
  EXPECT_EQ(metadata->issuer, "https://api.example.com");
  EXPECT_EQ(metadata->endpoints.authorization, "https://api.example.com/authorize");
  EXPECT_EQ(metadata->endpoints.token, "https://api.example.com/token");
  EXPECT_EQ(metadata->endpoints.registration, "https://api.example.com/register");
  EXPECT_THAT(metadata->code_challenge_methods, Optional(ElementsAre("S256")));
}

TEST(DefaultServerMetadata, IsRefusedForACleartextServer) {
  EXPECT_THAT(default_server_metadata(codec::parse_url("http://api.example.com/mcp").value()),
              FailsWith(ErrorKind::protocol, "not https"));
}

// The example of RFC 8705, section 5.
TEST(EndpointsForMtls, AreTheAliasesElseTheEndpointsThemselves) {
  const ServerMetadata metadata = metadata_of(R"({
    "issuer": "https://server.example.com",
    "authorization_endpoint": "https://server.example.com/authz",
    "token_endpoint": "https://server.example.com/token",
    "introspection_endpoint": "https://server.example.com/introspect",
    "revocation_endpoint": "https://server.example.com/revo",
    "mtls_endpoint_aliases": {
      "token_endpoint": "https://mtls.example.com/token",
      "authorization_endpoint": "https://mtls.example.com/authz",
      "registration_endpoint": "https://mtls.example.com/register",
      "revocation_endpoint": "https://mtls.example.com/revo",
      "introspection_endpoint": "http://mtls.example.com/introspect"}})");
  const Endpoints endpoints = endpoints_for_mtls(metadata);
  EXPECT_EQ(endpoints.authorization, "https://server.example.com/authz");
  EXPECT_EQ(endpoints.token, "https://mtls.example.com/token");
  EXPECT_EQ(endpoints.revocation, "https://mtls.example.com/revo");
  EXPECT_EQ(endpoints.introspection, "https://server.example.com/introspect");
  EXPECT_EQ(endpoints.registration, std::nullopt);
  EXPECT_THAT(metadata.warnings, ElementsAre(HasSubstr("introspection_endpoint")));
}

TEST(ForeignEndpoints, AreThoseOnAnotherOriginThanTheIssuers) {
  ServerMetadata metadata;
  metadata.issuer = "https://a.example/tenant";
  metadata.endpoints.authorization = "https://a.example:443/authorize";
  EXPECT_EQ(foreign_endpoints(metadata), "");
  metadata.endpoints.token = "https://api.example/token?x=secret";
  metadata.endpoints.registration = "https://a.example:8443/register";
  EXPECT_EQ(foreign_endpoints(metadata),
            "token_endpoint at https://api.example, registration_endpoint at "
            "https://a.example:8443");
}

TEST(OneOrigin, IsThatOfAllEndpointsThereAre) {
  Endpoints endpoints;
  EXPECT_TRUE(are_on_one_origin(endpoints));
  endpoints.authorization = "https://a.example/authorize";
  endpoints.token = "https://a.example:443/token";
  EXPECT_TRUE(are_on_one_origin(endpoints));
  endpoints.revocation = "https://a.example:8443/revoke";
  EXPECT_FALSE(are_on_one_origin(endpoints));
  endpoints.revocation.reset();
  endpoints.pushed_authorization_request = "https://b.example/par";
  EXPECT_FALSE(are_on_one_origin(endpoints));
}

}  // namespace
}  // namespace mcpio::oauth
