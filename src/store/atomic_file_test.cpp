// SPDX-License-Identifier: MIT
#include "store/atomic_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "store/folder_fixture.h"
#include "support/result_matchers.h"

namespace mcpio::store {
namespace {

using testing::Eq;
using testing::IsEmpty;
using testing::Optional;
using namespace mcpio::test;

class AtomicFileTest : public testing::Test {
 protected:
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path()))
      names.push_back(entry.path().filename());
    return names;
  }

  TemporaryFolder folder_;
  AtomicFile file_{folder_ / "tokens.json"};
};

TEST_F(AtomicFileTest, ThatIsNotThereHasNoText) {
  EXPECT_THAT(file_.read(), HoldsOk(Eq(std::nullopt)));
}

TEST_F(AtomicFileTest, ReadsWhatWasWritten) {
  ASSERT_THAT(file_.write("one"), IsOk());
  ASSERT_THAT(file_.write("two"), IsOk());
  EXPECT_THAT(file_.read(), HoldsOk(Optional(Eq("two"))));
}

// G.8, items 326 and 329.
TEST_F(AtomicFileTest, IsReadableByItsOwnerAloneAndLeavesNoTemporaryFile) {
  ASSERT_THAT(file_.write("x"), IsOk());
  EXPECT_EQ(mode_of(file_.path()), 0600U);
  EXPECT_THAT(names(), testing::ElementsAre("tokens.json"));
}

TEST_F(AtomicFileTest, MakesTheFoldersThatAreMissingForItsOwnerAlone) {
  const AtomicFile deep(folder_ / "a/b/tokens.json");
  ASSERT_THAT(deep.write("x"), IsOk());
  EXPECT_EQ(mode_of(folder_ / "a"), 0700U);
  EXPECT_EQ(mode_of(folder_ / "a/b"), 0700U);
}

// Item 337.
TEST_F(AtomicFileTest, TightensAModeThatIsTooLoose) {
  put(file_.path(), "x");
  ::chmod(file_.path().c_str(), 0644);
  EXPECT_THAT(file_.read(), HoldsOk(Optional(Eq("x"))));
  EXPECT_EQ(mode_of(file_.path()), 0600U);
}

// Item 338.
TEST_F(AtomicFileTest, RefusesASymbolicLink) {
  put(folder_ / "other", "x");
  std::filesystem::create_symlink(folder_ / "other", file_.path());
  EXPECT_THAT(file_.read(), FailsWith(ErrorKind::io, "symbolic link"));
}

TEST_F(AtomicFileTest, ReplacesASymbolicLinkAndNotWhatItPointsTo) {
  put(folder_ / "other", "x");
  std::filesystem::create_symlink(folder_ / "other", file_.path());
  ASSERT_THAT(file_.write("new"), IsOk());
  EXPECT_EQ(get(folder_ / "other"), "x");
  EXPECT_THAT(file_.read(), HoldsOk(Optional(Eq("new"))));
}

TEST_F(AtomicFileTest, DoesNotWaitForAFifo) {
  ASSERT_EQ(::mkfifo(file_.path().c_str(), 0600), 0);
  EXPECT_THAT(file_.read(), FailsWith(ErrorKind::io, "no regular file"));
}

// Item 329, second half: a folder that takes no new file.
TEST_F(AtomicFileTest, KeepsTheOldTextWhenTheNewCannotBeWritten) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write anywhere";
  ASSERT_THAT(file_.write("old"), IsOk());
  ::chmod(folder_.path().c_str(), 0500);
  EXPECT_THAT(file_.write("new"), FailsWith(ErrorKind::io, "cannot write"));
  ::chmod(folder_.path().c_str(), 0700);
  EXPECT_THAT(file_.read(), HoldsOk(Optional(Eq("old"))));
}

TEST_F(AtomicFileTest, CannotBeWrittenWhereAFolderIsAFile) {
  put(folder_ / "a", "x");
  EXPECT_THAT(AtomicFile(folder_ / "a/tokens.json").write("x"), FailsWith(ErrorKind::io, "cannot"));
}

TEST_F(AtomicFileTest, IsHeldByOneAtATime) {
  int inside = 0, most = 0;
  const auto work = [&] {
    for (int i = 0; i < 50; ++i) {
      const auto lock = file_.lock();
      ASSERT_TRUE(lock.is_held());
      most = std::max(most, ++inside);
      --inside;
    }
  };
  std::thread other(work);
  work();
  other.join();
  EXPECT_EQ(most, 1);
}

// Items 339 and 340.
TEST_F(AtomicFileTest, GoesOnWithoutALockThatIsNoFile) {
  ASSERT_EQ(::mkfifo((file_.path().string() + ".lock").c_str(), 0600), 0);
  EXPECT_FALSE(file_.lock().is_held());
}

TEST_F(AtomicFileTest, GoesOnWithoutALockThatIsALink) {
  put(folder_ / "other", "");
  std::filesystem::create_symlink(folder_ / "other", file_.path().string() + ".lock");
  EXPECT_FALSE(file_.lock().is_held());
}

TEST_F(AtomicFileTest, RemovesWhatKilledWritersHaveLeft) {
  for (const char* name :
       {"tokens.json.Ab3dE9", "tokens.json.backup2", "tokens.json.ab-de9", "state.json.Ab3dE9"})
    put(folder_ / name, "x");
  {
    const auto lock = file_.lock();
  }
  EXPECT_THAT(names(), testing::UnorderedElementsAre("tokens.json.backup2", "tokens.json.ab-de9",
                                                     "state.json.Ab3dE9", "tokens.json.lock"));
}

TEST_F(AtomicFileTest, TightensAFolderThatOthersMayUse) {
  for (const unsigned mode : {0777U, 0770U, 0755U}) {
    ::chmod(folder_.path().c_str(), mode);
    ASSERT_THAT(file_.write("x"), IsOk());
    EXPECT_EQ(mode_of(folder_.path()), 0700U);
    ::chmod(folder_.path().c_str(), mode);
    ASSERT_THAT(file_.read(), IsOk());
    EXPECT_EQ(mode_of(folder_.path()), 0700U);
  }
}

TEST_F(AtomicFileTest, LeavesFoldersAboveItAlone) {
  ::chmod(folder_.path().c_str(), 0755);
  ASSERT_THAT(AtomicFile(folder_ / "a/tokens.json").write("x"), IsOk());
  EXPECT_EQ(mode_of(folder_.path()), 0755U);
}

TEST_F(AtomicFileTest, RefusesAFolderOfAnotherUser) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a folder away";
  ASSERT_EQ(::chown(folder_.path().c_str(), 12345, 12345), 0);
  EXPECT_THAT(file_.read(), FailsWith(ErrorKind::io, "belongs to another user"));
  EXPECT_THAT(file_.write("x"), FailsWith(ErrorKind::io, "belongs to another user"));
  ASSERT_EQ(::chown(folder_.path().c_str(), 0, 0), 0);
}

TEST_F(AtomicFileTest, MayBeRemovedTwice) {
  ASSERT_THAT(file_.write("x"), IsOk());
  EXPECT_THAT(file_.remove(), IsOk());
  EXPECT_THAT(file_.remove(), IsOk());
  EXPECT_THAT(names(), IsEmpty());
}

}  // namespace
}  // namespace mcpio::store
