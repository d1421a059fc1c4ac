// SPDX-License-Identifier: MIT
#include "base/secret.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <new>
#include <ostream>
#include <string>
#include <utility>

namespace mcpio {
namespace {

template <class T>
concept Streamable = requires(std::ostream& out, const T& value) { out << value; };

TEST(Secret, CannotBePrinted) {
  EXPECT_FALSE(fmt::is_formattable<Secret>::value);
  EXPECT_FALSE(Streamable<Secret>);
  EXPECT_FALSE((std::is_convertible_v<Secret, std::string_view>));
}

TEST(Secret, RevealsWhatItWasGiven) {
  EXPECT_EQ(Secret("abc").reveal(), "abc");
  EXPECT_TRUE(Secret().empty());
  EXPECT_FALSE(Secret("x").empty());
}

TEST(Secret, IsEqualByValue) {
  EXPECT_TRUE(Secret("same") == Secret("same"));
  EXPECT_FALSE(Secret("same") == Secret("sane"));
  EXPECT_FALSE(Secret("same") == Secret("same "));
  EXPECT_TRUE(Secret() == Secret(""));
}

TEST(Secret, CopiesAndMovesItsValue) {
  Secret first("value");
  const Secret copy = first;
  EXPECT_EQ(copy.reveal(), "value");
  const Secret moved = std::move(first);
  EXPECT_EQ(moved.reveal(), "value");
  EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move): wiped is what it must be

  Secret target("old");
  target = copy;
  EXPECT_EQ(target.reveal(), "value");
  target = Secret("new");
  EXPECT_EQ(target.reveal(), "new");
  Secret& itself = target;
  target = itself;
  EXPECT_EQ(target.reveal(), "new");
}

// A short value lives inside the object, where it would be seen after the object is gone.
TEST(Secret, LeavesNoBytesBehindWhenItGoes) {
  alignas(Secret) std::array<char, sizeof(Secret)> place = {};
  auto* secret = new (place.data()) Secret("hunter2!");
  ASSERT_EQ(secret->reveal(), "hunter2!");
  secret->~Secret();
  // Through a volatile view: the compiler may otherwise hold that nobody looks at a dead object.
  std::string left;
  for (const volatile char& c : place) left += c;
  EXPECT_EQ(left.find("hunter2!"), std::string::npos);
}

TEST(Secret, LeavesNoBytesBehindWhenItIsMovedFrom) {
  alignas(Secret) std::array<char, sizeof(Secret)> place = {};
  auto* secret = new (place.data()) Secret("hunter2!");
  const Secret taken = std::move(*secret);
  std::string left;
  for (const volatile char& c : place) left += c;
  EXPECT_EQ(left.find("hunter2!"), std::string::npos);
  EXPECT_EQ(taken.reveal(), "hunter2!");
  secret->~Secret();
}

}  // namespace
}  // namespace mcpio
