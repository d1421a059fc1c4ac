// SPDX-License-Identifier: MIT
#include "downstream/stdio.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <csignal>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "codec/json_view.h"
#include "io/task_scope.h"
#include "support/result_matchers.h"
#include "support/run.h"

namespace mcpio::downstream {
namespace {

using namespace std::string_view_literals;
using test::FailsWith;
using test::IsOk;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// What was read: texts of messages as they are, batches in brackets, answers to unusable lines as
// "code id".
class RecordingListener final : public Listener {
 public:
  explicit RecordingListener(asio::any_io_executor executor) : room_(std::move(executor)) {
    room_.set();
  }
  io::Event& room() override { return room_; }
  void on_message(Message message) override { heard.emplace_back(message.text()); }
  void on_batch(std::vector<Message> messages, std::vector<Message> refusals) override {
    std::string batch = "batch:";
    for (const Message& message : messages) batch += " " + mcp::label(message);
    for (const Message& refusal : refusals) batch += " (" + code_and_id(refusal) + ")";
    heard.push_back(std::move(batch));
  }
  void on_unusable(Message answer) override {
    heard.push_back(code_and_id(answer));
    if (heard.size() == full_at) room_.reset();
  }

  std::vector<std::string> heard;
  std::size_t full_at = 0;  // so many of them leave no room

 private:
  io::Event room_;
  static std::string code_and_id(const Message& answer) {
    EXPECT_TRUE(answer.error());
    const auto code = codec::find_member(answer.error().value_or("{}"), "code");
    return std::string(code.value_or("?")) + " " + std::string(answer.id());
  }
};

constexpr std::string_view kPing = R"({"jsonrpc":"2.0","id":1,"method":"ping"})";
constexpr std::string_view kNote = R"({"jsonrpc":"2.0","method":"notifications/x"})";

class StdioReaderTest : public testing::Test {
 protected:
  StdioReaderTest() { open_stdin(); }
  ~StdioReaderTest() override {
    close(read_end_);
    close_stdin();
  }

