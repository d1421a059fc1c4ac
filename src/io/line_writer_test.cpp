// SPDX-License-Identifier: MIT
#include "io/line_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "io/pipe_fixture.h"
#include "io/task_scope.h"
#include "support/result_matchers.h"
#include "support/run.h"

namespace mcpio::io {
namespace {

using std::chrono::milliseconds;
using test::FailsWith;
using test::IsOk;
using testing::AllOf;
using testing::Each;
using testing::SizeIs;

class LineWriterTest : public PipeFixture {
 protected:
  void SetUp() override {
    writer_ = std::make_unique<LineWriter>(loop_.get_executor(), write_end_);
  }
  void TearDown() override {
    if (writer_) test::run(loop_, writer_->close());
    tasks_.cancel();
    test::run(loop_, tasks_.join());
  }

  awaitable<Result<void>> write(std::string line) {
    return write(std::move(line), LineWriter::Pace::at_once);
  }
  awaitable<Result<void>> write(std::string line, LineWriter::Pace pace) {
    auto written = co_await writer_->write(std::make_shared<Buffer>(line), pace);
    results_.push_back(std::move(written));
    co_return ok();
  }
  TaskScope::Canceller start_write(std::string line) {
    auto canceller = tasks_.spawn("a writer", write(std::move(line)));
    turn();
    return canceller;
  }
  // Reads and lets the writer write until it has no more to say.
  std::string read_all(std::size_t piece = 50'000) {
    std::string all;
    for (;;) {
      const std::string more = read_now(piece);
      if (more.empty()) return all;
      all += more;
      turn();
    }
  }

