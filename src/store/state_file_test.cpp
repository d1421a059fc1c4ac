// SPDX-License-Identifier: MIT
#include "store/state_file.h"

#include <gmock/gmock.h>

#include "store/folder_fixture.h"
#include "support/result_matchers.h"

namespace mcpio::store {
namespace {

using testing::Eq;
using namespace mcpio::test;

class StateFileTest : public testing::Test {
 protected:
  TemporaryFolder folder_;
  StateFile state_{folder_ / "state.json"};
};

TEST_F(StateFileTest, KnowsNothingAtFirst) {
  EXPECT_FALSE(*state_.find("registrations", "https://as.example"));
  EXPECT_THAT(state_.remove("registrations", "https://as.example"), IsOk());
}

TEST_F(StateFileTest, GivesBackWhatWasPut) {
  ASSERT_THAT(state_.put("registrations", "https://as.example", R"({"client_id":"c"})"), IsOk());
  const auto found = state_.find("registrations", "https://as.example");
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->string("client_id"), "c");
}

TEST_F(StateFileTest, KeepsSectionsAndNamesApart) {
  ASSERT_THAT(state_.put("a", "x", R"({"n":1})"), IsOk());
  ASSERT_THAT(state_.put("b", "x", R"({"n":2})"), IsOk());
  ASSERT_THAT(state_.put("a", "y", R"({"n":3})"), IsOk());
  ASSERT_THAT(state_.remove("a", "x"), IsOk());
  EXPECT_FALSE(*state_.find("a", "x"));
  EXPECT_EQ((*state_.find("b", "x"))->number("n"), 2);
  EXPECT_EQ((*state_.find("a", "y"))->number("n"), 3);
}

TEST_F(StateFileTest, ListsTheNamesOfASection) {
  EXPECT_THAT(state_.names("a"), HoldsOk(testing::IsEmpty()));
  ASSERT_THAT(state_.put("a", "y", "{}"), IsOk());
  ASSERT_THAT(state_.put("a", "x", "{}"), IsOk());
  ASSERT_THAT(state_.put("b", "z", "{}"), IsOk());
  EXPECT_THAT(state_.names("a"), HoldsOk(testing::ElementsAre("x", "y")));
}

TEST_F(StateFileTest, TakesWhatIsNoObjectForNothing) {
  put(folder_ / "state.json", R"({"a":{"x":[1]},"b":7})");
  EXPECT_FALSE(*state_.find("a", "x"));
  EXPECT_FALSE(*state_.find("b", "x"));
  ASSERT_THAT(state_.put("b", "x", "{}"), IsOk());
  EXPECT_TRUE(*state_.find("b", "x"));
}

}  // namespace
}  // namespace mcpio::store
