// SPDX-License-Identifier: MIT
#include "oauth/request_authentication.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codec/base64.h"
#include "codec/json_document.h"
#include "oauth/key_fixture.h"
#include "support/result_matchers.h"

namespace mcpio::oauth {
namespace {

using codec::FormField;
using test::FailsWith;
using test::jwt_part;
using test::key_of;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using enum AuthMethod;

constexpr std::string_view kJwtBearer = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

ClientCredentials client(std::string id, std::string secret = "") {
  return {.id = std::move(id), .secret = Secret(std::move(secret))};
}

ClientCredentials client_with_key() {
  ClientCredentials credentials = client("id");
  credentials.key = ClientKey{.key = key_of(crypto::kEd25519Jwk), .id = "k1"};
  return credentials;
}

AuthenticatedRequest request() {
  return {.endpoint = "https://as.example/revoke",
          .issuer = "https://as.example",
          .algorithms = {},
          .audiences = {"https://as.example", "https://as.example/token"},
          .now = WallTime(std::chrono::seconds(1'700'000'000)),
          .jti = "jti-1"};
}

std::string body_of(const AuthenticationFields& fields) { return request_body({}, fields); }

std::string value_of(const AuthenticationFields& fields, std::string_view name) {
  for (const FormField& field : fields.body)
    if (field.name == name) return field.value;
  return {};
}

// -- Secrets -------------------------------------------------------------------------------------

struct SecretCase {
  std::string_view name;
  Authentication how;
  std::string secret;
  std::string_view authorization, body, warning;
};

class SecretMethods : public testing::TestWithParam<SecretCase> {};

TEST_P(SecretMethods, PutTheSecretInOnePlaceOnly) {
  const auto fields = authenticate(GetParam().how, client("id", GetParam().secret), request());
  ASSERT_TRUE(fields);
  EXPECT_EQ(fields->authorization.reveal(), GetParam().authorization);
  EXPECT_EQ(body_of(*fields), GetParam().body);
  if (GetParam().warning.empty()) {
    EXPECT_THAT(fields->warnings, IsEmpty());
  } else {
    EXPECT_THAT(fields->warnings, ElementsAre(HasSubstr(std::string(GetParam().warning))));
  }
}

const SecretCase kSecretCases[] = {
    {"None", {.method = none}, "", "", "client_id=id", ""},
    {"NoneNeverSendsAConfiguredSecret", {.method = none}, "s", "", "client_id=id", ""},
    {"NoneWithTheSecretOfRegistration",
     {.method = none, .secret_with_none = true},
     "s",
     "",
     "client_id=id&client_secret=s",
     ""},
    {"NoneWithoutTheSecretOfRegistration",
     {.method = none, .secret_with_none = true},
     "",
     "",
     "client_id=id",
     ""},
    {"Post", {.method = client_secret_post}, "s", "", "client_id=id&client_secret=s", ""},
    {"Basic", {.method = client_secret_basic}, "s", "Basic aWQ6cw==", "", ""},
    {"BasicWithTheId",
     {.method = client_secret_basic, .id_with_basic = true},
     "s",
     "Basic aWQ6cw==",
     "client_id=id",
     ""},
    {"PostWithoutASecret",
     {.method = client_secret_post},
     "",
     "",
     "client_id=id",
     "client_secret_post without a client secret: only client_id is sent"},
    {"BasicWithoutASecret",
     {.method = client_secret_basic},
     "",
     "",
     "client_id=id",
     "client_secret_basic without a client secret: only client_id is sent"},
    {"Certificate", {.method = tls_client_auth}, "s", "", "client_id=id", ""},
    {"SelfSignedCertificate", {.method = self_signed_tls_client_auth}, "s", "", "client_id=id", ""},
};

INSTANTIATE_TEST_SUITE_P(Each, SecretMethods, testing::ValuesIn(kSecretCases),
                         [](const auto& test) { return std::string(test.param.name); });

struct BasicCase {
  std::string_view name, id, secret, pair;
};

class BasicCredentials : public testing::TestWithParam<BasicCase> {};

// RFC 6749, section 2.3.1, with a space as %20.
TEST_P(BasicCredentials, ArePercentEncodedBeforeTheyAreJoined) {
  const auto fields =
      authenticate({.method = client_secret_basic},
                   client(std::string(GetParam().id), std::string(GetParam().secret)), request());
  ASSERT_TRUE(fields);
  EXPECT_EQ(fields->authorization.reveal(), "Basic " + codec::base64(GetParam().pair));
}

const BasicCase kBasicCases[] = {
    {"Plain", "s6BhdRkqt3", "7Fjfp0ZBr1KtDRbnfVdmIw", "s6BhdRkqt3:7Fjfp0ZBr1KtDRbnfVdmIw"},
    {"Unreserved", "a-b._~Z9", "-._~", "a-b._~Z9:-._~"},
    {"ColonAndSlash", "https://c.example/id", "a:b/c", "https%3A%2F%2Fc.example%2Fid:a%3Ab%2Fc"},
    {"SpaceAndPlus", "my id", "a b+c", "my%20id:a%20b%2Bc"},
    {"Percent", "100%", "%20", "100%25:%2520"},
    {"Utf8", "caf\xC3\xA9", "\xE2\x82\xAC", "caf%C3%A9:%E2%82%AC"},
    {"StarAndOthers", "*", "!'()", "%2A:%21%27%28%29"},
};

INSTANTIATE_TEST_SUITE_P(Each, BasicCredentials, testing::ValuesIn(kBasicCases),
                         [](const auto& test) { return std::string(test.param.name); });

// RFC 6749, section 2.3.1.
TEST(BasicCredentials, AreTheExampleOfRfc6749) {
  const auto fields = authenticate({.method = client_secret_basic},
                                   client("s6BhdRkqt3", "7Fjfp0ZBr1KtDRbnfVdmIw"), request());
  ASSERT_TRUE(fields);
  EXPECT_EQ(fields->authorization.reveal(), "Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3");
}

// -- JWTs ----------------------------------------------------------------------------------------

TEST(PrivateKeyJwt, SendsTheAssertionAndTheId) {
  const auto fields = authenticate({.method = private_key_jwt}, client_with_key(), request());
  ASSERT_TRUE(fields);
  EXPECT_TRUE(fields->authorization.empty());
  EXPECT_EQ(fields->body.size(), 3u);
  EXPECT_EQ(value_of(*fields, "client_id"), "id");
  EXPECT_EQ(value_of(*fields, "client_assertion_type"), kJwtBearer);
  const std::string jwt = value_of(*fields, "client_assertion");
  EXPECT_EQ(jwt_part(jwt, 0), R"({"alg":"EdDSA","typ":"JWT","kid":"k1"})");
  EXPECT_THAT(jwt_part(jwt, 1), HasSubstr(R"("iss":"id","sub":"id")"));
  EXPECT_THAT(jwt_part(jwt, 1), HasSubstr(R"("jti":"jti-1")"));
}

std::string audience_of(const Authentication& how, const AuthenticatedRequest& to) {
  const auto fields = authenticate(how, client_with_key(), to);
  const std::string claims = jwt_part(value_of(fields.value(), "client_assertion"), 1);
  return codec::JsonObject::parse(claims, "claims").value().string("aud").value_or("no string");
}

TEST(PrivateKeyJwt, IsForTheIssuerUnlessTheEndpointIsAskedFor) {
  AuthenticatedRequest to = request();
  EXPECT_EQ(audience_of({.method = private_key_jwt}, to), "https://as.example");
  EXPECT_EQ(audience_of({.method = private_key_jwt, .endpoint_is_audience = true}, to),
            "https://as.example/revoke");
  to.endpoint_is_audience = true;
  EXPECT_EQ(audience_of({.method = private_key_jwt}, to), "https://as.example/revoke");
}

TEST(PrivateKeyJwt, NeedsAKeyAndAnAlgorithmInCommon) {
  EXPECT_THAT(authenticate({.method = private_key_jwt}, client("id", "s"), request()),
              FailsWith(ErrorKind::config, "private_key_jwt needs a private key"));
  AuthenticatedRequest to = request();
  to.algorithms = std::vector<std::string>{"RS256"};
  EXPECT_THAT(authenticate({.method = private_key_jwt}, client_with_key(), to),
              FailsWith(ErrorKind::config, "accepts signatures by RS256 only"));
}

TEST(PrivateKeyJwt, SendsAnAssertionOfSomebodyElseAsItIs) {
  const std::string jwt = codec::base64url("{}") + "." +
                          codec::base64url(R"({"aud":"https://as.example/token"})") + ".c2ln";
  ClientCredentials credentials = client_with_key();
  credentials.assertion = Secret(jwt);
  const auto fields = authenticate({.method = private_key_jwt}, credentials, request());
  ASSERT_TRUE(fields);
  EXPECT_EQ(value_of(*fields, "client_assertion"), jwt);
  EXPECT_EQ(value_of(*fields, "client_assertion_type"), kJwtBearer);
  EXPECT_EQ(value_of(*fields, "client_id"), "id");
}

TEST(PrivateKeyJwt, DoesNotSendAnAssertionThatIsForSomebodyElse) {
  ClientCredentials credentials = client("id");
  credentials.assertion = Secret(codec::base64url("{}") + "." +
                                 codec::base64url(R"({"aud":"https://evil.example"})") + ".c2ln");
  EXPECT_THAT(authenticate({.method = private_key_jwt}, credentials, request()),
              FailsWith(ErrorKind::config, "is not sent"));
}

TEST(SecretJwt, SignsWithTheSecretAndDoesNotSendIt) {
  const auto fields =
      authenticate({.method = client_secret_jwt}, client("id", "the secret"), request());
  ASSERT_TRUE(fields);
  EXPECT_TRUE(fields->authorization.empty());
  EXPECT_EQ(value_of(*fields, "client_secret"), "");
  EXPECT_EQ(value_of(*fields, "client_id"), "id");
  EXPECT_EQ(jwt_part(value_of(*fields, "client_assertion"), 0), R"({"alg":"HS256","typ":"JWT"})");
}

TEST(SecretJwt, NeedsASecretAndHs256) {
  EXPECT_THAT(authenticate({.method = client_secret_jwt}, client("id"), request()),
              FailsWith(ErrorKind::config, "client_secret_jwt needs a client secret"));
  AuthenticatedRequest to = request();
  to.algorithms = std::vector<std::string>{"RS256"};
  EXPECT_THAT(authenticate({.method = client_secret_jwt}, client("id", "s"), to),
              FailsWith(ErrorKind::config, "does not accept HS256"));
}

// -- The body ------------------------------------------------------------------------------------

TEST(RequestBody, HoldsTheFieldsThenTheAuthentication) {
  const auto fields = authenticate({.method = client_secret_post}, client("id", "s&="), request());
  ASSERT_TRUE(fields);
  const std::vector<FormField> grant = {{"grant_type", "refresh_token"}, {"refresh_token", "r t"}};
  EXPECT_EQ(request_body(grant, *fields),
            "grant_type=refresh_token&refresh_token=r+t&client_id=id&client_secret=s%26%3D");
}

// RFC 9126, section 2.1: client_id is a parameter of the authorization request already.
TEST(RequestBody, NamesNothingTwice) {
  const auto fields = authenticate({.method = client_secret_post}, client("id", "s"), request());
  ASSERT_TRUE(fields);
  const std::vector<FormField> pushed = {{"response_type", "code"}, {"client_id", "id"}};
  EXPECT_EQ(request_body(pushed, *fields), "response_type=code&client_id=id&client_secret=s");
}

}  // namespace
}  // namespace mcpio::oauth