  void open_stdin() {
    close(read_end_);
    close(write_end_);
    int ends[2];
    if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
    read_end_ = ends[0];
    write_end_ = ends[1];
  }
  void close_stdin() { close(write_end_); }
  static void close(int& fd) {
    if (fd >= 0) ::close(std::exchange(fd, -1));
  }
  void write(std::string_view text) {
    ASSERT_EQ(::write(write_end_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  void turn() {
    loop_.restart();
    loop_.poll();
  }

  // What is heard when the client writes these pieces, one after the other, and closes its end.
  std::vector<std::string> hear(const std::vector<std::string_view>& pieces) {
    auto listener = std::make_shared<RecordingListener>(loop_.get_executor());
    StdioReader reader(loop_.get_executor(), read_end_,
                       {.message_bytes = limit_, .budget = nullptr});
    io::TaskScope tasks(loop_.get_executor());
    tasks.spawn("stdin", read(&reader, listener));
    for (const std::string_view piece : pieces) {
      for (std::size_t at = 0; at < piece.size(); at += 32'000) {  // what a pipe surely takes
        write(piece.substr(at, 32'000));
        turn();
      }
    }
    close_stdin();
    test::run(loop_, tasks.join());
    EXPECT_THAT(ended_, IsOk());
    return listener->heard;
  }
  std::vector<std::string> hear(std::string_view text) { return hear(std::vector{text}); }

  awaitable<Result<void>> read(StdioReader* reader, std::shared_ptr<Listener> listener) {
    ended_ = co_await reader->read_all(std::move(listener));
    co_return ok();
  }

  asio::io_context loop_{1};
  int read_end_ = -1, write_end_ = -1;
  std::size_t limit_ = 1024 * 1024;
  Result<void> ended_ = fail(ErrorKind::io, "not ended");
};

std::string lines(std::initializer_list<std::string_view> texts) {
  std::string all;
  for (const std::string_view text : texts) all += std::string(text) + "\n";
  return all;
}

// ---- Framing ------------------------------------------------------------------------------------

TEST_F(StdioReaderTest, TakesOneMessagePerLine) {
  EXPECT_THAT(hear(lines({kPing, kNote})), ElementsAre(kPing, kNote));
}

TEST_F(StdioReaderTest, TakesALastLineWithoutItsEnding) {
  EXPECT_THAT(hear(lines({kPing}) + std::string(kNote)), ElementsAre(kPing, kNote));
}

// Item 96.
TEST_F(StdioReaderTest, SkipsBlankLines) {
  EXPECT_THAT(hear(lines({"", "  ", kPing, "\t", "\r", "", kNote, ""})), ElementsAre(kPing, kNote));
}

TEST_F(StdioReaderTest, TakesLinesThatEndInCrLf) {
  EXPECT_THAT(hear(std::string(kPing) + "\r\n\r\n" + std::string(kNote) + "\r\n"),
              ElementsAre(kPing, kNote));
}

TEST_F(StdioReaderTest, DropsWhiteSpaceAroundAMessage) {
  EXPECT_THAT(hear(" \t" + std::string(kPing) + " \r\n"), ElementsAre(kPing));
}

TEST_F(StdioReaderTest, TakesLinesSplitAnywhere) {
  const std::string text = lines({kPing, "", "nonsense", kNote}) + "\r\n" + std::string(kPing);
  for (std::size_t at = 1; at < text.size(); at += 5) {
    open_stdin();
    const auto whole = std::string_view(text);
    EXPECT_THAT(hear({whole.substr(0, at), whole.substr(at)}),
                ElementsAre(kPing, "-32700 null", kNote, kPing))
        << "at " << at;
  }
}

TEST_F(StdioReaderTest, TakesALargeMessage) {
  const std::string large = R"({"jsonrpc":"2.0","id":1,"method":"x","params":{"t":")" +
                            std::string(500'000, 'x') + "\"}}";
  const auto heard = hear(lines({large, kPing}));
  ASSERT_THAT(heard, SizeIs(2));
  EXPECT_TRUE(heard[0] == large);
  EXPECT_EQ(heard[1], kPing);
}

TEST_F(StdioReaderTest, HearsNothingOfNothing) { EXPECT_THAT(hear(""), IsEmpty()); }

TEST_F(StdioReaderTest, KeepsTheBytesOfAMessage) {
  constexpr std::string_view kOdd =
      R"({ "z":1.10,"jsonrpc":"2.0","id":18446744073709551616, "method":"x","a":"\/\u00e9" })";
  EXPECT_THAT(hear(lines({kOdd})), ElementsAre(kOdd));
}

// ---- Lines that nobody can use ------------------------------------------------------------------

struct BadLine {
  std::string_view name, line, answer;
};
void PrintTo(const BadLine& c, std::ostream* out) { *out << c.name; }
class UnusableLine : public StdioReaderTest, public testing::WithParamInterface<BadLine> {};

TEST_P(UnusableLine, IsAnsweredAndReadingGoesOn) {
  EXPECT_THAT(hear(lines({kNote, GetParam().line, kPing})),
              ElementsAre(kNote, GetParam().answer, kPing));
}

TEST_P(UnusableLine, IsAnsweredWhenItIsTheLastToo) {
  EXPECT_THAT(hear(GetParam().line), ElementsAre(GetParam().answer));
}

// JSON-RPC 2.0, section 5.1: -32700 for what is no JSON, -32600 for what is no request object.
const BadLine kBadLines[] = {
    {"Words", "hello world", "-32700 null"},
    {"HalfAMessage", R"({"jsonrpc":"2.0","method":"x")", "-32700 null"},
    {"HalfAMessageWithItsId", R"({"jsonrpc":"2.0","id":17,"method":"x)", "-32700 17"},
    {"NonsenseBehindTheId", R"({"jsonrpc":"2.0","id":"a\"b","method":nonsense})",
     R"(-32700 "a\"b")"},
    {"NonsenseBeforeTheId", R"({"jsonrpc":nonsense,"id":17})", "-32700 null"},
    {"IdCutShort", R"({"jsonrpc":"2.0","id":17)", "-32700 null"},
    {"IdOfTheWrongKindOnABrokenLine", R"({"id":{"a":1},"method":)", "-32700 null"},
    {"TwoMessages", R"({"jsonrpc":"2.0","id":1,"method":"x"}{"jsonrpc":"2.0"})", "-32700 1"},
    {"TrailingComma", R"({"jsonrpc":"2.0","id":1,"method":"x",})", "-32700 1"},
    {"NulByte", "\0"sv, "-32700 null"},
    {"NulByteInAString", "{\"id\":5,\"method\":\"a\0b\"}"sv, "-32700 5"},
    {"InvalidUtf8", "{\"id\":5,\"method\":\"\xFF\"}", "-32700 5"},
    {"Surrogate", "{\"id\":5,\"method\":\"\xED\xA0\x80\"}", "-32700 5"},
    {"Number", "17", "-32600 null"},
    {"String", R"("ping")", "-32600 null"},
    {"EmptyObject", "{}", "-32600 null"},
    {"NoVersion", R"({"id":7,"method":"x"})", "-32600 7"},
    {"OldVersion", R"({"jsonrpc":"1.0","id":"a","method":"x"})", R"(-32600 "a")"},
    {"NoMethod", R"({"jsonrpc":"2.0","id":7})", "-32600 7"},
    {"NumberAsMethod", R"({"jsonrpc":"2.0","id":7,"method":1})", "-32600 7"},
    {"ObjectAsId", R"({"jsonrpc":"2.0","id":{},"method":"x"})", "-32600 null"},
    {"EmptyBatch", "[]", "-32600 null"},
    {"BrokenBatch", R"([{"jsonrpc":"2.0","id":1,"method":"x"})", "-32700 null"},
};
INSTANTIATE_TEST_SUITE_P(JsonRpc2, UnusableLine, testing::ValuesIn(kBadLines),
                         [](const auto& test) { return std::string(test.param.name); });

// Item 98: null is no id of MCP's, but clients send it and want an answer.
TEST_F(StdioReaderTest, TakesARequestUnderTheIdNull) {
  constexpr std::string_view kNull = R"({"jsonrpc":"2.0","id":null,"method":"ping"})";
  EXPECT_THAT(hear(lines({kNull})), ElementsAre(kNull));
}

TEST_F(StdioReaderTest, RefusesALineAboveTheLimitUnderItsId) {
  limit_ = 1000;
  const std::string text(5000, 'x');
  EXPECT_THAT(
      hear(lines({R"({"jsonrpc":"2.0","id":7,"method":"x","params":{"t":")" + text + "\"}}",
                  R"({"jsonrpc":"2.0","method":"x","params":{"t":")" + text + R"("},"id":7})",
                  "\"" + text, kPing})),
      ElementsAre("-32600 7", "-32600 null", "-32600 null", kPing));
}

TEST_F(StdioReaderTest, RefusesALineAboveTheLimitThatComesInManyPieces) {
  limit_ = 200'000;
  EXPECT_THAT(hear(lines({R"({"jsonrpc":"2.0","id":"big","method":"x","params":{"t":")" +
                              std::string(400'000, 'x') + "\"}}",
                          kPing})),
              ElementsAre(R"(-32600 "big")", kPing));
}

TEST_F(StdioReaderTest, RefusesNestingAboveTheLimit) {
  const std::string deep(limits::kJsonDepth, '[');
  EXPECT_THAT(hear(lines({R"({"jsonrpc":"2.0","id":7,"params":)" + deep, kPing})),
              ElementsAre("-32600 7", kPing));
}

TEST_F(StdioReaderTest, RefusesALineForWhichNoBufferIsLeft) {
  Budget budget(100'000);
  auto listener = std::make_shared<RecordingListener>(loop_.get_executor());
  StdioReader reader(loop_.get_executor(), read_end_, {.message_bytes = limit_, .budget = &budget});
  io::TaskScope tasks(loop_.get_executor());
  tasks.spawn("stdin", read(&reader, listener));
  write(R"({"jsonrpc":"2.0","id":7,"method":"x","params":{"t":")");
  for (int i = 0; i < 20; ++i) {
    write(std::string(20'000, 'x'));
    turn();
  }
  write("\"}}\n" + std::string(kPing) + "\n");
  turn();
  EXPECT_THAT(listener->heard, ElementsAre("-32600 7", kPing));
  EXPECT_EQ(budget.left(), 100'000u);
  close_stdin();
  test::run(loop_, tasks.join());
}

// What a client is told and does not read must not pile up: it is not listened to until it reads.
TEST_F(StdioReaderTest, PausesWhileTheListenerHasNoRoom) {
  auto listener = std::make_shared<RecordingListener>(loop_.get_executor());
  listener->full_at = 2;
  StdioReader reader(loop_.get_executor(), read_end_, {.message_bytes = limit_, .budget = nullptr});
  io::TaskScope tasks(loop_.get_executor());
  tasks.spawn("stdin", read(&reader, listener));
  write(lines({"1", "2", "3", kPing}));
  turn();
  EXPECT_THAT(listener->heard, SizeIs(2));
  listener->room().set();
  turn();
  EXPECT_THAT(listener->heard, SizeIs(4));
  close_stdin();
  test::run(loop_, tasks.join());
  EXPECT_THAT(ended_, IsOk());
}

TEST_F(StdioReaderTest, StopsPausingWhenItIsCancelled) {
  auto listener = std::make_shared<RecordingListener>(loop_.get_executor());
  listener->full_at = 1;
  StdioReader reader(loop_.get_executor(), read_end_, {.message_bytes = limit_, .budget = nullptr});
  io::TaskScope tasks(loop_.get_executor());
  tasks.spawn("stdin", read(&reader, listener));
  write(lines({"1", "2"}));
  turn();
  tasks.cancel();
  test::run(loop_, tasks.join());
  EXPECT_THAT(ended_, FailsWith(ErrorKind::cancelled, ""));
  EXPECT_THAT(listener->heard, SizeIs(1));
}

// ---- Batches ------------------------------------------------------------------------------------

// JSON-RPC 2.0, section 6.
TEST_F(StdioReaderTest, TakesABatchApart) {
  EXPECT_THAT(hear(lines({"[" + std::string(kPing) + " , " + std::string(kNote) +
                              R"(,{"jsonrpc":"2.0","id":"q","result":{}}])",
                          kPing})),
              ElementsAre("batch: ping 1 notifications/x response \"q\"", kPing));
}

// Section 6 again: each element that is no request has an error of its own.
TEST_F(StdioReaderTest, RefusesEachBadElementOfABatch) {
  EXPECT_THAT(hear(lines({"[1,2]", "[" + std::string(kPing) + R"(,{},{"id":7},[],)" +
                                       std::string(kNote) + "]"})),
              ElementsAre("batch: (-32600 null) (-32600 null)",
                          "batch: ping 1 notifications/x (-32600 null) (-32600 7) (-32600 null)"));
}

TEST_F(StdioReaderTest, RefusesABatchInABatch) {
  EXPECT_THAT(hear("[[" + std::string(kPing) + "]]"), ElementsAre("batch: (-32600 null)"));
}

TEST_F(StdioReaderTest, TakesABatchOfOne) {
  EXPECT_THAT(hear("[" + std::string(kPing) + "]"), ElementsAre("batch: ping 1"));
}

TEST_F(StdioReaderTest, TakesABatchOfTheLargestNumber) {
  std::string batch = "[" + std::string(kNote);
  for (std::size_t i = 1; i < limits::kBatchMessages; ++i) batch += "," + std::string(kNote);
  EXPECT_THAT(hear(batch + "]"), ElementsAre(testing::StartsWith("batch: ")));
}

TEST_F(StdioReaderTest, RefusesABatchOfMore) {
  std::string batch = "[" + std::string(kNote);
  for (std::size_t i = 0; i < limits::kBatchMessages; ++i) batch += "," + std::string(kNote);
  EXPECT_THAT(hear(lines({batch + "]", kPing})), ElementsAre("-32600 null", kPing));
}

// ---- The end ------------------------------------------------------------------------------------

TEST_F(StdioReaderTest, StopsWhenItIsCancelled) {
  StdioReader reader(loop_.get_executor(), read_end_, {.message_bytes = limit_, .budget = nullptr});
  io::TaskScope tasks(loop_.get_executor());
  tasks.spawn("stdin", read(&reader, std::make_shared<RecordingListener>(loop_.get_executor())));
  turn();
  tasks.cancel();
  test::run(loop_, tasks.join());
  EXPECT_THAT(ended_, FailsWith(ErrorKind::cancelled, ""));
}

class StdioWriterTest : public StdioReaderTest {};

TEST_F(StdioWriterTest, WritesEachMessageAsOneLine) {
  StdioWriter writer(loop_.get_executor(), write_end_);
  test::run(loop_, writer.hear(Message::of(kPing)));
  test::run(loop_, writer.write(std::make_shared<Buffer>("[1]"sv), io::LineWriter::Pace::at_once));
  std::string text(1000, '\0');
  text.resize(static_cast<std::size_t>(::read(read_end_, text.data(), text.size())));
  EXPECT_EQ(text, lines({kPing, "[1]"}));
  test::run(loop_, writer.output().close());
}

TEST_F(StdioWriterTest, DropsWhatAClientThatHasGoneWouldHaveRead) {
  std::signal(SIGPIPE, SIG_IGN);  // as main() does
  StdioWriter writer(loop_.get_executor(), write_end_);
  close(read_end_);
  test::run(loop_, writer.hear(Message::of(kPing)));
  test::run(loop_, writer.hear(Message::of(kPing)));
  EXPECT_TRUE(writer.output().closed().is_set());
  test::run(loop_, writer.output().close());
}

}  // namespace
}  // namespace mcpio::downstream
