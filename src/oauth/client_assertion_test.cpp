// SPDX-License-Identifier: MIT
#include "oauth/client_assertion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "codec/base64.h"
#include "codec/json_document.h"
#include "crypto/jwt.h"
#include "oauth/key_fixture.h"
#include "support/result_matchers.h"

namespace mcpio::oauth {
namespace {

using crypto::Algorithm;
using std::chrono::seconds;
using test::FailsWith;
using test::HoldsOk;
using test::IsOk;
using test::jwt_part;
using test::key_of;
using testing::HasSubstr;

const WallTime kNow = WallTime(seconds(1'700'000'000));
const AssertionClaims kClaims = {
    .client_id = "s6BhdRkqt3", .audience = "https://as.example", .jti = "jti-1", .now = kNow};

std::string with_kid(std::string_view jwk, std::string_view kid) {
  return std::string(jwk.substr(0, jwk.rfind('}'))) + R"(,"kid":")" + std::string(kid) + "\"}";
}

ClientKey client_key(crypto::SigningKey key) { return {.key = std::move(key)}; }

ClientKey with_algorithm(ClientKey key, Algorithm algorithm) {
  key.algorithm = algorithm;
  return key;
}

// -- The algorithm -------------------------------------------------------------------------------

TEST(AlgorithmFor, IsTheUsersWhateverIsAdvertised) {
  const auto key = with_algorithm(client_key(key_of(crypto::kRsaJwk)), Algorithm::ps256);
  EXPECT_THAT(algorithm_for(key, std::nullopt), HoldsOk(Algorithm::ps256));
  EXPECT_THAT(algorithm_for(key, std::vector<std::string>{"RS256"}), HoldsOk(Algorithm::ps256));
}

TEST(AlgorithmFor, RefusesTheUsersIfTheKeyCannot) {
  const auto key = with_algorithm(client_key(key_of(crypto::kEd25519Jwk)), Algorithm::rs256);
  EXPECT_THAT(
      algorithm_for(key, std::nullopt),
      FailsWith(ErrorKind::config, "cannot sign with RS256: --client-key-alg can be EdDSA"));
}

TEST(AlgorithmFor, IsWhatBothSidesCanDo) {
  using List = std::vector<std::string>;
  EXPECT_THAT(algorithm_for(client_key(key_of(crypto::kRsaJwk)), List{"ES256", "RS256"}),
              HoldsOk(Algorithm::rs256));
  EXPECT_THAT(algorithm_for(client_key(key_of(crypto::kRsaJwk)), List{"ES256", "PS256"}),
              HoldsOk(Algorithm::ps256));
  EXPECT_THAT(algorithm_for(client_key(crypto::SigningKey::generate()), List{"RS256", "ES256"}),
              HoldsOk(Algorithm::es256));
  EXPECT_THAT(algorithm_for(client_key(key_of(crypto::kEd25519Jwk)), List{"RS256", "EdDSA"}),
              HoldsOk(Algorithm::eddsa));
}

// RFC 8414, section 2: no default is implied, servers SHOULD support RS256.
TEST(AlgorithmFor, IsRs256OrTheKeysBestIfNothingIsAdvertised) {
  const std::vector<std::string> empty;
  EXPECT_THAT(algorithm_for(client_key(key_of(crypto::kRsaJwk)), std::nullopt),
              HoldsOk(Algorithm::rs256));
  EXPECT_THAT(algorithm_for(client_key(key_of(crypto::kRsaJwk)), empty), HoldsOk(Algorithm::rs256));
  EXPECT_THAT(algorithm_for(client_key(key_of(crypto::kEd25519Jwk)), std::nullopt),
              HoldsOk(Algorithm::eddsa));
}

TEST(AlgorithmFor, NamesBothSidesIfTheyHaveNothingInCommon) {
  EXPECT_THAT(algorithm_for(client_key(key_of(crypto::kEd25519Jwk)),
                            std::vector<std::string>{"RS256", "ES256"}),
              FailsWith(ErrorKind::config,
                        "by RS256, ES256 only, and the key of --client-key makes "
                        "EdDSA"));
}

// -- The JWT -------------------------------------------------------------------------------------

TEST(KeyIdOf, IsTheUsersElseTheJwksElseTheThumbprint) {
  auto key = client_key(key_of(with_kid(crypto::kEd25519Jwk, "from-the-jwk")));
  EXPECT_EQ(key_id_of(key), "from-the-jwk");
  key.id = "from-the-option";
  EXPECT_EQ(key_id_of(key), "from-the-option");
  // RFC 8037, appendix A.3.
  EXPECT_EQ(key_id_of(client_key(key_of(crypto::kEd25519Jwk))),
            "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

TEST(ClientAssertion, HoldsTheClaimsOfRfc7523) {
  const std::string jwt =
      client_assertion(client_key(key_of(crypto::kEd25519Jwk)), Algorithm::eddsa, kClaims);
  EXPECT_EQ(jwt_part(jwt, 1),
            R"({"iss":"s6BhdRkqt3","sub":"s6BhdRkqt3","aud":"https://as.example","jti":"jti-1",)"
            R"("iat":1700000000,"exp":1700000060})");
}

TEST(ClientAssertion, NamesItsKey) {
  auto key = client_key(key_of(crypto::kEd25519Jwk));
  key.id = "k1";
  EXPECT_EQ(jwt_part(client_assertion(key, Algorithm::eddsa, kClaims), 0),
            R"({"alg":"EdDSA","typ":"JWT","kid":"k1"})");
}

// Entra ID finds the certificate by its thumbprint.
TEST(ClientAssertion, NamesItsCertificate) {
  auto key = client_key(key_of(crypto::kEd25519Jwk));
  key.id = "k1";
  key.certificate_thumbprint = "thumb";
  EXPECT_EQ(jwt_part(client_assertion(key, Algorithm::eddsa, kClaims), 0),
            R"({"alg":"EdDSA","typ":"JWT","kid":"k1","x5t#S256":"thumb"})");
}

TEST(ClientAssertion, IsSignedByTheKey) {
  for (const auto& [key, algorithm] : {std::pair(key_of(crypto::kRsaJwk), Algorithm::rs256),
                                       std::pair(key_of(crypto::kRsaJwk), Algorithm::ps256),
                                       std::pair(crypto::SigningKey::generate(), Algorithm::es256),
                                       std::pair(key_of(crypto::kP384Jwk), Algorithm::es384),
                                       std::pair(key_of(crypto::kEd25519Jwk), Algorithm::eddsa)}) {
    const std::string jwt = client_assertion(client_key(key), algorithm, kClaims);
    const std::size_t dot = jwt.rfind('.');
    const auto signature = codec::decode_base64url(std::string_view(jwt).substr(dot + 1));
    ASSERT_TRUE(signature);
    EXPECT_TRUE(key.verify(algorithm, jwt.substr(0, dot), *signature))
        << crypto::name_of(algorithm);
  }
}

TEST(ClientAssertion, IsMadeWithASecretToo) {
  const std::string jwt = client_assertion(Secret("a secret of the client"), kClaims);
  EXPECT_EQ(jwt_part(jwt, 0), R"({"alg":"HS256","typ":"JWT"})");
  EXPECT_THAT(jwt_part(jwt, 1), HasSubstr(R"("aud":"https://as.example")"));
}

// -- Assertions of others ------------------------------------------------------------------------

std::string foreign(std::string_view claims) {
  return codec::base64url(R"({"alg":"RS256"})") + "." + codec::base64url(claims) + ".c2ln";
}

struct ForeignCase {
  std::string_view name, claims, problem;  // no problem: may be sent
};

class ForeignAssertion : public testing::TestWithParam<ForeignCase> {};

TEST_P(ForeignAssertion, IsSentOnlyToWhomItIsFor) {
  const std::vector<std::string> audiences = {"https://as.example", "https://as.example/token"};
  const auto checked =
      check_foreign_assertion(AssertionUse::client, foreign(GetParam().claims), audiences, kNow);
  if (GetParam().problem.empty()) {
    EXPECT_THAT(checked, IsOk());
  } else {
    EXPECT_THAT(checked, FailsWith(ErrorKind::config, std::string(GetParam().problem)));
  }
}

const ForeignCase kForeign[] = {
    {"Issuer", R"({"aud":"https://as.example"})", ""},
    {"TokenEndpoint", R"({"aud":"https://as.example/token"})", ""},
    {"OneOfSeveral", R"({"aud":["https://other.example","https://as.example"]})", ""},
    {"NotExpired", R"({"aud":"https://as.example","exp":1700000001})", ""},
    {"Another", R"({"aud":"https://evil.example"})",
     "is for https://evil.example, not for https://as.example or https://as.example/token, and is "
     "not sent"},
    {"ASlashMore", R"({"aud":"https://as.example/"})", "is not sent"},
    {"OtherCase", R"({"aud":"https://AS.example"})", "is not sent"},
    {"Nobody", R"({"sub":"x"})", "is for nobody"},
    {"EmptyList", R"({"aud":[]})", "is for nobody"},
    {"NumberAsAudience", R"({"aud":7})", "is for nobody"},
    {"HostileAudience", R"({"aud":"\u001b[2J\n"})", "is for [2J, not for"},
    {"Expired", R"({"aud":"https://as.example","exp":1700000000})", "has expired, and is not sent"},
};

INSTANTIATE_TEST_SUITE_P(Each, ForeignAssertion, testing::ValuesIn(kForeign),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(ForeignAssertionText, HasToBeAJsonWebToken) {
  const std::vector<std::string> audiences = {"https://as.example"};
  for (const std::string_view text : {"", "token", "a.b", "a.b.c", "..", "e30.!!.c2ln"})
    EXPECT_THAT(check_foreign_assertion(AssertionUse::client, text, audiences, kNow),
                FailsWith(ErrorKind::config, "is no JSON Web Token, and is not sent"))
        << text;
}

// -- The clock -----------------------------------------------------------------------------------

TEST(ClockCorrection, IsMadeForMoreThanThirtySeconds) {
  EXPECT_EQ(clock_correction(kNow + seconds(30), kNow), seconds(0));
  EXPECT_EQ(clock_correction(kNow - seconds(30), kNow), seconds(0));
  EXPECT_EQ(clock_correction(kNow + seconds(31), kNow), seconds(31));
  EXPECT_EQ(clock_correction(kNow - seconds(3600), kNow), seconds(-3600));
}

TEST(ClockCorrection, IsNotMadeForMoreThanTwoDays) {
  const seconds two_days = std::chrono::days(2);
  EXPECT_EQ(clock_correction(kNow + two_days, kNow), two_days);
  EXPECT_EQ(clock_correction(kNow + two_days + seconds(1), kNow), seconds(0));
  EXPECT_EQ(clock_correction(WallTime::max(), kNow), seconds(0));
}

TEST(ClockCorrection, IsToldInTheRightDirection) {
  EXPECT_THAT(clock_warning(seconds(31)), HasSubstr("31 s behind the authorization server's"));
  EXPECT_THAT(clock_warning(seconds(-90)), HasSubstr("90 s ahead of the authorization server's"));
}

}  // namespace
}  // namespace mcpio::oauth
