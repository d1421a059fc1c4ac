// SPDX-License-Identifier: MIT
#include "io/byte_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>

#include "io/pipe_fixture.h"
#include "io/task_scope.h"
#include "support/result_matchers.h"
#include "support/run.h"

namespace mcpio::io {
namespace {

using test::FailsWith;
using test::HoldsOk;
using testing::Optional;

class ByteReaderTest : public PipeFixture {
 protected:
  awaitable<Result<void>> read_once(ByteReader* from) {
    auto piece = co_await from->read();
    ended_ = piece ? Result<void>() : Result<void>(propagate(piece));
    co_return ok();
  }
  awaitable<Result<void>> read_on(ByteReader* from) {
    for (;;) {
      auto piece = co_await from->read();
      if (!piece) co_return propagate(piece);
      ++pieces_;
    }
  }
  int pieces_ = 0;
  Result<void> ended_ = fail(ErrorKind::io, "not yet");
};

TEST_F(ByteReaderTest, GivesWhatIsThere) {
  ByteReader reader(loop_.get_executor(), read_end_);
  write_now("abc\n");
  EXPECT_THAT(test::run(loop_, reader.read()), HoldsOk(Optional(std::string_view("abc\n"))));
  write_now(std::string_view("\0\xFF", 2));
  EXPECT_THAT(test::run(loop_, reader.read()), HoldsOk(Optional(std::string_view("\0\xFF", 2))));
}

TEST_F(ByteReaderTest, GivesALargeTextPieceByPiece) {
  ByteReader reader(loop_.get_executor(), read_end_);
  const std::string text(60'000, 'x');
  write_now(text);
  close_write_end();
  std::string all;
  for (;;) {
    auto piece = test::run(loop_, reader.read());
    ASSERT_THAT(piece, test::IsOk());
    if (!*piece) break;
    all += **piece;
  }
  EXPECT_EQ(all, text);
}

TEST_F(ByteReaderTest, GivesNothingAtTheEnd) {
  ByteReader reader(loop_.get_executor(), read_end_);
  close_write_end();
  for (int i = 0; i < 2; ++i)
    EXPECT_THAT(test::run(loop_, reader.read()), HoldsOk(testing::Eq(std::nullopt)));
}

TEST_F(ByteReaderTest, ReadsFilesToo) {
  const int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  {
    ByteReader reader(loop_.get_executor(), fd);
    EXPECT_THAT(test::run(loop_, reader.read()), HoldsOk(testing::Eq(std::nullopt)));
  }
  ::close(fd);
}

TEST_F(ByteReaderTest, SaysWhenItCannotRead) {
  ByteReader reader(loop_.get_executor(), write_end_);
  EXPECT_THAT(test::run(loop_, reader.read()), FailsWith(ErrorKind::io, ""));
  ByteReader closed(loop_.get_executor(), -1);
  EXPECT_THAT(test::run(loop_, closed.read()), FailsWith(ErrorKind::io, ""));
}

TEST_F(ByteReaderTest, StopsWaitingWhenItIsCancelled) {
  ByteReader reader(loop_.get_executor(), read_end_);
  TaskScope tasks(loop_.get_executor());
  tasks.spawn("a reader", read_once(&reader));
  turn();
  tasks.cancel();
  test::run(loop_, tasks.join());
  EXPECT_THAT(ended_, FailsWith(ErrorKind::cancelled, ""));
}

// What always has more to read leaves no wait that the cancellation could end.
TEST_F(ByteReaderTest, StopsReadingWhatNeverEndsWhenItIsCancelled) {
  const int fd = ::open("/dev/zero", O_RDONLY | O_CLOEXEC);
  {
    ByteReader reader(loop_.get_executor(), fd);
    TaskScope tasks(loop_.get_executor());
    tasks.spawn("a reader", read_on(&reader));
    while (pieces_ < 3) loop_.run_one();
    tasks.cancel();
    test::run(loop_, tasks.join());
  }
  ::close(fd);
}

// O_NONBLOCK belongs to what the descriptor stands for, and is shared with whoever gave it to us.
TEST_F(ByteReaderTest, LeavesTheDescriptorAsItWas) {
  ASSERT_TRUE(is_blocking(read_end_));
  {
    ByteReader reader(loop_.get_executor(), read_end_);
    EXPECT_FALSE(is_blocking(read_end_));
  }
  EXPECT_TRUE(is_blocking(read_end_));
  ::fcntl(read_end_, F_SETFL, O_NONBLOCK);
  {
    ByteReader reader(loop_.get_executor(), read_end_);
  }
  EXPECT_FALSE(is_blocking(read_end_));
}

}  // namespace
}  // namespace mcpio::io
