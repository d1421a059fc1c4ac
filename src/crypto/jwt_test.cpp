// SPDX-License-Identifier: MIT
#include "crypto/jwt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "codec/base64.h"
#include "crypto/key_fixture.h"
#include "support/result_matchers.h"

namespace mcpio::crypto {
namespace {

using test::FailsWith;
using test::HoldsOk;
using test::IsOk;
using testing::Optional;

SigningKey key_of(std::string_view jwk) {
  return SigningKey::from_jwk(Secret(std::string(jwk))).value();
}

// RFC 7515, appendix A.
constexpr std::string_view kClaims =
    "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";
constexpr std::string_view kClaimsText =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
    "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

// RFC 7515, appendix A.1.
TEST(SignJwt, GivesTheExampleForHs256) {
  const Secret secret(
      codec::decode_base64url("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4h"
                              "cgUuTwjAzZr1Z9CAow")
          .value());
  EXPECT_EQ(sign_jwt(secret, "{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}", kClaims),
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." + std::string(kClaimsText) +
                ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
}

// RFC 7515, appendix A.2.
TEST(SignJwt, GivesTheExampleForRs256) {
  EXPECT_EQ(sign_jwt(key_of(kRsaJwk), Algorithm::rs256, R"({"alg":"RS256"})", kClaims),
            "eyJhbGciOiJSUzI1NiJ9." + std::string(kClaimsText) +
                ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5"
                "YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6"
                "xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc"
                "6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_"
                "IoypGlUPQGe77Rw");
}

// RFC 8037, appendix A.4; its payload is no JSON.
TEST(SignJwt, GivesTheExampleForEdDsa) {
  EXPECT_EQ(
      sign_jwt(key_of(kEd25519Jwk), Algorithm::eddsa, R"({"alg":"EdDSA"})",
               "Example of Ed25519 signing"),
      "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
      "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
}

// RFC 7515, appendix A.3: no two signatures are the same, so the example can only be verified.
TEST(SignJwt, VerifiesTheExampleForEs256) {
  const auto signature = codec::decode_base64url(
      "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
  EXPECT_TRUE(key_of(kP256Jwk).verify(
      Algorithm::es256, "eyJhbGciOiJFUzI1NiJ9." + std::string(kClaimsText), *signature));
}

TEST(SignJwt, SignsHeaderAndClaimsAsTheyStandInTheJwt) {
  const SigningKey key = SigningKey::generate();
  const std::string jwt = sign_jwt(key, Algorithm::es256, R"({"alg":"ES256"})", kClaims);
  const std::size_t dot = jwt.rfind('.');
  const auto signature = codec::decode_base64url(jwt.substr(dot + 1));
  ASSERT_THAT(signature, IsOk());
  EXPECT_TRUE(key.verify(Algorithm::es256, jwt.substr(0, dot), *signature));
}

TEST(PeekClaims, ReadsWhatASignedJwtSays) {
  const auto claims = peek_claims(sign_jwt(Secret("x"), R"({"alg":"HS256"})", kClaims));
  ASSERT_THAT(claims, IsOk());
  EXPECT_THAT(claims->string("iss"), Optional(std::string("joe")));
  EXPECT_THAT(claims->number("exp"), Optional(1300819380.0));
}

struct Bad {
  std::string_view name;
  std::string jwt;
  std::string_view story;
};

const std::string kHeader = codec::base64url(R"({"alg":"HS256"})");

const Bad kBad[] = {
    {"Empty", "", "three parts"},
    {"OnePart", kHeader, "three parts"},
    {"TwoParts", kHeader + "." + std::string(kClaimsText), "three parts"},
    {"FourParts", kHeader + "." + std::string(kClaimsText) + ".AAAA.AAAA", "three parts"},
    // RFC 7516, section 7.1.
    {"Encrypted", kHeader + ".AAAA.AAAA.AAAA.AAAA", "three parts"},
    {"Padded", kHeader + "=." + std::string(kClaimsText) + ".AAAA", "three parts"},
    {"LineFeed", kHeader + "." + std::string(kClaimsText) + ".AAAA\n", "three parts"},
    {"Quoted", "\"" + kHeader + "." + std::string(kClaimsText) + ".AAAA\"", "three parts"},
    {"EmptyHeader", "." + std::string(kClaimsText) + ".AAAA", "header of the JWT is not JSON"},
    {"EmptyClaims", kHeader + "..AAAA", "claims set of the JWT is not JSON"},
    {"ClaimsAreNoObject", kHeader + "." + codec::base64url("[1]") + ".AAAA", "not a JSON object"},
    {"Opaque", "ya29.a0AfH6SMB", "three parts"},
};

void PrintTo(const Bad& row, std::ostream* out) { *out << row.name; }

class BadJwts : public testing::TestWithParam<Bad> {};

TEST_P(BadJwts, AreRefusedWithTheReason) {
  EXPECT_THAT(peek_claims(GetParam().jwt), FailsWith(ErrorKind::protocol, GetParam().story));
}

INSTANTIATE_TEST_SUITE_P(Jwt, BadJwts, testing::ValuesIn(kBad),
                         [](const auto& test) { return std::string(test.param.name); });

// RFC 8705, appendix A.
constexpr std::string_view kCertificate =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBBjCBrAIBAjAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARtdGxzMB4XDTE4MTAx\n"
    "ODEyMzcwOVoXDTIyMDUwMjEyMzcwOVowDzENMAsGA1UEAwwEbXRsczBZMBMGByqG\n"
    "SM49AgEGCCqGSM49AwEHA0IABNcnyxwqV6hY8QnhxxzFQ03C7HKW9OylMbnQZjjJ\n"
    "/Au08/coZwxS7LfA4vOLS9WuneIXhbGGWvsDSb0tH6IxLm8wCgYIKoZIzj0EAwID\n"
    "SQAwRgIhAP0RC1E+vwJD/D1AGHGzuri+hlV/PpQEKTWUVeORWz83AiEA5x2eXZOV\n"
    "bUlJSGQgjwD5vaUaKlLR50Q2DmFfQj1L+SY=\n"
    "-----END CERTIFICATE-----\n";

TEST(CertificateThumbprint, GivesTheExampleOfTheStandard) {
  EXPECT_THAT(certificate_thumbprint(kCertificate),
              HoldsOk("A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0"));
}

TEST(CertificateThumbprint, IsOfTheFirstCertificate) {
  const std::string more = "subject: x\n" + std::string(kCertificate) +
                           "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  EXPECT_THAT(certificate_thumbprint(more), HoldsOk("A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0"));
}

TEST(CertificateThumbprint, NeedsACertificate) {
  for (const std::string_view text :
       {std::string_view(), std::string_view("text"), kCertificate.substr(0, 200),
        std::string_view("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
        std::string_view("-----BEGIN CERTIFICATE-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: "
                         "AES-128-CBC,00000000000000000000000000000000\n\nAAAA\n-----END "
                         "CERTIFICATE-----\n")})
    EXPECT_THAT(certificate_thumbprint(text), FailsWith(ErrorKind::config, "BEGIN CERTIFICATE"));
}

}  // namespace
}  // namespace mcpio::crypto
