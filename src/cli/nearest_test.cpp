// SPDX-License-Identifier: MIT
#include "cli/nearest.h"

#include <gmock/gmock.h>

#include "cli/option_table.h"

namespace mcpio::cli {
namespace {

using testing::Eq;
using testing::Optional;

TEST(EditDistance, CountsSingleCharacterMistakes) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("header", "haeder"), 1u);  // swapped
  EXPECT_EQ(edit_distance("header", "heder"), 1u);   // dropped
  EXPECT_EQ(edit_distance("header", "heaader"), 1u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("Header", "hEADER"), 0u);
}

TEST(Nearest, FindsWhatWasMeant) {
  const auto names = visible_names();
  EXPECT_THAT(nearest("bearer-tokne", names), Optional(Eq("bearer-token")));
  EXPECT_THAT(nearest("timeout-conect", names), Optional(Eq("timeout-connect")));
  EXPECT_THAT(nearest("chek", names), Optional(Eq("check")));
  EXPECT_THAT(nearest("headers", names), Optional(Eq("header")));
  EXPECT_THAT(nearest("bearer", names), Optional(Eq("bearer-token")));
  EXPECT_THAT(nearest("ipv5", names), Optional(Eq("ipv4")));
}

TEST(Nearest, GivesNoHintThatWouldMislead) {
  const auto names = visible_names();
  for (std::string_view far : {"", "x", "samovar", "frobnicate", "zz"})
    EXPECT_EQ(nearest(far, names), std::nullopt) << far;
  EXPECT_EQ(nearest(std::string(100'000, 'h'), names), std::nullopt);
}

}  // namespace
}  // namespace mcpio::cli
