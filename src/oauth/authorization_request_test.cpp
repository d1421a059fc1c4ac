// SPDX-License-Identifier: MIT
#include "oauth/authorization_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "oauth/extra_parameters.h"
#include "support/result_matchers.h"

namespace mcpio::oauth {
namespace {

using codec::FormField;
using test::FailsWith;
using test::HoldsOk;
using testing::HasSubstr;
using testing::Not;

AuthorizationRequest request() {
  AuthorizationRequest made;
  made.client_id = "id";
  made.redirect_uri = "http://127.0.0.1:8/callback";
  made.state = "st";
  made.code_challenge = "ch";
  return made;
}

std::string url_of(const AuthorizationRequest& made, std::string_view endpoint) {
  return authorization_url(endpoint, authorization_fields(made)).value();
}

constexpr std::string_view kMinimum =
    "response_type=code&client_id=id&redirect_uri=http%3A%2F%2F127.0.0.1%3A8%2Fcallback&state=st&"
    "code_challenge=ch&code_challenge_method=S256";

TEST(AuthorizationUrl, HoldsWhatIsNeededAndNoPrompt) {
  EXPECT_EQ(url_of(request(), "https://as.example/authorize"),
            "https://as.example/authorize?" + std::string(kMinimum));
}

// The Python program made a second question mark.
TEST(AuthorizationUrl, KeepsTheQueryOfTheEndpoint) {
  EXPECT_EQ(url_of(request(), "https://as.example/authorize?p=b2c_1"),
            "https://as.example/authorize?p=b2c_1&" + std::string(kMinimum));
  EXPECT_EQ(url_of(request(), "https://as.example/authorize?"),
            "https://as.example/authorize?" + std::string(kMinimum));
}

TEST(AuthorizationUrl, HoldsWhatThereIsToAskFor) {
  AuthorizationRequest made = request();
  made.scope = "a b";
  made.resource = "https://mcp.example/mcp?k=1";
  made.dpop_jkt = "jkt";
  made.acr_values = "gold silver";
  made.max_age = "5";
  EXPECT_EQ(url_of(made, "https://as.example/a"),
            "https://as.example/a?" + std::string(kMinimum) +
                "&scope=a%20b&resource=https%3A%2F%2Fmcp.example%2Fmcp%3Fk%3D1&dpop_jkt=jkt&"
                "acr_values=gold%20silver&max_age=5");
}

TEST(AuthorizationUrl, AddsTheUsersParametersButNeverReplacesOurs) {
  AuthorizationRequest made = request();
  made.scope = "a";
  made.more = {{"audience", "api"}, {"prompt", "consent"}, {"scope", "evil"}, {"state", "evil"}};
  const std::string url = url_of(made, "https://as.example/a");
  EXPECT_THAT(url, HasSubstr("&scope=a&audience=api&prompt=consent"));
  EXPECT_THAT(url, Not(HasSubstr("evil")));
}

TEST(AuthorizationUrl, NeedsAnEndpointWithoutAFragment) {
  EXPECT_THAT(authorization_url("https://as.example/a#x", {}),
              FailsWith(ErrorKind::protocol, "the authorization endpoint has a fragment"));
  EXPECT_THAT(authorization_url("javascript:alert(1)", {}),
              FailsWith(ErrorKind::protocol, "the authorization endpoint: "));
}

// RFC 9126, section 4.
TEST(PushedAuthorizationUrl, HoldsTheReferenceAlone) {
  EXPECT_THAT(pushed_authorization_url("https://as.example/authorize", "CLIENT1234",
                                       "urn:example:bwc4JK-ESC0w8acc191e-Y1LTC2"),
              HoldsOk("https://as.example/authorize?client_id=CLIENT1234&"
                      "request_uri=urn%3Aexample%3Abwc4JK-ESC0w8acc191e-Y1LTC2"));
}

// RFC 9126, sections 2.2 and 2.3.
TEST(PushedAnswer, IsAReferenceOrARefusal) {
  const auto good =
      read_pushed_answer(201, R"({"request_uri":"urn:example:bwc4","expires_in":60})");
  ASSERT_TRUE(good);
  EXPECT_EQ(std::get<PushedRequest>(*good).uri, "urn:example:bwc4");
  const auto refused = read_pushed_answer(400, R"({"error":"invalid_request",
      "error_description":"The redirect_uri is not valid"})");
  ASSERT_TRUE(refused);
  EXPECT_EQ(to_string(std::get<TokenError>(*refused)),
            "400 invalid_request: The redirect_uri is not valid");
  EXPECT_THAT(read_pushed_answer(200, "{}"), FailsWith(ErrorKind::protocol, "request_uri"));
  EXPECT_THAT(read_pushed_answer(200, "no"), FailsWith(ErrorKind::protocol, "is not JSON"));
}

// -- --authorize-param and --token-param ---------------------------------------------------------

constexpr auto kAuthorize = ParameterPlace::authorization_request;
constexpr auto kToken = ParameterPlace::token_request;

TEST(ExtraParameter, IsANameAndAValue) {
  EXPECT_THAT(parse_extra_parameter("audience=https://api.example", kAuthorize),
              HoldsOk(FormField{"audience", "https://api.example"}));
  EXPECT_THAT(parse_extra_parameter("x=a=b", kToken), HoldsOk(FormField{"x", "a=b"}));
  EXPECT_THAT(parse_extra_parameter("x=", kToken), HoldsOk(FormField{"x", ""}));
}

TEST(ExtraParameter, NeedsAName) {
  for (const std::string_view text : {"", "audience", "=x"}) {
    EXPECT_THAT(parse_extra_parameter(text, kAuthorize),
                FailsWith(ErrorKind::config, "--authorize-param must be NAME=VALUE"))
        << text;
    EXPECT_THAT(parse_extra_parameter(text, kToken),
                FailsWith(ErrorKind::config, "--token-param must be NAME=VALUE"))
        << text;
  }
}

TEST(ExtraParameter, IsNoneOfTheLoginsOwn) {
  for (const std::string_view name :
       {"response_type", "response_mode", "state", "code", "code_challenge", "code_verifier",
        "code_challenge_method", "request", "request_uri", "refresh_token", "device_code"})
    EXPECT_THAT(parse_extra_parameter(std::string(name) + "=x", kAuthorize),
                FailsWith(ErrorKind::config,
                          "cannot set " + std::string(name) + ", which belongs to the login"));
}

TEST(ExtraParameter, IsNothingThatHasItsOwnOption) {
  EXPECT_THAT(
      parse_extra_parameter("scope=x", kAuthorize),
      FailsWith(ErrorKind::config, "--authorize-param cannot set scope: use --oauth-scope"));
  EXPECT_THAT(parse_extra_parameter("client_secret=x", kToken),
              FailsWith(ErrorKind::config,
                        "--token-param cannot set client_secret: use --client-secret-file"));
  EXPECT_THAT(parse_extra_parameter("resource=x", kToken),
              FailsWith(ErrorKind::config, "use --oauth-resource"));
}

}  // namespace
}  // namespace mcpio::oauth
