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

// What servers say must not make the file so large that nobody can read it any more.
TEST_F(StateFileTest, IsBounded) {
  const std::string large = R"({"secret":")" + std::string(64 * 1024, 'x') + R"("})";
  EXPECT_THAT(state_.put("a", "x", large), FailsWith(ErrorKind::io, "larger than 64 KiB"));
  ASSERT_THAT(state_.put("b", "x", "{}"), IsOk());
  for (int i = 0; i < 300; ++i) ASSERT_THAT(state_.put("a", std::to_string(i), "{}"), IsOk());
  EXPECT_THAT(state_.names("a"), HoldsOk(testing::SizeIs(256)));
  EXPECT_THAT(state_.names("a"), HoldsOk(testing::Contains("299")));
  EXPECT_THAT(state_.names("b"), HoldsOk(testing::ElementsAre("x")));
}

TEST_F(StateFileTest, KeepsADamagedFileAside) {
  put(folder_ / "state.json", R"({"a":{"x":NaN}})");
  EXPECT_FALSE(*state_.find("a", "x"));
  ASSERT_THAT(state_.put("a", "y", "{}"), IsOk());
  EXPECT_TRUE(*state_.find("a", "y"));
  EXPECT_EQ(get(folder_ / "state.json.damaged"), R"({"a":{"x":NaN}})");
}

}  // namespace
}  // namespace mcpio::store
