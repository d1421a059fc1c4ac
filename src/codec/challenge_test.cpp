// SPDX-License-Identifier: MIT
#include "codec/challenge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace mcpio::codec {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsNull;
using testing::Optional;
using testing::SizeIs;

// `Scheme token68 name=[value] ...`, names in alphabetical order.
std::vector<std::string> read(std::initializer_list<std::string_view> lines) {
  std::vector<std::string> stories;
  for (const Challenge& challenge : parse_challenges(std::vector(lines))) {
    std::string& story = stories.emplace_back(challenge.scheme);
    if (!challenge.token68.empty()) story += " " + challenge.token68;
    for (const auto& [name, value] : challenge.params) story += " " + name + "=[" + value + "]";
  }
  return stories;
}

struct Case {
  std::string_view name, line;
  std::vector<std::string> stories;
};

void PrintTo(const Case& row, std::ostream* out) { *out << row.line; }

class Challenges : public testing::TestWithParam<Case> {};

TEST_P(Challenges, AreReadFromOneLine) {
  EXPECT_THAT(read({GetParam().line}), testing::ElementsAreArray(GetParam().stories));
}

const Case kWellFormed[] = {
    // RFC 9110, section 11.6.1.
    {"RfcTwoSchemes",
     R"(Basic realm="simple", Newauth realm="apps", type=1, title="Login to \"apps\"")",
     {"Basic realm=[simple]", R"(Newauth realm=[apps] title=[Login to "apps"] type=[1])"}},
    // RFC 6750, section 3.
    {"RfcBearer",
     R"(Bearer realm="example", error="invalid_token", error_description="The access token expired")",
     {"Bearer error=[invalid_token] error_description=[The access token expired] realm=[example]"}},
    // RFC 9449, section 7.1.
    {"RfcDpop",
     R"(DPoP error="use_dpop_nonce", error_description="Resource server requires nonce in DPoP proof")",
     {"DPoP error=[use_dpop_nonce] error_description=[Resource server requires nonce in DPoP "
      "proof]"}},
    // RFC 9470, section 4.
    {"RfcStepUp",
     R"(Bearer error="insufficient_user_authentication", max_age="5", acr_values="a b")",
     {"Bearer acr_values=[a b] error=[insufficient_user_authentication] max_age=[5]"}},
    // RFC 9728, section 5.1.
    {"RfcResourceMetadata",
     R"(Bearer resource_metadata="https://r.example/.well-known/oauth-protected-resource")",
     {"Bearer resource_metadata=[https://r.example/.well-known/oauth-protected-resource]"}},
    {"SchemeAlone", "Bearer", {"Bearer"}},
    {"SchemesAlone", "Negotiate, NTLM,Bearer", {"Negotiate", "NTLM", "Bearer"}},
    {"SchemeAloneThenAnother", R"(Negotiate, Bearer scope="a")", {"Negotiate", "Bearer scope=[a]"}},
    {"Token68", "Negotiate YII-._~+/x==", {"Negotiate YII-._~+/x=="}},
    {"Token68ThenAnother",
     R"(Negotiate abc=, Bearer scope="a")",
     {"Negotiate abc=", "Bearer scope=[a]"}},
    {"SchemeAsWritten", R"(bEARER scope="a")", {"bEARER scope=[a]"}},
    {"NamesInLowerCase", R"(Bearer Scope="A b", ERROR=E)", {"Bearer error=[E] scope=[A b]"}},
    {"Unquoted",
     "Bearer error=insufficient_scope, scope=read",
     {"Bearer error=[insufficient_scope] scope=[read]"}},
    {"SpaceAroundEquals", "Bearer scope = \"a\" ,\terror\t=\tx", {"Bearer error=[x] scope=[a]"}},
    {"EmptyQuoted", R"(Bearer scope="")", {"Bearer scope=[]"}},
    {"CommaInQuotes",
     R"(Bearer scope="a, Basic realm=b", error="x")",
     {"Bearer error=[x] scope=[a, Basic realm=b]"}},
    {"Escapes", R"(Bearer a="\"\\\,\x")", {R"(Bearer a=["\,x])"}},
    {"EmptyListElements", R"(, ,Bearer ,, scope="a",,error=x, ,)", {"Bearer error=[x] scope=[a]"}},
    {"ManySpaces", "  Bearer \t  scope=a  ", {"Bearer scope=[a]"}},
    {"SameSchemeTwice",
     R"(Bearer realm="a", Bearer realm="b")",
     {"Bearer realm=[a]", "Bearer realm=[b]"}},
};
INSTANTIATE_TEST_SUITE_P(WellFormed, Challenges, testing::ValuesIn(kWellFormed),
                         [](const auto& test) { return std::string(test.param.name); });

const Case kDecoys[] = {
    {"OtherName",
     R"(Bearer error_scope="admin", xscope=b, scope_="c")",
     {"Bearer error_scope=[admin] scope_=[c] xscope=[b]"}},
    {"InsideAnotherValue",
     R"(Bearer error_description="needs scope=\"admin\", scope=root", scope="read")",
     {R"(Bearer error_description=[needs scope="admin", scope=root] scope=[read])"}},
    {"InsideAnotherValueAlone",
     R"(Bearer error_description="scope=admin")",
     {"Bearer error_description=[scope=admin]"}},
    {"ExtendedName", R"(Bearer scope*=UTF-8''admin)", {"Bearer scope*=[UTF-8''admin]"}},
    {"SchemeInsideAValue",
     R"(Basic realm="Bearer scope=admin")",
     {"Basic realm=[Bearer scope=admin]"}},
    {"NamedTwice", R"(Bearer scope="first", scope="second")", {"Bearer scope=[first]"}},
    {"OfAnotherScheme",
     R"(Digest nonce="n", scope="admin", Bearer error="invalid_token")",
     {"Digest nonce=[n] scope=[admin]", "Bearer error=[invalid_token]"}},
};
INSTANTIATE_TEST_SUITE_P(Decoys, Challenges, testing::ValuesIn(kDecoys),
                         [](const auto& test) { return std::string(test.param.name); });

