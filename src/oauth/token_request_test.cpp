// SPDX-License-Identifier: MIT
#include "oauth/token_request.h"

#include <gtest/gtest.h>

namespace mcpio::oauth {
namespace {

using codec::encode_form;

TEST(CodeGrant, SendsCodeRedirectUriVerifierAndResource) {
  EXPECT_EQ(encode_form(token_fields(CodeGrant{.code = Secret("c"),
                                               .redirect_uri = "http://127.0.0.1:8/callback",
                                               .verifier = Secret("v"),
                                               .resource = "https://mcp.example/mcp"})),
            "grant_type=authorization_code&code=c&redirect_uri=http%3A%2F%2F127.0.0.1%3A8%2F"
            "callback&code_verifier=v&resource=https%3A%2F%2Fmcp.example%2Fmcp");
}

TEST(RefreshGrant, SendsNoScopeAndTheResourceIfThereIsOne) {
  EXPECT_EQ(encode_form(token_fields(RefreshGrant{.refresh_token = Secret("r"), .resource = "x:"})),
            "grant_type=refresh_token&refresh_token=r&resource=x%3A");
  EXPECT_EQ(encode_form(token_fields(RefreshGrant{.refresh_token = Secret("r"), .resource = ""})),
            "grant_type=refresh_token&refresh_token=r");
}

TEST(DeviceGrant, SendsTheCodeAndTheResource) {
  EXPECT_EQ(encode_form(token_fields(
                DeviceGrant{.device_code = Secret("d"), .resource = "https://a.example"})),
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code=d"
            "&resource=https%3A%2F%2Fa.example");
}

TEST(ClientCredentialsGrant, SendsScopeAndResourceIfThereAreAny) {
  EXPECT_EQ(encode_form(token_fields(ClientCredentialsGrant{.scope = "a b", .resource = "x:"})),
            "grant_type=client_credentials&scope=a+b&resource=x%3A");
  EXPECT_EQ(encode_form(token_fields(ClientCredentialsGrant{})), "grant_type=client_credentials");
}

TEST(JwtBearerGrant, SendsTheAssertion) {
  EXPECT_EQ(encode_form(token_fields(
                JwtBearerGrant{.assertion = Secret("a.b.c"), .scope = "s", .resource = ""})),
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=a.b.c&"
            "scope=s");
}

TEST(IdJagGrant, ExchangesTheTokenOfTheIdentityProvider) {
  IdJagGrant grant = {.subject_token = Secret("t"),
                      .audience = "https://as.example",
                      .resource = "https://mcp.example",
                      .scope = "s"};
  EXPECT_EQ(encode_form(token_fields(grant)),
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&"
            "requested_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aid-jag&"
            "audience=https%3A%2F%2Fas.example&resource=https%3A%2F%2Fmcp.example&scope=s&"
            "subject_token=t&"
            "subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aid_token");
  grant.type = SubjectToken::refresh_token;
  EXPECT_EQ(token_fields(grant).back().value, "urn:ietf:params:oauth:token-type:refresh_token");
}

TEST(Revocation, NamesTheKindOfToken) {
  EXPECT_EQ(encode_form(revocation_fields(Secret("r"), "refresh_token")),
            "token=r&token_type_hint=refresh_token");
}

TEST(DeviceAuthorizationRequest, NamesScopeAndResourceIfThereAreAny) {
  DeviceRequest request;
  EXPECT_TRUE(device_authorization_fields(request).empty());
  request.scope = "a b";
  request.resource = "x:";
  EXPECT_EQ(encode_form(device_authorization_fields(request)), "scope=a+b&resource=x%3A");
}

// RFC 8628, section 3.1; RFC 9470, section 4.
TEST(DeviceAuthorizationRequest, TakesWhatExtensionsAndTheUserAdd) {
  DeviceRequest request;
  request.scope = "a";
  request.acr_values = "gold";
  request.max_age = "60";
  request.more = {{"audience", "api"}, {"scope", "b"}, {"max_age", "0"}};
  EXPECT_EQ(encode_form(device_authorization_fields(request)),
            "scope=a&acr_values=gold&max_age=60&audience=api");
}

}  // namespace
}  // namespace mcpio::oauth
