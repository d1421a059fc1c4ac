// SPDX-License-Identifier: MIT
#include "oauth/scopes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace mcpio::oauth {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using List = std::optional<std::vector<std::string>>;

TEST(SplitScopes, SplitsOnSpacesAndCommas) {
  EXPECT_THAT(split_scopes("b a"), ElementsAre("a", "b"));
  EXPECT_THAT(split_scopes("repo,gist"), ElementsAre("gist", "repo"));
  EXPECT_THAT(split_scopes("  a ,, a,b "), ElementsAre("a", "b"));
  EXPECT_THAT(split_scopes("api://x/.default files:read"),
              ElementsAre("api://x/.default", "files:read"));
  EXPECT_THAT(split_scopes(""), IsEmpty());
  EXPECT_THAT(split_scopes(" , "), IsEmpty());
}

TEST(SplitScopes, MakesSetsThatCompareWhateverTheOrder) {
  EXPECT_EQ(split_scopes("a b"), split_scopes("b,a"));
  EXPECT_NE(split_scopes("a b"), split_scopes("a"));
  EXPECT_NE(split_scopes("a"), split_scopes("A"));
}

TEST(HasScopes, IsAboutSets) {
  EXPECT_TRUE(has_scopes("a b c", "c,a"));
  EXPECT_TRUE(has_scopes("a", ""));
  EXPECT_TRUE(has_scopes("", ""));
  EXPECT_FALSE(has_scopes("a b", "c"));
  EXPECT_FALSE(has_scopes("", "a"));
  EXPECT_FALSE(has_scopes("files:readwrite", "files:read"));
}

TEST(SameScopes, MayBeInAnotherOrder) {
  EXPECT_TRUE(are_same_scopes("a b", "b,a"));
  EXPECT_TRUE(are_same_scopes("", " "));
  EXPECT_FALSE(are_same_scopes("a b", "a"));
  EXPECT_FALSE(are_same_scopes("a", "a b"));
}

TEST(UniteScopes, AddsWhatIsMissingAndKeepsTheOrder) {
  EXPECT_EQ(unite_scopes("z a", "m a b"), "z a m b");
  EXPECT_EQ(unite_scopes("repo,gist", "gist user"), "repo gist user");
  EXPECT_EQ(unite_scopes("", "a a"), "a");
  EXPECT_EQ(unite_scopes("a", ""), "a");
  EXPECT_EQ(unite_scopes("", ""), "");
}

TEST(UniteScopes, TakesItsTimeInProportion) {
  std::string text;
  for (int i = 0; i < 100000; ++i) text += std::to_string(i) + ' ';
  EXPECT_EQ(unite_scopes(text, text).size() + 1, text.size());
}

struct Case {
  std::string_view name;
  ScopeSources sources;
  std::string_view scope;
};

ScopeSources sources(std::optional<std::string> option, std::string challenge, List resource,
                     List server = {}, bool offline_access = true) {
  return {.option = std::move(option),
          .challenge = std::move(challenge),
          .resource_supported = std::move(resource),
          .server_supported = std::move(server),
          .offline_access = offline_access};
}

class ChooseScope : public testing::TestWithParam<Case> {};

TEST_P(ChooseScope, TakesTheFirstSourceThatSaysSomething) {
  EXPECT_EQ(choose_scope(GetParam().sources).scope, GetParam().scope);
}

const List kOffline = {{"openid", "offline_access"}};

const Case kCases[] = {
    {"Option", sources("c,a  b", "x", {{"y"}}, {{"z"}}), "c,a  b"},
    {"EmptyOptionAsksForNone", sources("", "x", {{"y"}}, kOffline), ""},
    {"BlankOptionAsksForNone", sources(" ", "x", {{"y"}}, kOffline), ""},
    {"Challenge", sources({}, "files:write files:read", {{"y"}}, {{"z"}}),
     "files:write files:read"},
    {"EmptyChallenge", sources({}, " ", {{"y", "x"}}), "y x"},
    {"Resource", sources({}, "", {{"b", "a"}}, {{"z"}}), "b a"},
    {"EmptyResourceList", sources({}, "", List({}), kOffline), ""},
    {"NeverTheServersList", sources({}, "", {}, {{"openid", "email"}}), ""},
    {"Nothing", sources({}, "", {}), ""},
    {"OfflineAccessJoinsTheChallenge", sources({}, "x", {}, kOffline), "x offline_access"},
    {"OfflineAccessJoinsTheResource", sources({}, "", {{"y"}}, kOffline), "y offline_access"},
    {"OfflineAccessJoinsTheOption", sources("a", "", {}, kOffline), "a offline_access"},
    {"OfflineAccessNeverStandsAlone", sources({}, "", {}, kOffline), ""},
    {"OfflineAccessIsThereOnce", sources({}, "offline_access x", {}, kOffline), "offline_access x"},
    {"OfflineAccessIsNotOffered", sources({}, "x", {}, {{"openid"}}), "x"},
    {"OfflineAccessIsNotWanted", sources({}, "x", {}, kOffline, false), "x"},
};
INSTANTIATE_TEST_SUITE_P(Mcp, ChooseScope, testing::ValuesIn(kCases),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(ChooseScopeWarning, IsGivenWhenTheServerWantsMoreThanTheOption) {
  EXPECT_THAT(choose_scope(sources("a", "a b", {})).warning, HasSubstr("'a b'"));
  EXPECT_THAT(choose_scope(sources("", "a", {})).warning, HasSubstr("--oauth-scope"));
  EXPECT_THAT(choose_scope(sources("b a", "a b", {})).warning, IsEmpty());
  EXPECT_THAT(choose_scope(sources("a", "", {{"c"}})).warning, IsEmpty());
  EXPECT_THAT(choose_scope(sources({}, "a b", {})).warning, IsEmpty());
}

}  // namespace
}  // namespace mcpio::oauth