const Case kMalformed[] = {
    {"Empty", "", {}},
    {"Spaces", " \t ", {}},
    {"Commas", ",,,", {}},
    {"NoScheme", R"(scope="a", error=x)", {}},
    {"SchemeIsQuoted", R"("Bearer" scope="a")", {}},
    {"JunkThenBearer", R"(@@ "a, Basic realm=x" ;;, Bearer scope="a")", {"Bearer scope=[a]"}},
    {"JunkBetweenParams", R"(Bearer scope="a", @@, error=x)", {"Bearer error=[x] scope=[a]"}},
    {"ColonAfterScheme", R"(Bearer: scope="a", Basic realm="b")", {"Basic realm=[b]"}},
    {"NoCommas",
     R"(Bearer realm="x" error="invalid_token" scope="a b")",
     {"Bearer error=[invalid_token] realm=[x] scope=[a b]"}},
    {"UnquotedWithSpaces",
     R"(Bearer error_description=The scope is wrong, scope="a")",
     {"Bearer error_description=[The] scope=[a]"}},
    {"UnquotedUrl",
     "Bearer resource_metadata=https://r.example/a?b=c;d, scope=files:read",
     {"Bearer resource_metadata=[https://r.example/a?b=c;d] scope=[files:read]"}},
    {"EmptyUnquoted", "Bearer error=x, scope=, realm=", {"Bearer error=[x] realm=[] scope=[]"}},
    {"JunkAfterQuoted", R"(Bearer scope="a"junk, error=x)", {"Bearer error=[x] scope=[a]"}},
    {"NeverClosed", R"(Bearer error=x, scope="a b)", {"Bearer error=[x]"}},
    {"NeverClosedHidesNothing",
     R"(Basic realm="oops, Bearer error=x)",
     {"Basic", "Bearer error=[x]"}},
    {"NeverClosedIsNoParam", R"(Bearer realm="scope=admin)", {"Bearer"}},
    {"BackslashAtTheEnd", R"(Bearer error=x, scope="a\)", {"Bearer error=[x]"}},
    {"EscapedEnd", R"(Bearer error=x, scope="a\")", {"Bearer error=[x]"}},
    {"EqualsAlone", "Bearer x=y, =, =x, scope=a", {"Bearer scope=[a] x=[y]"}},
    {"Token68ThenParams", "Bearer scope=, error=x", {"Bearer scope= error=[x]"}},
    {"Token68ThenJunk",
     R"(Negotiate abc def, Bearer scope="a")",
     {"Negotiate", "Bearer scope=[a]"}},
    {"Nul", "Bearer scope=\"a\0b\", error=x"sv, {"Bearer error=[x] scope=[a\0b]"s}},
    {"LineEnds", "Bearer scope=\"a\r\nb\"", {"Bearer scope=[a\r\nb]"}},
    {"NotAscii", "B\xC3\xA4rer scope=a, Bearer error=\xFF", {"Bearer error=[\xFF]"}},
};
INSTANTIATE_TEST_SUITE_P(Malformed, Challenges, testing::ValuesIn(kMalformed),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(ChallengeLines, AreReadInOrder) {
  EXPECT_THAT(read({"Negotiate", R"(Bearer scope="a", DPoP algs="ES256")", ""}),
              ElementsAre("Negotiate", "Bearer scope=[a]", "DPoP algs=[ES256]"));
  EXPECT_THAT(read({}), IsEmpty());
}

TEST(ChallengeLines, DoNotContinueTheLineBefore) {
  EXPECT_THAT(read({"Bearer error=x", "scope=admin", R"(realm="a, Basic b=c)", "Basic"}),
              ElementsAre("Bearer error=[x]", "Basic b=[c]", "Basic"));
}

TEST(FindChallenge, TakesTheFirstOfThatSchemeInAnyCase) {
  const std::vector lines = {R"(Basic realm="x", bearer scope="a", BEARER scope="b")"sv};
  const auto challenges = parse_challenges(lines);
  const Challenge* const bearer = find_challenge(challenges, "Bearer");
  ASSERT_NE(bearer, nullptr);
  EXPECT_THAT(bearer->param("scope"), Optional("a"sv));
  EXPECT_EQ(bearer->param("realm"), std::nullopt);
  EXPECT_THAT(find_challenge(challenges, "DPoP"), IsNull());
  EXPECT_THAT(find_challenge({}, "Bearer"), IsNull());
}

TEST(ChallengeBounds, AreSixtyFourOfSixtyFour) {
  std::string many, wide = "Bearer ";
  for (int i = 0; i < 100; ++i) {
    many += "Bearer a=b, ";
    wide += "p" + std::to_string(i) + "=v, ";
  }
  EXPECT_THAT(parse_challenges(std::vector<std::string_view>{many}), SizeIs(64));
  EXPECT_THAT(parse_challenges(std::vector<std::string_view>{many, many}), SizeIs(64));
  EXPECT_THAT(parse_challenges(std::vector<std::string_view>{wide})[0].params, SizeIs(64));
}

// Each quote looks for its end, and finds none: without a memory of that this takes minutes.
TEST(ChallengeBounds, HoldForTheTimeOfALineOfQuotes) {
  std::string line = "Bearer x";
  for (int i = 0; i < 500'000; ++i) line += "\\\"";
  EXPECT_THAT(read({line}), ElementsAre("Bearer"));
}

}  // namespace
}  // namespace mcpio::codec
