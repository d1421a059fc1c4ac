// SPDX-License-Identifier: MIT
#include "oauth/token_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "oauth/answer_members.h"
#include "oauth/peer_text.h"
#include "oauth/refusal_advice.h"
#include "support/result_matchers.h"

namespace mcpio::oauth {
namespace {

using test::FailsWith;
using testing::HasSubstr;
using testing::IsEmpty;

// -- Text to be shown ----------------------------------------------------------------------------

TEST(Shown, KeepsPrintableAsciiWithoutQuoteAndBackslash) {
  EXPECT_EQ(shown("a b~!"), "a b~!");
  EXPECT_EQ(shown("say \"hi\" \\ \x1b[31m\r\n\x7f caf\xC3\xA9"), "say hi  [31m caf");
}

TEST(Shown, IsBoundedAndNeverEmpty) {
  EXPECT_EQ(shown(std::string(1000, 'x')), std::string(200, 'x'));
  EXPECT_EQ(shown(""), "<unspecified>");
  EXPECT_EQ(shown("\n\"\xE2\x82\xAC"), "<unspecified>");
}

// -- Both notations ------------------------------------------------------------------------------

TEST(AnswerMembers, AreReadFromJsonAndFromAForm) {
  const auto json = answer_members(R"({"a":"1","n":2})");
  ASSERT_TRUE(json);
  EXPECT_EQ(json->string("a"), "1");
  const auto form = answer_members("a=1&n=2&b=x%20y+z\r\n");
  ASSERT_TRUE(form);
  EXPECT_EQ(form->string("a"), "1");
  EXPECT_EQ(form->number("n"), 2);
  EXPECT_EQ(form->string("b"), "x y z");
}

TEST(AnswerMembers, CountTheFirstOfRepeatedFields) {
  const auto form = answer_members("a=1&a=2&b=3&a=4");
  ASSERT_TRUE(form);
  EXPECT_EQ(form->string("a"), "1");
  EXPECT_EQ(form->string("b"), "3");
}

TEST(AnswerMembers, AreNotReadFromAnythingElse) {
  for (const std::string_view body :
       {"", "null", "7", "\"a=b\"", "[1]", "<html><a href=x></html>", "error = yes", "sorry",
        "<p class=x>", "=x", "{\"a\":1", "a b=c"})
    EXPECT_THAT(answer_members(body), FailsWith(ErrorKind::protocol, "the answer is not")) << body;
}

// -- What a refusal means ------------------------------------------------------------------------

struct RefusalCase {
  std::string_view name;
  int status;
  std::string_view body;
  Refusal refusal;
  std::string_view text;
};

class ReadTokenError : public testing::TestWithParam<RefusalCase> {};

TEST_P(ReadTokenError, KnowsWhatItMeans) {
  const TokenError error = read_token_error(GetParam().status, GetParam().body);
  EXPECT_EQ(error.refusal, GetParam().refusal);
  EXPECT_EQ(to_string(error), GetParam().text);
}

const RefusalCase kRefusals[] = {
    {"InvalidGrant", 400, R"({"error":"invalid_grant","error_description":"Code expired"})",
     Refusal::grant_rejected, "400 invalid_grant: Code expired"},
    {"InvalidClient", 401, R"({"error":"invalid_client"})", Refusal::client_refused,
     "401 invalid_client"},
    {"UnauthorizedClient", 400, R"({"error":"unauthorized_client"})", Refusal::client_refused,
     "400 unauthorized_client"},
    {"UnauthorizedWithoutABody", 401, "", Refusal::client_refused, "401"},
    {"InvalidScope", 400, R"({"error":"invalid_scope"})", Refusal::scope_refused,
     "400 invalid_scope"},
    {"InvalidTarget", 400, R"({"error":"invalid_target"})", Refusal::resource_refused,
     "400 invalid_target"},
    {"Nonce", 400, R"({"error":"use_dpop_nonce"})", Refusal::nonce_wanted, "400 use_dpop_nonce"},
    {"Pending", 400, R"({"error":"authorization_pending"})", Refusal::authorization_pending,
     "400 authorization_pending"},
    {"SlowDown", 400, R"({"error":"slow_down"})", Refusal::slow_down, "400 slow_down"},
    {"SlowDownWithA429", 429, R"({"error":"slow_down"})", Refusal::slow_down, "429 slow_down"},
    {"DeviceCodeExpired", 400, R"({"error":"expired_token"})", Refusal::device_code_expired,
     "400 expired_token"},
    {"Denied", 400, R"({"error":"access_denied"})", Refusal::denied, "400 access_denied"},
    {"Unsupported", 400, R"({"error":"unsupported_grant_type"})", Refusal::other,
     "400 unsupported_grant_type"},
    {"Unknown", 400, R"({"error":"quota"})", Refusal::other, "400 quota"},
    {"GitHubForm", 200, "error=bad_verification_code&error_description=The+code+is+incorrect",
     Refusal::grant_rejected, "200 bad_verification_code: The code is incorrect"},
    {"SlackRefresh", 200, R"({"ok":false,"error":"invalid_refresh_token"})",
     Refusal::grant_rejected, "200 invalid_refresh_token"},
    {"MetaObject", 400, R"({"error":{"type":"OAuthException","message":"Bad code","code":1}})",
     Refusal::other, "400 OAuthException: Bad code"},
    {"GoogleObject", 401, R"({"error":{"status":"UNAUTHENTICATED","message":"No","code":401}})",
     Refusal::client_refused, "401 UNAUTHENTICATED: No"},
    {"TooMany", 429, "", Refusal::unavailable, "429"},
    {"Trouble", 503, "<html>", Refusal::unavailable, "503"},
    {"TroubleThatBlamesTheGrant", 500, R"({"error":"invalid_grant"})", Refusal::unavailable,
     "500 invalid_grant"},
    {"TemporarilyUnavailable", 400, R"({"error":"temporarily_unavailable"})", Refusal::unavailable,
     "400 temporarily_unavailable"},
    {"Html", 400, "<html>no</html>", Refusal::other, "400"},
    {"ErrorOfAnotherType", 400, R"({"error":7,"error_description":null})", Refusal::other, "400"},
    {"Hostile", 400, R"({"error":"\u001b[2J\"x\\","error_description":"a\nb"})", Refusal::other,
     "400 [2Jx: ab"},
};

INSTANTIATE_TEST_SUITE_P(Each, ReadTokenError, testing::ValuesIn(kRefusals),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(TokenErrorCode, IsTheOneOfEntraId) {
  EXPECT_EQ(make_token_error(400, "", "AADSTS9010010: The resource ...").code, "AADSTS9010010");
  EXPECT_EQ(make_token_error(400, "", std::string(500, ' ') + "AADSTS700025").code, "AADSTS700025");
  EXPECT_THAT(make_token_error(400, "", "AADSTS: none").code, IsEmpty());
  EXPECT_THAT(make_token_error(400, "", "AADS").code, IsEmpty());
}

TEST(RefusalAdvice, PrefersTheCodeOfEntraId) {
  EXPECT_THAT(advice_for(make_token_error(400, "invalid_target", "AADSTS9010010: no")),
              HasSubstr("--no-resource-indicator"));
  EXPECT_THAT(advice_for(make_token_error(401, "invalid_client", "AADSTS7000218: no")),
              HasSubstr("--client-secret-file"));
  EXPECT_THAT(advice_for(make_token_error(401, "invalid_client", "AADSTS700025: no")),
              HasSubstr("--token-endpoint-auth-method none"));
  EXPECT_THAT(advice_for(make_token_error(400, "invalid_scope", "AADSTS1: no")),
              HasSubstr("--oauth-scope"));
}

struct EntraCase {
  std::string_view code, advice;
};

class RefusalAdviceForEntraId : public testing::TestWithParam<EntraCase> {};

TEST_P(RefusalAdviceForEntraId, NamesWhatHelps) {
  const auto description = std::string(GetParam().code) + ": no";
  EXPECT_THAT(advice_for(make_token_error(400, "invalid_grant", description)),
              HasSubstr(GetParam().advice));
}

const EntraCase kEntraCases[] = {
    {"AADSTS50020", "--authorize-param prompt=select_account"},
    {"AADSTS50105", "assign the user to the application"},
    {"AADSTS50194", "--oauth-metadata"},
    {"AADSTS53003", "without --oauth-device"},
    {"AADSTS9002327", "Mobile and desktop applications"},
};

INSTANTIATE_TEST_SUITE_P(Each, RefusalAdviceForEntraId, testing::ValuesIn(kEntraCases),
                         [](const auto& test) { return std::string(test.param.code); });

TEST(RefusalAdvice, IsEmptyIfNoneIsKnown) {
  EXPECT_THAT(advice_for(make_token_error(400, "", "")), IsEmpty());
  EXPECT_THAT(advice_for(make_token_error(400, "quota", "")), IsEmpty());
}

}  // namespace
}  // namespace mcpio::oauth
