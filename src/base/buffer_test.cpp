// SPDX-License-Identifier: MIT
#include "base/buffer.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace mcpio {
namespace {

TEST(Budget, GivesNoMoreThanItHas) {
  Budget budget(100);
  EXPECT_TRUE(budget.take(60));
  EXPECT_FALSE(budget.take(41));
  EXPECT_EQ(budget.left(), 40u);
  EXPECT_TRUE(budget.take(40));
  budget.give_back(100);
  EXPECT_EQ(budget.left(), 100u);
}

TEST(Buffer, BeginsEmpty) {
  const Buffer buffer;
  EXPECT_TRUE(buffer.empty());
  EXPECT_EQ(buffer.view(), "");
}

TEST(Buffer, HoldsWhatWasAppendedInOrder) {
  Buffer buffer("one");
  EXPECT_TRUE(buffer.append(" two"));
  EXPECT_TRUE(buffer.append('!'));
  EXPECT_TRUE(buffer.append(""));
  EXPECT_EQ(buffer.view(), "one two!");
}

TEST(Buffer, KeepsEveryByteWhileItGrows) {
  Buffer buffer;
  std::string expected;
  for (int i = 0; i < 100'000; ++i) {
    const std::string piece = std::to_string(i) + '\0';
    expected += piece;
    ASSERT_TRUE(buffer.append(piece));
  }
  EXPECT_EQ(buffer.view(), expected);
}

TEST(Buffer, TruncateNeverLengthens) {
  Buffer buffer("abcdef");
  buffer.truncate(9);
  EXPECT_EQ(buffer.view(), "abcdef");
  buffer.truncate(2);
  EXPECT_EQ(buffer.view(), "ab");
  buffer.clear();
  EXPECT_TRUE(buffer.empty());
}

TEST(Buffer, SmallOnesCostTheBudgetNothing) {
  Budget budget(0);
  Buffer buffer(&budget);
  EXPECT_TRUE(buffer.reserve(Buffer::kFree));
  EXPECT_TRUE(buffer.append(std::string(Buffer::kFree, 'x')));
}

TEST(Buffer, ARefusedAppendChangesNothing) {
  Budget budget(1000);
  Buffer buffer(&budget);
  ASSERT_TRUE(buffer.append("kept"));
  EXPECT_FALSE(buffer.append(std::string(Buffer::kFree + 2000, 'x')));
  EXPECT_EQ(buffer.view(), "kept");
  EXPECT_EQ(budget.left(), 1000u);
}

TEST(Buffer, GivesItsShareBackWhenItGoes) {
  Budget budget(1'000'000);
  {
    Buffer buffer(&budget);
    ASSERT_TRUE(buffer.append(std::string(500'000, 'x')));
    EXPECT_LE(budget.left(), 1'000'000u - 500'000u + Buffer::kFree);
  }
  EXPECT_EQ(budget.left(), 1'000'000u);
}

TEST(Buffer, AMovedOneKeepsItsShareOfTheBudget) {
  Budget budget(1'000'000);
  Buffer first(&budget);
  ASSERT_TRUE(first.append(std::string(300'000, 'x')));
  const std::size_t left = budget.left();

  Buffer second(std::move(first));
  EXPECT_EQ(budget.left(), left);
  EXPECT_EQ(second.size(), 300'000u);
  EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move): empty is what it must be

  second = Buffer();
  EXPECT_EQ(budget.left(), 1'000'000u);
}

TEST(Buffer, AssignmentGivesBackWhatItReplaces) {
  Budget budget(1'000'000);
  Buffer first(&budget);
  Buffer second(&budget);
  ASSERT_TRUE(first.append(std::string(100'000, 'a')));
  ASSERT_TRUE(second.append(std::string(200'000, 'b')));
  second = std::move(first);
  EXPECT_EQ(second.view(), std::string(100'000, 'a'));
  second = Buffer(&budget);
  EXPECT_EQ(budget.left(), 1'000'000u);
}

TEST(Buffer, ACopyIsMadeEvenBeyondTheBudget) {
  Budget budget(150'000);
  Buffer original(&budget);
  ASSERT_TRUE(original.append(std::string(100'000, 'x')));
  {
    const Buffer same = original.copy();
    EXPECT_EQ(same.view(), original.view());
  }
  original = Buffer();
  EXPECT_EQ(budget.left(), 150'000u);
}

}  // namespace
}  // namespace mcpio
