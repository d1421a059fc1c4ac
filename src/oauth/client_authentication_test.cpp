// SPDX-License-Identifier: MIT
#include "oauth/client_authentication.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "support/result_matchers.h"

namespace mcpio::oauth {
namespace {

using test::FailsWith;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using enum AuthMethod;

const AdvertisedMethods kAbsent = std::nullopt;
const AdvertisedMethods kEmpty = std::vector<std::string>();

AdvertisedMethods lists(std::vector<std::string> names) { return names; }

TEST(AuthMethod, IsReadByTheNameItIsWrittenWith) {
  for (const AuthMethod method : {none, client_secret_post, client_secret_basic, client_secret_jwt,
                                  private_key_jwt, tls_client_auth, self_signed_tls_client_auth}) {
    EXPECT_EQ(parse_auth_method(name_of(method)), method);
    EXPECT_THAT(auth_method_names(), HasSubstr(std::string(name_of(method))));
  }
  for (const std::string_view name : {"", "None", "client_secret", "attest_jwt_client_auth"})
    EXPECT_EQ(parse_auth_method(name), std::nullopt) << name;
}

// -- What registration asks for ------------------------------------------------------------------

struct AskedCase {
  std::string_view name;
  ConfiguredMaterial configured;
  AdvertisedMethods advertised;
  AuthMethod asked;
};

class AskedAtRegistration : public testing::TestWithParam<AskedCase> {};

TEST_P(AskedAtRegistration, IsSilent) {
  const AskedMethod asked = asked_at_registration(GetParam().configured, GetParam().advertised);
  EXPECT_EQ(name_of(asked.method), name_of(GetParam().asked));
  EXPECT_THAT(asked.warnings, IsEmpty());
}

const AskedCase kAsked[] = {
    {"TheUsersMethod", {.method = client_secret_basic}, lists({"none"}), client_secret_basic},
    {"TheUsersMethodBeforeTheKey", {.method = none, .key = true}, lists({"private_key_jwt"}), none},
    {"TheKeysMethodIfAdvertised",
     {.key = true},
     lists({"none", "private_key_jwt"}),
     private_key_jwt},
    {"NotTheKeysMethodIfNotAdvertised",
     {.key = true},
     lists({"client_secret_post"}),
     client_secret_post},
    {"NotTheKeysMethodIfNothingIsAdvertised", {.key = true}, kAbsent, none},
    {"TheCertificatesMethodIfAdvertised",
     {.certificate = true},
     lists({"none", "tls_client_auth"}),
     tls_client_auth},
    {"TheSelfSignedCertificatesMethod",
     {.certificate = true},
     lists({"none", "self_signed_tls_client_auth"}),
     self_signed_tls_client_auth},
    {"TheMethodThatTheCertificateIsForIfBothAreAdvertised",
     {.certificate = true, .certificate_is_self_signed = true},
     lists({"tls_client_auth", "self_signed_tls_client_auth"}),
     self_signed_tls_client_auth},
    {"TheAuthoritysMethodForItsCertificate",
     {.certificate = true},
     lists({"self_signed_tls_client_auth", "tls_client_auth"}),
     tls_client_auth},
    {"NotTheCertificatesMethodIfNotAdvertised", {.certificate = true}, lists({"none"}), none},
    {"TheKeyBeforeTheCertificate",
     {.key = true, .certificate = true},
     lists({"tls_client_auth", "private_key_jwt"}),
     private_key_jwt},
    {"NoneFirst", {}, lists({"none", "client_secret_post", "client_secret_basic"}), none},
    {"NoneFirstWhateverTheServersOrder",
     {},
     lists({"client_secret_basic", "client_secret_post", "none"}),
     none},
    {"PostBeforeBasic",
     {},
     lists({"client_secret_basic", "client_secret_post"}),
     client_secret_post},
    {"BasicAlone", {}, lists({"client_secret_basic"}), client_secret_basic},
    {"WhatWeCanAmongWhatWeCannot",
     {},
     lists({"private_key_jwt", "client_secret_basic"}),
     client_secret_basic},
    {"NeverAMethodWithoutItsMaterial", {}, lists({"tls_client_auth", "none"}), none},
    {"AListThatIsAbsent", {}, kAbsent, none},
    {"AListThatIsEmpty", {}, kEmpty, none},
    {"ASecretChangesNothing", {.secret = true}, lists({"client_secret_basic", "none"}), none},
};

INSTANTIATE_TEST_SUITE_P(Each, AskedAtRegistration, testing::ValuesIn(kAsked),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(AskedAtRegistration, IsNoneWithAWarningIfOnlyMethodsAreListedThatWeCannotDo) {
  const AskedMethod asked =
      asked_at_registration({}, lists({"private_key_jwt", "attest_jwt_client_auth"}));
  EXPECT_EQ(asked.method, none);
  EXPECT_THAT(asked.warnings,
              ElementsAre(AllOf(HasSubstr("private_key_jwt, attest_jwt_client_auth"),
                                HasSubstr("none, client_secret_post, client_secret_basic"))));
}

TEST(AskedAtRegistration, ShowsNothingOfTheListThatWouldHarmATerminal) {
  const AskedMethod asked = asked_at_registration({}, lists({"\x1b[31mred\n"}));
  EXPECT_THAT(asked.warnings, ElementsAre(HasSubstr(" [31mred only")));
}

// -- What the requests use -----------------------------------------------------------------------

struct UsedCase {
  std::string_view name;
  Situation situation;
  Authentication how;
  bool is_ours = true;
};

class AuthenticationUsed : public testing::TestWithParam<UsedCase> {};

TEST_P(AuthenticationUsed, IsTheFirstRowThatApplies) {
  const auto decision = authentication_used(GetParam().situation);
  ASSERT_TRUE(decision) << decision.error().message;
  EXPECT_EQ(name_of(decision->how.method), name_of(GetParam().how.method));
  EXPECT_EQ(decision->how, GetParam().how);
  EXPECT_EQ(decision->is_ours, GetParam().is_ours);
  EXPECT_THAT(decision->warnings, IsEmpty());
}

constexpr auto kStored = ClientOrigin::stored;
constexpr auto kRegistered = ClientOrigin::registered;
constexpr auto kDocument = ClientOrigin::metadata_document;

const UsedCase kUsed[] = {
    // The user named one.
    {"NamedBasic",
     {.configured = {.method = client_secret_basic, .secret = true}, .advertised = lists({"none"})},
     {.method = client_secret_basic},
     false},
    {"NamedBeforeTheStoredOne",
     {.configured = {.method = client_secret_post},
      .origin = kStored,
      .recorded_method = "client_secret_basic",
      .issued_secret = true},
     {.method = client_secret_post},
     false},
    {"NamedBeforeTheRegisteredOne",
     {.configured = {.method = client_secret_post},
      .origin = kRegistered,
      .recorded_method = "client_secret_basic",
      .issued_secret = true},
     {.method = client_secret_post},
     false},
    {"NamedNoneNeverSendsASecret",
     {.configured = {.method = none, .secret = true},
      .origin = kRegistered,
      .recorded_method = "client_secret_post",
      .issued_secret = true},
     {.method = none},
     false},
    {"NamedPrivateKeyWithAForeignAssertion",
     {.configured = {.method = private_key_jwt, .assertion = true}, .advertised = lists({"none"})},
     {.method = private_key_jwt},
     false},
    {"NamedSecretJwt",
     {.configured = {.method = client_secret_jwt, .secret = true}},
     {.method = client_secret_jwt},
     false},
    {"NamedSecretJwtAsItLastWorked",
     {.configured = {.method = client_secret_jwt, .secret = true},
      .learnt = Authentication{.method = client_secret_jwt, .endpoint_is_audience = true}},
     {.method = client_secret_jwt, .endpoint_is_audience = true},
     false},
    {"NamedSelfSignedCertificate",
     {.configured = {.method = self_signed_tls_client_auth, .certificate = true},
      .advertised = lists({"tls_client_auth"})},
     {.method = self_signed_tls_client_auth},
     false},

    // A stored entry.
    {"StoredBasic",
     {.advertised = lists({"none"}),
      .origin = kStored,
      .recorded_method = "client_secret_basic",
      .issued_secret = true},
     {.method = client_secret_basic}},
    {"StoredBeforeAnythingConfigured",
     {.configured = {.secret = true, .key = true, .certificate = true},
      .advertised = lists({"private_key_jwt"}),
      .origin = kStored,
      .recorded_method = "none"},
     {.method = none}},
    {"StoredWithoutTheMember",
     {.advertised = lists({"client_secret_basic"}), .origin = kStored},
     {.method = none}},
    {"StoredWithoutTheMemberButWithASecret",
     {.origin = kStored, .issued_secret = true},
     {.method = none, .secret_with_none = true}},
    {"StoredBasicWithoutASecret",
     {.origin = kStored, .recorded_method = "client_secret_basic"},
     {.method = client_secret_basic}},
    {"StoredPrivateKey",
     {.configured = {.key = true}, .origin = kStored, .recorded_method = "private_key_jwt"},
     {.method = private_key_jwt}},

    {"StoredBasicAsItLastWorked",
     {.origin = kStored,
      .recorded_method = "client_secret_basic",
      .learnt = Authentication{.method = client_secret_basic, .id_with_basic = true},
      .issued_secret = true},
     {.method = client_secret_basic, .id_with_basic = true}},
    {"StoredPrivateKeyAsItLastWorked",
     {.configured = {.key = true},
      .origin = kStored,
      .recorded_method = "private_key_jwt",
      .learnt = Authentication{.method = private_key_jwt, .endpoint_is_audience = true}},
     {.method = private_key_jwt, .endpoint_is_audience = true}},
    {"StoredMethodOtherThanWhatWasLearnt",
     {.origin = kStored,
      .recorded_method = "client_secret_post",
      .learnt = Authentication{.method = client_secret_basic, .id_with_basic = true},
      .issued_secret = true},
     {.method = client_secret_post}},

    // A new login of a client that has logged in before.
    {"LearntPostWhereBasicIsTheDefault",
     {.configured = {.secret = true}, .learnt = Authentication{.method = client_secret_post}},
     {.method = client_secret_post}},
    {"LearntBasicWithTheIdWherePostIsAdvertised",
     {.configured = {.secret = true},
      .advertised = lists({"client_secret_post"}),
      .learnt = Authentication{.method = client_secret_basic, .id_with_basic = true}},
     {.method = client_secret_basic, .id_with_basic = true}},
    {"LearntBasicOfARegisteredClient",
     {.origin = kRegistered,
      .recorded_method = "none",
      .learnt = Authentication{.method = client_secret_basic},
      .issued_secret = true},
     {.method = client_secret_basic}},
    {"LearntAudience",
     {.configured = {.key = true},
      .learnt = Authentication{.method = private_key_jwt, .endpoint_is_audience = true}},
     {.method = private_key_jwt, .endpoint_is_audience = true}},
    {"LearntSecretIsNoneThatAKeyStepsDownTo",
     {.configured = {.secret = true, .key = true},
      .learnt = Authentication{.method = client_secret_post}},
     {.method = private_key_jwt}},
    {"LearntSecretThatIsGone",
     {.learnt = Authentication{.method = client_secret_basic}},
     {.method = none}},
    {"LearntOtherThanWhatTheUserNames",
     {.configured = {.method = client_secret_basic, .secret = true},
      .learnt = Authentication{.method = client_secret_post}},
     {.method = client_secret_basic},
     false},

    // Registration's answer.
    {"RegisteredAsAnswered",
     {.advertised = lists({"none"}),
      .origin = kRegistered,
      .recorded_method = "client_secret_basic",
      .asked = none,
      .issued_secret = true},
     {.method = client_secret_basic}},
    {"RegisteredWithoutTheMember",
     {.origin = kRegistered, .asked = client_secret_post, .issued_secret = true},
     {.method = client_secret_post}},
    {"RegisteredNoneWithASecret",
     {.origin = kRegistered, .recorded_method = "none", .issued_secret = true},
     {.method = none, .secret_with_none = true}},
    {"RegisteredNoneWithoutASecret",
     {.origin = kRegistered, .recorded_method = "none"},
     {.method = none}},
    {"RegisteredSecretJwt",
     {.origin = kRegistered, .recorded_method = "client_secret_jwt", .issued_secret = true},
     {.method = client_secret_jwt}},
    {"RegisteredCertificate",
     {.configured = {.certificate = true},
      .origin = kRegistered,
      .recorded_method = "tls_client_auth",
      .asked = tls_client_auth},
     {.method = tls_client_auth}},

    // Client id metadata document.
    {"DocumentWithAKey",
     {.configured = {.key = true}, .advertised = lists({"none"}), .origin = kDocument},
     {.method = private_key_jwt}},
    {"DocumentWithoutAKey",
     {.advertised = lists({"client_secret_post"}), .origin = kDocument},
     {.method = none}},
    {"DocumentNeverASecret",
     {.configured = {.secret = true},
      .advertised = lists({"client_secret_basic"}),
      .origin = kDocument,
      .issued_secret = true},
     {.method = none}},

    // A certificate.
    {"CertificateOfAnAuthority",
     {.configured = {.certificate = true}, .advertised = lists({"none", "tls_client_auth"})},
     {.method = tls_client_auth}},
    {"CertificateSelfSigned",
     {.configured = {.certificate = true}, .advertised = lists({"self_signed_tls_client_auth"})},
     {.method = self_signed_tls_client_auth}},
    {"CertificateSelfSignedWhereBothAreOffered",
     {.configured = {.certificate = true, .certificate_is_self_signed = true},
      .advertised = lists({"tls_client_auth", "self_signed_tls_client_auth"})},
     {.method = self_signed_tls_client_auth}},
    {"CertificateSelfSignedWithAnAuthoritysMethodAlone",
     {.configured = {.certificate = true, .certificate_is_self_signed = true},
      .advertised = lists({"tls_client_auth"})},
     {.method = tls_client_auth}},
    {"CertificateSelfSignedListAbsent",
     {.configured = {.certificate = true, .certificate_is_self_signed = true},
      .advertised = kAbsent},
     {.method = self_signed_tls_client_auth}},
    {"CertificateListAbsent",
     {.configured = {.certificate = true}, .advertised = kAbsent},
     {.method = tls_client_auth}},
    {"CertificateBeforeKeyAndSecret",
     {.configured = {.secret = true, .key = true, .certificate = true},
      .advertised = lists({"private_key_jwt", "client_secret_basic", "tls_client_auth"})},
     {.method = tls_client_auth}},

    // A key, or an assertion of somebody else.
    {"KeyAdvertised",
     {.configured = {.key = true}, .advertised = lists({"none", "private_key_jwt"})},
     {.method = private_key_jwt}},
    {"KeyListAbsent",
     {.configured = {.key = true}, .advertised = kAbsent},
     {.method = private_key_jwt}},
    {"KeyListEmpty",
     {.configured = {.key = true}, .advertised = kEmpty},
     {.method = private_key_jwt}},
    {"KeyBeforeSecret",
     {.configured = {.secret = true, .key = true},
      .advertised = lists({"client_secret_basic", "private_key_jwt"})},
     {.method = private_key_jwt}},
    {"AssertionAdvertised",
     {.configured = {.assertion = true}, .advertised = lists({"private_key_jwt"})},
     {.method = private_key_jwt}},
    {"AssertionListAbsent",
     {.configured = {.assertion = true}, .advertised = kAbsent},
     {.method = private_key_jwt}},

    // A configured secret.
    {"SecretPostBeforeBasic",
     {.configured = {.secret = true},
      .advertised = lists({"client_secret_basic", "client_secret_post"})},
     {.method = client_secret_post}},
    {"SecretBasicAlone",
     {.configured = {.secret = true}, .advertised = lists({"none", "client_secret_basic"})},
     {.method = client_secret_basic}},
    {"SecretListAbsent",
     {.configured = {.secret = true}, .advertised = kAbsent},
     {.method = client_secret_basic}},
    {"SecretListEmpty",
     {.configured = {.secret = true}, .advertised = kEmpty},
     {.method = client_secret_basic}},
    {"SecretJwtLast",
     {.configured = {.secret = true},
      .advertised = lists({"client_secret_jwt", "client_secret_basic"})},
     {.method = client_secret_basic}},
    {"SecretJwtIfNothingElseTakesASecret",
     {.configured = {.secret = true},
      .advertised = lists({"private_key_jwt", "client_secret_jwt", "none"})},
     {.method = client_secret_jwt}},

    // A configured id without any material.
    {"IdAloneListAbsent", {.advertised = kAbsent}, {.method = none}},
    {"IdAloneWhateverIsAdvertised",
     {.advertised = lists({"client_secret_post", "private_key_jwt"})},
     {.method = none}},
};

INSTANTIATE_TEST_SUITE_P(Each, AuthenticationUsed, testing::ValuesIn(kUsed),
                         [](const auto& test) { return std::string(test.param.name); });

struct FailingCase {
  std::string_view name;
  Situation situation;
  std::string_view message;
};

class AuthenticationRefused : public testing::TestWithParam<FailingCase> {};

TEST_P(AuthenticationRefused, BeforeAnythingIsSent) {
  EXPECT_THAT(authentication_used(GetParam().situation),
              FailsWith(ErrorKind::config, std::string(GetParam().message)));
}

const FailingCase kFailing[] = {
    {"NamedBasicWithoutASecret",
     {.configured = {.method = client_secret_basic}},
     "client_secret_basic needs a client secret (--client-secret-file"},
    {"NamedPostWithAKey",
     {.configured = {.method = client_secret_post, .key = true}},
     "client_secret_post needs a client secret"},
    {"NamedSecretJwtWithoutASecret",
     {.configured = {.method = client_secret_jwt}},
     "client_secret_jwt needs a client secret"},
    {"NamedPrivateKeyWithoutAKey",
     {.configured = {.method = private_key_jwt, .secret = true}},
     "private_key_jwt needs a private key (--client-key)"},
    {"NamedCertificateWithoutOne",
     {.configured = {.method = tls_client_auth}},
     "tls_client_auth needs a client certificate"},
    {"StoredPrivateKeyWithoutAKey",
     {.origin = kStored, .recorded_method = "private_key_jwt"},
     "private_key_jwt needs a private key"},
    {"StoredMethodOfALaterVersion",
     {.origin = kStored, .recorded_method = "telepathy"},
     "unknown token_endpoint_auth_method telepathy: give --token-endpoint-auth-method"},
    {"KeyNotOffered",
     {.configured = {.secret = true, .key = true},
      .advertised = lists({"client_secret_basic", "none"})},
     "does not offer private_key_jwt for --client-key, only client_secret_basic, none"},
    {"AssertionNotOffered",
     {.configured = {.assertion = true}, .advertised = lists({"client_secret_post"})},
     "does not offer private_key_jwt for the client assertion, only client_secret_post"},
    {"CertificateNotOffered",
     {.configured = {.key = true, .certificate = true}, .advertised = lists({"private_key_jwt"})},
     "does not offer tls_client_auth or self_signed_tls_client_auth for --oauth-client-cert, only "
     "private_key_jwt"},
};

INSTANTIATE_TEST_SUITE_P(Each, AuthenticationRefused, testing::ValuesIn(kFailing),
                         [](const auto& test) { return std::string(test.param.name); });

struct WarningCase {
  std::string_view name;
  Situation situation;
  AuthMethod used;
  std::string_view warning;
};

class AuthenticationWarned : public testing::TestWithParam<WarningCase> {};

TEST_P(AuthenticationWarned, Once) {
  const auto decision = authentication_used(GetParam().situation);
  ASSERT_TRUE(decision) << decision.error().message;
  EXPECT_EQ(name_of(decision->how.method), name_of(GetParam().used));
  EXPECT_TRUE(decision->is_ours);
  EXPECT_THAT(decision->warnings, ElementsAre(HasSubstr(std::string(GetParam().warning))));
}

const WarningCase kWarnings[] = {
    {"RegisteredAMethodWeDoNotKnow",
     {.origin = kRegistered,
      .recorded_method = "attest_jwt_client_auth",
      .asked = client_secret_post,
      .issued_secret = true},
     client_secret_post,
     "attest_jwt_client_auth, which is none of ours; using client_secret_post"},
    {"RegisteredAMethodWithoutItsMaterial",
     {.origin = kRegistered, .recorded_method = "private_key_jwt", .asked = none},
     none,
     "private_key_jwt, which needs a private key (--client-key)"},
    {"SecretWithoutAMethodForIt",
     {.configured = {.secret = true}, .advertised = lists({"none", "private_key_jwt"})},
     client_secret_post,
     "no method for a client secret, only none, private_key_jwt; using client_secret_post"},
};

INSTANTIATE_TEST_SUITE_P(Each, AuthenticationWarned, testing::ValuesIn(kWarnings),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace mcpio::oauth
