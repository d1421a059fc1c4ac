// SPDX-License-Identifier: MIT
#include "oauth/dpop_use.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "support/result_matchers.h"

namespace mcpio::oauth {
namespace {

using test::FailsWith;
using test::HoldsOk;

struct UseCase {
  std::string name;
  bool option = false;
  bool bearer = true, dpop = false;  // challenges
  bool required = false;             // by the resource's metadata
  ServerMetadata::List algorithms = {};
  std::optional<TokenBinding> used = {};  // no value: an error
};

class DpopUse : public testing::TestWithParam<UseCase> {};

TEST_P(DpopUse, FollowsFromWhatIsWanted) {
  const UseCase& c = GetParam();
  ServerChallenge challenge;
  challenge.bearer = c.bearer;
  challenge.dpop = c.dpop;
  ResourceMetadata resource;
  resource.dpop_bound_access_tokens_required = c.required;
  ServerMetadata server;
  server.issuer = "https://as.example";
  server.dpop_signing_algs = c.algorithms;
  const auto used = binding_for(c.option, challenge, resource, server);
  if (c.used)
    EXPECT_THAT(used, HoldsOk(*c.used));
  else
    EXPECT_THAT(used, FailsWith(ErrorKind::protocol, "https://as.example"));
}

using Names = std::vector<std::string>;
const UseCase kUses[] = {
    {.name = "NobodyWantsIt", .algorithms = Names{"ES256"}, .used = TokenBinding::none},
    {.name = "Option", .option = true, .used = TokenBinding::required},
    {.name = "OptionWithoutEs256", .option = true, .algorithms = Names{"RS256"}},
    {.name = "ResourceMetadata", .required = true, .used = TokenBinding::required},
    {.name = "OnlyDpopInTheChallenge",
     .bearer = false,
     .dpop = true,
     .used = TokenBinding::required},
    {.name = "Both",
     .dpop = true,
     .algorithms = Names{"RS256", "ES256"},
     .used = TokenBinding::preferred},
    {.name = "BothAndNoList", .dpop = true, .used = TokenBinding::none},
    {.name = "BothAndNoEs256",
     .dpop = true,
     .algorithms = Names{"RS256"},
     .used = TokenBinding::none},
};

INSTANTIATE_TEST_SUITE_P(Each, DpopUse, testing::ValuesIn(kUses),
                         [](const auto& test) { return test.param.name; });

TEST(DpopUse, NeedsNoResourceMetadata) {
  ServerChallenge challenge;
  challenge.dpop = true;
  EXPECT_THAT(binding_for(false, challenge, std::nullopt, ServerMetadata()),
              HoldsOk(TokenBinding::required));
}

// A server that offers both kinds may be asked for the other one another time.
TEST(DpopUse, IsRegisteredWhereNothingElseWillDo) {
  ResourceMetadata resource;
  EXPECT_FALSE(registers_for_dpop(false, std::nullopt));
  EXPECT_FALSE(registers_for_dpop(false, resource));
  EXPECT_TRUE(registers_for_dpop(true, std::nullopt));
  resource.dpop_bound_access_tokens_required = true;
  EXPECT_TRUE(registers_for_dpop(false, resource));
}

}  // namespace
}  // namespace mcpio::oauth
