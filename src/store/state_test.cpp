// SPDX-License-Identifier: MIT
// The contract of State, held against every implementation; and what only a file can be.
#include "store/state.h"

#include <gmock/gmock.h>

#include "store/folder_fixture.h"
#include "store/memory_state.h"
#include "store/state_file.h"
#include "support/result_matchers.h"

namespace mcpio::store {
namespace {

using testing::Eq;
using namespace mcpio::test;

template <class Kind>
struct StateFixture {
  Kind state;
};
template <>
struct StateFixture<StateFile> {
  TemporaryFolder folder;
  StateFile state{folder / "state.json"};
};

template <class Kind>
class StateContract : public testing::Test {
 protected:
  State& state() { return fixture_.state; }

 private:
  StateFixture<Kind> fixture_;
};

using States = testing::Types<MemoryState, StateFile>;
TYPED_TEST_SUITE(StateContract, States);

TYPED_TEST(StateContract, KnowsNothingAtFirst) {
  EXPECT_FALSE(*this->state().find("registrations", "https://as.example"));
  EXPECT_THAT(this->state().remove("registrations", "https://as.example"), IsOk());
}

TYPED_TEST(StateContract, GivesBackWhatWasPut) {
  ASSERT_THAT(this->state().put("registrations", "https://as.example", R"({"client_id":"c"})"),
              IsOk());
  const auto found = this->state().find("registrations", "https://as.example");
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->string("client_id"), "c");
}

TYPED_TEST(StateContract, KeepsSectionsAndNamesApart) {
  ASSERT_THAT(this->state().put("a", "x", R"({"n":1})"), IsOk());
  ASSERT_THAT(this->state().put("b", "x", R"({"n":2})"), IsOk());
  ASSERT_THAT(this->state().put("a", "y", R"({"n":3})"), IsOk());
  ASSERT_THAT(this->state().remove("a", "x"), IsOk());
  EXPECT_FALSE(*this->state().find("a", "x"));
  EXPECT_EQ((*this->state().find("b", "x"))->number("n"), 2);
  EXPECT_EQ((*this->state().find("a", "y"))->number("n"), 3);
}

TYPED_TEST(StateContract, ListsTheNamesOfASection) {
  EXPECT_THAT(this->state().names("a"), HoldsOk(testing::IsEmpty()));
  ASSERT_THAT(this->state().put("a", "y", "{}"), IsOk());
  ASSERT_THAT(this->state().put("a", "x", "{}"), IsOk());
  ASSERT_THAT(this->state().put("b", "z", "{}"), IsOk());
  EXPECT_THAT(this->state().names("a"), HoldsOk(testing::ElementsAre("x", "y")));
}

TYPED_TEST(StateContract, ReplacesWhatWasThere) {
  ASSERT_THAT(this->state().put("a", "x", R"({"n":1})"), IsOk());
  ASSERT_THAT(this->state().put("a", "x", R"({"m":2})"), IsOk());
  const auto found = this->state().find("a", "x");
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->text(), R"({"m":2})");
}

// What servers say must not make it so large that nobody can read it any more.
TYPED_TEST(StateContract, IsBounded) {
  State& state = this->state();
  const std::string large = R"({"secret":")" + std::string(64 * 1024, 'x') + R"("})";
  EXPECT_THAT(state.put("a", "x", large), FailsWith(ErrorKind::io, "larger than 64 KiB"));
  const std::string issuer = "https://as.example/" + std::string(64 * 1024, 'x');
  EXPECT_THAT(state.put("a", issuer, "{}"), FailsWith(ErrorKind::io, "larger than 64 KiB"));
  ASSERT_THAT(state.put("b", "x", "{}"), IsOk());
  for (int i = 0; i < 300; ++i) ASSERT_THAT(state.put("a", std::to_string(i), "{}"), IsOk());
  EXPECT_THAT(state.names("a"), HoldsOk(testing::SizeIs(256)));
  EXPECT_THAT(state.names("a"), HoldsOk(testing::Contains("299")));
  EXPECT_THAT(state.names("b"), HoldsOk(testing::ElementsAre("x")));
}

// A file that could not be read any more would be lost to all servers: AtomicFile reads 16 MiB.
TEST(StateFile, StaysReadableWhateverServersSay) {
  TemporaryFolder folder;
  StateFile state{folder / "state.json"};
  ASSERT_THAT(state.put("bindings", "x", "{}"), IsOk());
  // Written with a line for each element, it is several times as large.
  std::string list = R"({"algorithms":[0)";
  while (list.size() < 60'000) list += ",0";
  list += "]}";
  for (const std::string section : {"registrations", "device_registrations", "learnt"})
    for (int i = 0; i < 6; ++i) ASSERT_THAT(state.put(section, std::to_string(i), list), IsOk());
  EXPECT_TRUE(*state.find("bindings", "x"));
  EXPECT_TRUE(*state.find("learnt", "5"));
  EXPECT_LT(std::filesystem::file_size(folder / "state.json"), 4u * 1024 * 1024);
}

TEST(StateFile, TakesWhatIsNoObjectForNothing) {
  TemporaryFolder folder;
  StateFile state{folder / "state.json"};
  put(folder / "state.json", R"({"a":{"x":[1]},"b":7})");
  EXPECT_FALSE(*state.find("a", "x"));
  EXPECT_FALSE(*state.find("b", "x"));
  ASSERT_THAT(state.put("b", "x", "{}"), IsOk());
  EXPECT_TRUE(*state.find("b", "x"));
}

TEST(StateFile, KeepsADamagedFileAside) {
  TemporaryFolder folder;
  StateFile state{folder / "state.json"};
  put(folder / "state.json", R"({"a":{"x":NaN}})");
  EXPECT_FALSE(*state.find("a", "x"));
  ASSERT_THAT(state.put("a", "y", "{}"), IsOk());
  EXPECT_TRUE(*state.find("a", "y"));
  EXPECT_EQ(get(folder / "state.json.damaged"), R"({"a":{"x":NaN}})");
}

}  // namespace
}  // namespace mcpio::store
