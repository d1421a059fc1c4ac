// SPDX-License-Identifier: MIT
#include "oauth/authentication_retry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace mcpio::oauth {

void PrintTo(const Authentication& how, std::ostream* out) {
  *out << name_of(how.method) << (how.id_with_basic ? "+id" : "")
       << (how.secret_with_none ? "+secret" : "") << (how.endpoint_is_audience ? "+endpoint" : "");
}

namespace {

using testing::HasSubstr;
using enum AuthMethod;

constexpr Authentication kNone = {.method = none};
constexpr Authentication kNoneWithSecret = {.method = none, .secret_with_none = true};
constexpr Authentication kPost = {.method = client_secret_post};
constexpr Authentication kBasic = {.method = client_secret_basic};
constexpr Authentication kBasicWithId = {.method = client_secret_basic, .id_with_basic = true};
constexpr Authentication kKey = {.method = private_key_jwt};
constexpr Authentication kKeyToEndpoint = {.method = private_key_jwt, .endpoint_is_audience = true};
constexpr Authentication kSecretJwt = {.method = client_secret_jwt};

const TokenError kUnauthorized = make_token_error(401, "", "");
const TokenError kInvalidClient = make_token_error(400, "invalid_client", "");
const TokenError kOkta = make_token_error(
    401, "invalid_client",
    "The audience claim for client_assertion must be the endpoint invoked for the request.");

AttemptHistory ours(std::vector<Authentication> tried) {
  return {.tried = std::move(tried), .is_ours = true, .has_secret = true};
}

// What follows, in words that a table can hold.
std::string story_of(const AfterRefusal& after) {
  if (const auto* again = std::get_if<TryAgain>(&after)) {
    std::string story = "try " + std::string(name_of(again->how.method));
    if (again->how.id_with_basic) story += " with id";
    if (again->how.endpoint_is_audience) story += " for the endpoint";
    return story;
  }
  constexpr std::string_view kStories[] = {"", "log in", "register", "give up", "not our business"};
  return std::string(kStories[after.index()]);
}

// -- Which refusals are about the client ---------------------------------------------------------

struct RefusalCase {
  std::string_view name;
  int status;
  std::string_view error, description;
  bool is_about_the_client;
};

class RefusalOfTheClient : public testing::TestWithParam<RefusalCase> {};

TEST_P(RefusalOfTheClient, IsToldFromOtherRefusals) {
  const RefusalCase& c = GetParam();
  const auto after =
      after_refusal(make_token_error(c.status, c.error, c.description), ours({kBasic}));
  EXPECT_EQ(story_of(after),
            c.is_about_the_client ? "try client_secret_basic with id" : "not our business");
}

const RefusalCase kRefusals[] = {
    {"Unauthorized", 401, "", "", true},
    {"UnauthorizedWithAnyError", 401, "invalid_request", "", true},
    {"InvalidClient", 400, "invalid_client", "", true},
    {"UnauthorizedClient", 400, "unauthorized_client", "", true},
    {"MissingId", 400, "invalid_request", "Missing client_id parameter", true},
    {"RequiredId", 400, "invalid_request", "CLIENT_ID is required", true},
    {"EntraMissingId", 400, "invalid_request",
     "AADSTS900144: The request body must contain the following parameter: 'client_id'.", true},
    {"GitHubInA200", 200, "incorrect_client_credentials", "", true},
    {"IdMentionedOtherwise", 400, "invalid_request", "redirect_uri does not match client_id",
     false},
    {"SomethingElseMissing", 400, "invalid_request", "Missing code_verifier", false},
    {"NoReason", 400, "", "", false},
    {"SpentCode", 400, "invalid_grant", "", false},
    {"SpentCodeWithA401", 401, "invalid_grant", "", false},
    {"WrongScope", 400, "invalid_scope", "", false},
    {"NonceWanted", 401, "use_dpop_nonce", "", false},
    {"DevicePending", 400, "authorization_pending", "", false},
    {"ServerInTrouble", 500, "invalid_client", "", false},
    {"Forbidden", 403, "", "", false},
};

INSTANTIATE_TEST_SUITE_P(Each, RefusalOfTheClient, testing::ValuesIn(kRefusals),
                         [](const auto& test) { return std::string(test.param.name); });

// -- The ladder ----------------------------------------------------------------------------------

struct LadderCase {
  std::string_view name;
  AttemptHistory history;
  TokenError error;
  std::string_view next;
};

class Ladder : public testing::TestWithParam<LadderCase> {};

TEST_P(Ladder, HasOneNextRung) {
  EXPECT_EQ(story_of(after_refusal(GetParam().error, GetParam().history)), GetParam().next);
}

const LadderCase kLadder[] = {
    {"BasicOnceMoreWithTheId", ours({kBasic}), kInvalidClient, "try client_secret_basic with id"},
    {"ThenPost", ours({kBasic, kBasicWithId}), kInvalidClient, "try client_secret_post"},
    {"ThenNoMore", ours({kBasic, kBasicWithId, kPost}), kInvalidClient, "give up"},
    {"PostThenBasic", ours({kPost}), kUnauthorized, "try client_secret_basic"},
    {"ThenBasicWithTheId", ours({kPost, kBasic}), kUnauthorized, "try client_secret_basic with id"},
    {"NeverAThirdRetry", ours({kPost, kBasic, kBasicWithId}), kUnauthorized, "give up"},
    {"NoneWithASecretIsPost", ours({kNoneWithSecret}), kUnauthorized, "try client_secret_basic"},
    {"StartingWithTheRememberedWay", ours({kBasicWithId}), kUnauthorized, "try client_secret_post"},
    {"NoneHasNothingElse", ours({kNone}), kUnauthorized, "give up"},
    {"ASecretJwtIsNotReplacedByTheSecret", ours({kSecretJwt}), kUnauthorized, "give up"},
    {"AKeyIsNotReplacedByASecret", ours({kKey}), kUnauthorized, "give up"},
    {"TheAudienceOfOkta", ours({kKey}), kOkta, "try private_key_jwt for the endpoint"},
    {"TheAudienceOnce", ours({kKey, kKeyToEndpoint}), kOkta, "give up"},
    {"TheAudienceOfASecretJwt", ours({kSecretJwt}), kOkta,
     "try client_secret_jwt for the endpoint"},
    {"TheAudienceOnlyIfItIsNamed", ours({kKey}), kInvalidClient, "give up"},
    {"TheAudienceIfTheUserNamedTheMethod",
     {.tried = {kKey}, .is_ours = false},
     kOkta,
     "try private_key_jwt for the endpoint"},
    {"TheUsersMethodIsLeftAlone",
     {.tried = {kBasic}, .is_ours = false, .has_secret = true},
     kUnauthorized,
     "give up"},
    {"WithoutASecretThereIsNothingToMove",
     {.tried = {kBasic}, .is_ours = true, .has_secret = false},
     kUnauthorized,
     "give up"},
    {"ABurntCodeNeedsALogin", ours({kBasic, kBasicWithId}),
     make_token_error(400, "invalid_grant", ""), "log in"},
    {"ABurntCodeAfterTheLastRetry", ours({kBasic, kBasicWithId, kPost}),
     make_token_error(400, "invalid_grant", ""), "log in"},
    {"ForgottenByTheServer",
     {.tried = {kBasic, kBasicWithId, kPost},
      .is_ours = true,
      .has_secret = true,
      .is_registered = true},
     kInvalidClient,
     "register"},
    {"ForgottenPublicClient",
     {.tried = {kNone}, .is_ours = true, .is_registered = true},
     kUnauthorized,
     "register"},
    {"RegisteredOnceOnly",
     {.tried = {kNone}, .is_ours = true, .is_registered = true, .was_re_registered = true},
     kUnauthorized,
     "give up"},
    {"RegistrationIsKeptWhileThereIsAnotherWay",
     {.tried = {kBasic}, .is_ours = true, .has_secret = true, .is_registered = true},
     kInvalidClient,
     "try client_secret_basic with id"},
};

INSTANTIATE_TEST_SUITE_P(Each, Ladder, testing::ValuesIn(kLadder),
                         [](const auto& test) { return std::string(test.param.name); });

// -- The end of it -------------------------------------------------------------------------------

struct AdviceCase {
  std::string_view name;
  AttemptHistory history;
  std::string_view advice;
};

class AdviceAfterAll : public testing::TestWithParam<AdviceCase> {};

TEST_P(AdviceAfterAll, NamesTheOptionThatHelps) {
  const auto after = after_refusal(kInvalidClient, GetParam().history);
  const auto* end = std::get_if<GiveUp>(&after);
  ASSERT_NE(end, nullptr);
  EXPECT_THAT(end->advice, HasSubstr(std::string(GetParam().advice)));
}

const AdviceCase kAdvice[] = {
    {"None", ours({kNone}), "--client-secret-file"},
    {"MissingSecret",
     {.tried = {kBasic}, .is_ours = true},
     "wants a client secret (--client-secret-file"},
    {"Secret", ours({kPost, kBasic, kBasicWithId}), "--token-endpoint-auth-method"},
    {"Key", ours({kKey}), "--client-key-id"},
    {"Certificate", ours({{.method = tls_client_auth}}), "did not accept the client certificate"},
};

INSTANTIATE_TEST_SUITE_P(Each, AdviceAfterAll, testing::ValuesIn(kAdvice),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace mcpio::oauth