  std::unique_ptr<LineWriter> writer_;
  TaskScope tasks_{loop_.get_executor()};
  std::vector<Result<void>> results_;
};

TEST_F(LineWriterTest, WritesSmallLinesAtOnce) {
  asio::post(loop_, [this] {
    tasks_.spawn("a writer", write("one"));
    EXPECT_EQ(read_now(), "one\n") << "without another turn of the loop";
  });
  turn();
  start_write("");
  start_write("two");
  EXPECT_EQ(read_now(), "\ntwo\n");
  EXPECT_THAT(results_, AllOf(SizeIs(3), Each(IsOk())));
}

TEST_F(LineWriterTest, WritesTheLinesOfOneTurnTogetherIfTheyMayWait) {
  asio::post(loop_, [this] {
    for (const auto* line : {"one", "two", "three"})
      tasks_.spawn("a writer", write(line, LineWriter::Pace::with_others));
    EXPECT_EQ(read_now(), "");
  });
  turn();
  EXPECT_EQ(read_now(), "one\ntwo\nthree\n");
  EXPECT_THAT(results_, AllOf(SizeIs(3), Each(IsOk())));
}

TEST_F(LineWriterTest, KeepsTheOrderOfLinesThatMayWaitAndOthers) {
  asio::post(loop_, [this] {
    tasks_.spawn("a writer", write("one", LineWriter::Pace::with_others));
    tasks_.spawn("a writer", write("two"));
    tasks_.spawn("a writer", write("three", LineWriter::Pace::with_others));
  });
  turn();
  EXPECT_EQ(read_now(), "one\ntwo\nthree\n");
}

TEST_F(LineWriterTest, WritesALargeLineAsTheReaderMakesRoom) {
  const std::string large(3'000'000, 'x');
  start_write(large);
  EXPECT_THAT(results_, SizeIs(0)) << "the writer waits for room";
  EXPECT_TRUE(read_all() == large + "\n");
  EXPECT_THAT(results_, AllOf(SizeIs(1), Each(IsOk())));
}

TEST_F(LineWriterTest, WritesALargeLineToAReaderThatReadsAByteAtATime) {
  const std::string line(300'000, 'y');
  start_write(line);
  std::string all;
  for (int i = 0; i < 1000; ++i) {
    all += read_now(1);
    turn();
  }
  all += read_all();
  EXPECT_TRUE(all == line + "\n");
}

// Item 199: concurrent writers, no interleaved lines.
TEST_F(LineWriterTest, KeepsLinesWholeAndInOrder) {
  std::string expected;
  for (int i = 0; i < 200; ++i) {
    std::string line =
        std::to_string(i) + ":" +
        std::string(static_cast<std::size_t>(i % 7) * 20'000, static_cast<char>('a' + i % 26));
    expected += line + "\n";
    tasks_.spawn("a writer", write(std::move(line)));
  }
  turn();
  EXPECT_TRUE(read_all() == expected);
  EXPECT_THAT(results_, AllOf(SizeIs(200), Each(IsOk())));
}

TEST_F(LineWriterTest, MakesWritersWaitWhenTheReaderIsSlow) {
  for (int i = 0; i < 100; ++i) start_write(std::string(50'000, 'x'));
  const std::size_t written = results_.size();
  EXPECT_LT(written, 50u);
  (void)read_all();
  EXPECT_THAT(results_, AllOf(SizeIs(100), Each(IsOk())));
}

TEST_F(LineWriterTest, WritesALineWhoseWriterWasCancelledAllTheSame) {
  const std::string large(3'000'000, 'x');
  auto canceller = start_write(large);
  canceller.lock()->emit(asio::cancellation_type::terminal);
  turn();
  ASSERT_THAT(results_, SizeIs(1));
  EXPECT_THAT(results_[0], FailsWith(ErrorKind::cancelled, ""));
  start_write("next");
  EXPECT_TRUE(read_all() == large + "\nnext\n");
}

TEST_F(LineWriterTest, FailsOnceTheReaderHasClosed) {
  EXPECT_FALSE(writer_->closed().is_set());
  close_read_end();
  start_write("one");
  start_write("two");
  ASSERT_THAT(results_, SizeIs(2));
  EXPECT_THAT(results_, Each(FailsWith(ErrorKind::io, "")));
  EXPECT_TRUE(writer_->closed().is_set());
}

TEST_F(LineWriterTest, WakesItsWritersWhenTheReaderCloses) {
  start_write(std::string(3'000'000, 'x'));
  start_write(std::string(3'000'000, 'y'));
  close_read_end();
  turn();
  EXPECT_THAT(results_, AllOf(SizeIs(2), Each(FailsWith(ErrorKind::io, ""))));
  EXPECT_TRUE(writer_->closed().is_set());
}

TEST_F(LineWriterTest, FlushesAtOnceWhenThereIsNothing) {
  EXPECT_THAT(test::run(loop_, writer_->flush(test::kPatience)), IsOk());
  start_write("one");
  EXPECT_THAT(test::run(loop_, writer_->flush(test::kPatience)), IsOk());
}

TEST_F(LineWriterTest, FlushesWhatTheReaderReads) {
  start_write(std::string(3'000'000, 'x'));
  bool flushed = false;
  const auto flush = [](LineWriter* writer, bool* done) -> awaitable<Result<void>> {
    auto result = co_await writer->flush(test::kPatience);
    *done = result.has_value();
    co_return ok();
  };
  tasks_.spawn("flush", flush(writer_.get(), &flushed));
  turn();
  EXPECT_FALSE(flushed);
  (void)read_all();
  EXPECT_TRUE(flushed);
}

TEST_F(LineWriterTest, GivesUpFlushingWhenNobodyReads) {
  start_write(std::string(3'000'000, 'x'));
  EXPECT_THAT(test::run(loop_, writer_->flush(milliseconds(1))),
              FailsWith(ErrorKind::timed_out, ""));
}

TEST_F(LineWriterTest, CanBeClosedWhileNobodyReads) {
  start_write(std::string(3'000'000, 'x'));
  test::run(loop_, writer_->close());
}

// The background work has begun in this turn of the loop, and has not come to its first wait.
TEST_F(LineWriterTest, CanBeClosedRightAfterAWrite) {
  const auto write_and_close = [](LineWriter* writer, TaskScope* tasks,
                                  awaitable<Result<void>> write) -> awaitable<void> {
    tasks->spawn("a writer", std::move(write));
    co_await writer->close();
  };
  test::run(loop_, write_and_close(writer_.get(), &tasks_, write(std::string(3'000'000, 'x'))));
}

TEST_F(LineWriterTest, LeavesTheDescriptorAsItWas) {
  EXPECT_FALSE(is_blocking(write_end_));
  test::run(loop_, writer_->close());
  writer_.reset();
  EXPECT_TRUE(is_blocking(write_end_));
}

}  // namespace
}  // namespace mcpio::io
