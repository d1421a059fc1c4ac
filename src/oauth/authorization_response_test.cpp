// SPDX-License-Identifier: MIT
#include "oauth/authorization_response.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <variant>

#include "support/result_matchers.h"

namespace mcpio::oauth {
namespace {

using test::FailsWith;
using test::HoldsOk;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kIssuer = "https://as.example";
constexpr std::string_view kIss = "&iss=https%3A%2F%2Fas.example";

AuthorizationResponse read(std::string_view query, bool promises_iss = false) {
  return read_authorization_response(
      query, {.state = Secret("st"), .issuer = std::string(kIssuer), .promises_iss = promises_iss});
}

bool is_foreign(std::string_view query) {
  return std::holds_alternative<ForeignResponse>(read(query));
}

std::string code_in(const AuthorizationResponse& response) {
  const auto* granted = std::get_if<CodeGranted>(&response);
  return granted == nullptr ? "no code" : std::string(granted->code.reveal());
}

LoginEnded end_of(std::string_view query, bool promises_iss = false) {
  const auto response = read(query, promises_iss);
  const auto* ended = std::get_if<LoginEnded>(&response);
  return ended == nullptr ? LoginEnded{.kind = ErrorKind::io, .message = "no end"} : *ended;
}

TEST(AuthorizationResponse, HoldsTheCode) {
  EXPECT_EQ(code_in(read("code=SplxlOBeZQQYbYS6WxSbIA&state=st")), "SplxlOBeZQQYbYS6WxSbIA");
  EXPECT_EQ(code_in(read("state=st&code=a%2Fb%2Bc&session_state=x")), "a/b+c");
}

// -- state ---------------------------------------------------------------------------------------

TEST(AuthorizationResponse, IsForeignWithoutOurState) {
  for (const std::string_view query :
       {"", "code=c", "code=c&state=", "code=c&state=ST", "code=c&state=st2", "code=c&state=s",
        "error=access_denied", "error=access_denied&state=other", "state=st&code=c&state=st",
        "state=other&state=st&code=c", "code=c&STATE=st", "iss=https%3A%2F%2Fevil.example"})
    EXPECT_TRUE(is_foreign(query)) << query;
}

TEST(AuthorizationResponse, IsForeignIfNoStateWasMade) {
  EXPECT_TRUE(std::holds_alternative<ForeignResponse>(
      read_authorization_response("code=c&state=", {.state = {}, .issuer = ""})));
}

// -- iss: the four rows of RFC 9207, section 2.4 -------------------------------------------------

struct IssuerCase {
  std::string_view name;
  bool promises_iss;
  std::string iss;
  bool is_accepted;
};

class ResponseIssuer : public testing::TestWithParam<IssuerCase> {};

TEST_P(ResponseIssuer, IsCheckedBeforeTheCode) {
  const IssuerCase& c = GetParam();
  const std::string query = "code=c&state=st" + c.iss;
  if (c.is_accepted) {
    EXPECT_EQ(code_in(read(query, c.promises_iss)), "c");
  } else {
    EXPECT_EQ(end_of(query, c.promises_iss).kind, ErrorKind::untrusted);
  }
}

// The same on an error, of which nothing is shown then.
TEST_P(ResponseIssuer, IsCheckedBeforeAnErrorIsShown) {
  const IssuerCase& c = GetParam();
  const LoginEnded ended = end_of(
      "error=access_denied&error_description=call+0800&error_uri=http%3A%2F%2Fevil&state=st" +
          c.iss,
      c.promises_iss);
  EXPECT_EQ(ended.kind, c.is_accepted ? ErrorKind::rejected : ErrorKind::untrusted);
  if (c.is_accepted) {
    EXPECT_THAT(ended.message, HasSubstr("answered access_denied: call 0800"));
  } else {
    EXPECT_THAT(ended.message, Not(HasSubstr("access_denied")));
    EXPECT_THAT(ended.message, Not(HasSubstr("0800")));
    EXPECT_THAT(ended.message, Not(HasSubstr("evil")));
  }
}

TEST(AuthorizationResponse, ARefusalComesWithWhatHelps) {
  const LoginEnded ended = end_of(
      "error=invalid_target&error_description=AADSTS9010010%3A+no&state=st" + std::string(kIss));
  EXPECT_THAT(ended.message, HasSubstr("AADSTS9010010"));
  EXPECT_THAT(ended.message, HasSubstr("--no-resource-indicator"));
}

const IssuerCase kIssuers[] = {
    {"PromisedAndRight", true, std::string(kIss), true},
    {"PromisedAndWrong", true, "&iss=https%3A%2F%2Fevil.example", false},
    {"PromisedAndMissing", true, "", false},
    {"NotPromisedAndRight", false, std::string(kIss), true},
    {"NotPromisedAndWrong", false, "&iss=https%3A%2F%2Fevil.example", false},
    {"NotPromisedAndMissing", false, "", true},
    {"Empty", false, "&iss=", false},
    {"ASlashMore", false, "&iss=https%3A%2F%2Fas.example%2F", false},
    {"OtherCase", false, "&iss=https%3A%2F%2FAS.example", false},
    {"WithItsPort", false, "&iss=https%3A%2F%2Fas.example%3A443", false},
    {"EncodedTwice", false, "&iss=https%253A%252F%252Fas.example", false},
    {"Twice", false, std::string(kIss) + std::string(kIss), false},
};

INSTANTIATE_TEST_SUITE_P(Each, ResponseIssuer, testing::ValuesIn(kIssuers),
                         [](const auto& test) { return std::string(test.param.name); });

// -- error and code ------------------------------------------------------------------------------

TEST(AuthorizationResponse, ShowsTheServersReasonMadeHarmless) {
  const LoginEnded ended =
      end_of("error=access_denied&error_description=%1B%5B2J%3Cb%3E%22&state=st");
  EXPECT_EQ(ended.kind, ErrorKind::rejected);
  EXPECT_EQ(ended.message,
            "the authorization server https://as.example answered access_denied: [2J<b>; somebody, "
            "or a policy, said no there: try again, or ask the administrator");
}

TEST(AuthorizationResponse, IsAnErrorIfBothAreThere) {
  EXPECT_EQ(end_of("code=c&error=server_error&state=st").kind, ErrorKind::rejected);
}

TEST(AuthorizationResponse, NeedsExactlyOneCode) {
  for (const std::string_view query : {"state=st", "state=st&code=", "state=st&code=a&code=b"})
    EXPECT_EQ(end_of(query).kind, ErrorKind::protocol) << query;
}

// -- Pasted text ---------------------------------------------------------------------------------

TEST(PastedResponse, IsAUrlOrItsQuery) {
  for (const std::string_view text :
       {"http://127.0.0.1:8/callback?code=c&state=st", "code=c&state=st", "?code=c&state=st",
        "  http://127.0.0.1:8/callback?code=c&state=st\r\n",
        "http://localhost/cb?code=c\n &state=st",
        "http://127.0.0.1:8/callback?code=c&state=st#_=_"})
    EXPECT_THAT(query_of_pasted(text), HoldsOk("code=c&state=st")) << text;
}

TEST(PastedResponse, MayHoldAQuestionMarkInAValue) {
  EXPECT_THAT(query_of_pasted("code=c?d&state=st"), HoldsOk("code=c?d&state=st"));
  EXPECT_THAT(query_of_pasted("http://127.0.0.1:8/cb?code=c?d&state=st"),
              HoldsOk("code=c?d&state=st"));
}

TEST(PastedResponse, IsNeverABareCode) {
  for (const std::string_view text : {"", "SplxlOBeZQQYbYS6WxSbIA", "code=c",
                                      "http://127.0.0.1:8/callback?code=c", "?", "#state=x"})
    EXPECT_THAT(query_of_pasted(text),
                FailsWith(ErrorKind::config, "paste the whole address of the last page"))
        << text;
}

}  // namespace
}  // namespace mcpio::oauth
