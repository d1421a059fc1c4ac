// SPDX-License-Identifier: MIT
#include "oauth/token_response.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "support/result_matchers.h"

namespace mcpio::oauth {
namespace {

using std::chrono::seconds;
using test::FailsWith;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const WallTime kNow = WallTime(seconds(1'700'000'000));

Result<std::variant<TokenSet, TokenError>> read(std::string_view body, int status = 200,
                                                TokenBinding binding = TokenBinding::none) {
  return read_token_answer({status, "application/json", body}, kNow, binding);
}

TokenSet token_set(std::string_view body, TokenBinding binding = TokenBinding::none) {
  return std::get<TokenSet>(read(body, 200, binding).value());
}

// RFC 6749, section 5.1.
TEST(TokenAnswer, IsTheExampleOfRfc6749) {
  const TokenSet set = token_set(R"({"access_token":"2YotnFZFEjr1zCsicMWpAA",
    "token_type":"example","expires_in":3600,"refresh_token":"tGzv3JOkF0XG5Qx2TlKWIA",
    "example_parameter":"example_value"})");
  EXPECT_EQ(set.access_token.reveal(), "2YotnFZFEjr1zCsicMWpAA");
  EXPECT_EQ(set.refresh_token, Secret("tGzv3JOkF0XG5Qx2TlKWIA"));
  EXPECT_EQ(set.expires_at, kNow + seconds(3600));
  EXPECT_THAT(set.warnings, ElementsAre("token_type is example; using the token as Bearer"));
}

TEST(TokenAnswer, HasNoValueForWhatIsMissing) {
  const TokenSet set = token_set(R"({"access_token":"a","refresh_token":"","id_token":null})");
  EXPECT_EQ(set.scheme, TokenScheme::bearer);
  EXPECT_EQ(set.refresh_token, std::nullopt);
  EXPECT_EQ(set.id_token, std::nullopt);
  EXPECT_EQ(set.scope, std::nullopt);
  EXPECT_EQ(set.expires_at, std::nullopt);
  EXPECT_THAT(set.warnings, IsEmpty());
}

TEST(TokenAnswer, KeepsIdTokenAndScopeAsTheyAre) {
  const TokenSet set =
      token_set(R"({"access_token":"a","id_token":"i.d.t","scope":"repo,user x"})");
  EXPECT_EQ(set.id_token, Secret("i.d.t"));
  EXPECT_EQ(set.scope, "repo,user x");
}

// GitHub.
TEST(TokenAnswer, MayBeAForm) {
  const TokenSet set = token_set("access_token=gho_16C7&scope=repo%2Cgist&token_type=bearer");
  EXPECT_EQ(set.access_token.reveal(), "gho_16C7");
  EXPECT_EQ(set.scope, "repo,gist");
  EXPECT_THAT(set.warnings, IsEmpty());
}

TEST(TokenAnswer, CountsTheFirstOfRepeatedFormFields) {
  EXPECT_EQ(token_set("access_token=first&access_token=second").access_token.reveal(), "first");
}

// -- Expiry --------------------------------------------------------------------------------------

struct ExpiryCase {
  std::string_view name, json;
  std::optional<long long> life;
  bool is_warned;
};

class TokenExpiry : public testing::TestWithParam<ExpiryCase> {};

TEST_P(TokenExpiry, IsReadWithCare) {
  const TokenSet set =
      token_set(R"({"access_token":"a","expires_in":)" + std::string(GetParam().json) + "}");
  const auto expected =
      GetParam().life ? std::optional(kNow + seconds(*GetParam().life)) : std::nullopt;
  EXPECT_EQ(set.expires_at, expected);
  EXPECT_EQ(set.warnings.empty(), !GetParam().is_warned);
}

const ExpiryCase kExpiries[] = {
    {"Number", "3600", 3600, false},
    {"NumericString", "\"3600\"", 3600, false},
    {"Fraction", "59.9", 59, false},
    {"Null", "null", std::nullopt, false},
    {"Zero", "0", std::nullopt, true},
    {"Negative", "-1", std::nullopt, true},
    {"NotANumber", "\"NaN\"", std::nullopt, true},
    {"Infinity", "\"Infinity\"", std::nullopt, true},
    {"Word", "\"soon\"", std::nullopt, true},
    {"EmptyString", "\"\"", std::nullopt, true},
    {"True", "true", std::nullopt, true},
    {"Huge", "1e300", 315'576'000, false},
};

INSTANTIATE_TEST_SUITE_P(Each, TokenExpiry, testing::ValuesIn(kExpiries),
                         [](const auto& test) { return std::string(test.param.name); });

// -- Types ---------------------------------------------------------------------------------------

struct TypeCase {
  std::string_view name, json;
  TokenBinding binding;
  TokenScheme scheme;
  bool is_warned;
};

class TokenTypes : public testing::TestWithParam<TypeCase> {};

TEST_P(TokenTypes, AreBearerOrDpop) {
  const TokenSet set =
      token_set(R"({"access_token":"a","token_type":)" + std::string(GetParam().json) + "}",
                GetParam().binding);
  EXPECT_EQ(set.scheme, GetParam().scheme);
  EXPECT_EQ(set.warnings.empty(), !GetParam().is_warned);
}

const TypeCase kTypes[] = {
    {"Bearer", "\"Bearer\"", TokenBinding::none, TokenScheme::bearer, false},
    {"BearerInAnyCase", "\"bEaReR\"", TokenBinding::none, TokenScheme::bearer, false},
    {"Null", "null", TokenBinding::none, TokenScheme::bearer, false},
    {"NotAString", "7", TokenBinding::none, TokenScheme::bearer, false},
    {"Other", "\"mac\"", TokenBinding::none, TokenScheme::bearer, true},
    {"Dpop", "\"DPoP\"", TokenBinding::required, TokenScheme::dpop, false},
    {"DpopAsPreferred", "\"DPoP\"", TokenBinding::preferred, TokenScheme::dpop, false},
    {"BearerWhereDpopWasPreferred", "\"Bearer\"", TokenBinding::preferred, TokenScheme::bearer,
     false},
    {"DpopInAnyCase", "\"dpop\"", TokenBinding::required, TokenScheme::dpop, false},
};

INSTANTIATE_TEST_SUITE_P(Each, TokenTypes, testing::ValuesIn(kTypes),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(TokenTypes, RefuseABearerTokenWhereItMustBeBound) {
  EXPECT_THAT(read(R"({"access_token":"a","token_type":"Bearer"})", 200, TokenBinding::required),
              FailsWith(ErrorKind::protocol, "a Bearer token, which is not bound to our key"));
  EXPECT_THAT(read(R"({"access_token":"a"})", 200, TokenBinding::required),
              FailsWith(ErrorKind::protocol, "leave out --dpop"));
}

TEST(TokenTypes, RefuseADpopTokenWhereNoProofWasSent) {
  EXPECT_THAT(read(R"({"access_token":"a","token_type":"DPoP"})"),
              FailsWith(ErrorKind::protocol, "try --dpop"));
}

// -- Refusals and nonsense -----------------------------------------------------------------------

TEST(TokenAnswer, MayBeARefusal) {
  const auto answer = read(R"({"error":"invalid_grant"})", 400).value();
  EXPECT_EQ(std::get<TokenError>(answer).refusal, Refusal::grant_rejected);
}

TEST(TokenAnswer, MayBeARefusalWithA200) {
  const auto answer = read(R"({"error":"bad_verification_code","access_token":""})").value();
  EXPECT_EQ(std::get<TokenError>(answer).error, "bad_verification_code");
  EXPECT_EQ(std::get<TokenError>(answer).status, 200);
}

TEST(TokenAnswer, IsATokenIfBothAreThere) {
  EXPECT_EQ(token_set(R"({"access_token":"a","error":""})").access_token.reveal(), "a");
}

TEST(TokenAnswer, NamesTheMediaTypeOfWhatIsNoAnswer) {
  for (const std::string_view body : {"", "<html></html>", "ok", "[1]", "7", "null", "{\"a\":"})
    EXPECT_THAT(read_token_answer({200, "text/html", body}, kNow, TokenBinding::none),
                FailsWith(ErrorKind::protocol, "answered 200 with text/html instead of JSON"))
        << body;
}

TEST(TokenAnswer, HasToHoldATokenThatAHeaderFieldCanCarry) {
  for (const std::string_view body :
       {R"({})", R"({"access_token":""})", R"({"access_token":7})", R"({"access_token":null})"})
    EXPECT_THAT(read(body), FailsWith(ErrorKind::protocol, "holds no access_token")) << body;
  for (const std::string_view body :
       {R"({"access_token":"a\r\nX: y"})", R"({"access_token":"a\u0000"})",
        R"({"access_token":"a b"})", R"({"access_token":"caf\u00e9"})",
        R"({"access_token":"a","id_token":"b\r\nX: y"})"})
    EXPECT_THAT(read(body), FailsWith(ErrorKind::protocol, "header field cannot carry")) << body;
}

TEST(TokenAnswer, KeepsATroubledServerApartFromARejectedGrant) {
  const auto answer = read("upstream connect error", 503).value();
  EXPECT_EQ(std::get<TokenError>(answer).refusal, Refusal::unavailable);
}

// -- Identity assertion grants -------------------------------------------------------------------

TEST(IdJagAnswer, IsAGrantForAnotherServer) {
  const auto answer = read_id_jag_answer(
      {200, "application/json",
       R"({"issued_token_type":"urn:ietf:params:oauth:token-type:id-jag","access_token":"a.b.c",
           "token_type":"N_A","expires_in":300})"});
  EXPECT_EQ(std::get<Secret>(answer.value()), Secret("a.b.c"));
}

TEST(IdJagAnswer, IsNotAnyOtherToken) {
  EXPECT_THAT(read_id_jag_answer({200, "", R"({"access_token":"a","token_type":"Bearer"})"}),
              FailsWith(ErrorKind::protocol, "issued an unnamed token instead of"));
  EXPECT_THAT(read_id_jag_answer({200, "", R"({"access_token":"a","issued_token_type":
                                  "urn:ietf:params:oauth:token-type:access_token"})"}),
              FailsWith(ErrorKind::protocol, "token-type:access_token instead of"));
}

TEST(IdJagAnswer, MayBeARefusal) {
  const auto answer = read_id_jag_answer({400, "", R"({"error":"invalid_target"})"});
  EXPECT_EQ(std::get<TokenError>(answer.value()).refusal, Refusal::resource_refused);
}

}  // namespace
}  // namespace mcpio::oauth
