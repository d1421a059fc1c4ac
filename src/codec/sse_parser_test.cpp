// SPDX-License-Identifier: MIT
#include "codec/sse_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "base/limits.h"
#include "codec/sse_writer.h"
#include "support/result_matchers.h"

namespace mcpio::codec {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using namespace std::string_view_literals;
using test::FailsWith;
using test::IsOk;
using testing::ElementsAre;
using testing::IsEmpty;

struct Event {
  std::string type, data;
  friend bool operator==(const Event&, const Event&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Event& event) {
    return out << event.type << ":" << testing::PrintToString(event.data);
  }
};

// Keeps what it hears, and checks what a sink may rely on.
class Collector final : public SseSink {
 public:
  Result<void> data(std::string_view piece) override {
    EXPECT_FALSE(piece.empty());
    ++pieces;
    if (full) return fail(ErrorKind::too_large, "no room");
    open += piece;
    return ok();
  }
  Result<void> dispatch(std::string_view type) override {
    EXPECT_FALSE(open.empty());
    if (full) return fail(ErrorKind::protocol, "no message");
    events.push_back({std::string(type), std::exchange(open, {})});
    return ok();
  }

  std::vector<Event> events;
  std::string open;
  int pieces = 0;
  bool full = false;
};

// Everything that one stream comes to.
struct Outcome {
  std::vector<Event> events;
  std::string last_event_id;
  std::optional<std::chrono::milliseconds> retry;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome read(const std::vector<std::string_view>& chunks, bool finish = true) {
  Collector sink;
  SseParser parser(sink);
  for (const auto chunk : chunks) EXPECT_THAT(parser.feed(chunk), IsOk());
  if (finish) {
    EXPECT_THAT(parser.finish(), IsOk());
  }
  return {sink.events, parser.last_event_id(), parser.retry()};
}

std::vector<Event> events(std::string_view stream) { return read({stream}).events; }

Event message(std::string data) { return {"message", std::move(data)}; }

// ---- The examples of WHATWG HTML, section 9.2.6.

TEST(SseStandard, TwoDataLinesAreJoinedByALineFeed) {
  EXPECT_THAT(events("data: YHOO\ndata: +2\ndata: 10\n\n"), ElementsAre(message("YHOO\n+2\n10")));
}

TEST(SseStandard, FourBlocks) {
  constexpr auto kStream =
      ": test stream\n\n"
      "data: first event\nid: 1\n\n"
      "data:second event\nid\n\n"
      "data:  third event\n"sv;
  EXPECT_THAT(read({kStream}, false).events,
              ElementsAre(message("first event"), message("second event")));
  EXPECT_EQ(read({kStream}).last_event_id, "");
  EXPECT_EQ(read({kStream.substr(0, 46)}).last_event_id, "1");
}

// Here the standard dispatches the first block too, with empty data; see the header.
TEST(SseStandard, EmptyDataLines) {
  EXPECT_THAT(read({"data\n\ndata\ndata\n\ndata:"}, false).events, ElementsAre(message("\n")));
}

TEST(SseStandard, TheSpaceAfterTheColonIsOptional) {
  EXPECT_THAT(events("data:test\n\ndata: test\n\n"), ElementsAre(message("test"), message("test")));
}

// ---- Data.

TEST(SseData, NeedsNoSpaceAfterTheColon) {
  EXPECT_THAT(events("data:{\"a\":1}\n\n"), ElementsAre(message("{\"a\":1}")));
}

TEST(SseData, LosesOneLeadingSpaceOnly) {
  EXPECT_THAT(events("data:  a \n\ndata:\ta\n\n"), ElementsAre(message(" a "), message("\ta")));
  EXPECT_THAT(read({"data:", " ", " a\n\n"}).events, ElementsAre(message(" a")));
  EXPECT_THAT(read({"data:", "", "a\n\n"}).events, ElementsAre(message("a")));
}

TEST(SseData, OfSeveralLinesIsJoinedWithLineFeeds) {
  EXPECT_THAT(events("data:a\ndata:\ndata:b\n\n"), ElementsAre(message("a\n\nb")));
  EXPECT_THAT(events("data:a\nevent:x\ndata:b\n\n"), ElementsAre(Event{"x", "a\nb"}));
}

TEST(SseData, ThatIsEmptyIsNotDispatched) {
  EXPECT_THAT(events("data:\n\n"), IsEmpty());
  EXPECT_THAT(events("data: \n\n"), IsEmpty());
  EXPECT_THAT(events("data\n\n"), IsEmpty());
  EXPECT_THAT(events("event: x\n\n"), IsEmpty());
  EXPECT_THAT(events("\n\n\n"), IsEmpty());
}

TEST(SseData, OfTwoEmptyLinesIsALineFeed) {
  EXPECT_THAT(events("data:\ndata:\n\n"), ElementsAre(message("\n")));
  EXPECT_THAT(events("data\ndata: \n\n"), ElementsAre(message("\n")));
  EXPECT_THAT(events("data:a\ndata\n\n"), ElementsAre(message("a\n")));
}

TEST(SseData, IsNotSplitAtLineEndsOfOtherStandards) {
  const std::string text =
      "a\xE2\x80\xA8"
      "b\xE2\x80\xA9"
      "c\xC2\x85"
      "d\v\f\x1c"
      "e";
  EXPECT_THAT(events("data:" + text + "\n\n"), ElementsAre(message(text)));
}

TEST(SseData, MayHoldAnyByteButLineEnds) {
  EXPECT_THAT(events("data:a\0b\xFF:c\n\n"sv), ElementsAre(message("a\0b\xFF:c"s)));
}

TEST(SseData, IsHandedOnWithoutWaitingOrCopying) {
  Collector sink;
  SseParser parser(sink);
  ASSERT_THAT(parser.feed("data:abc"), IsOk());
  EXPECT_EQ(sink.open, "abc");
  ASSERT_THAT(parser.feed("def"), IsOk());
  EXPECT_EQ(sink.open, "abcdef");
  EXPECT_EQ(sink.pieces, 2);
  EXPECT_THAT(sink.events, IsEmpty());
}

TEST(SseData, MayBeLongerThanOtherLines) {
  const std::string text(limits::kSseFieldBytes * 4, 'x');
  EXPECT_THAT(events("data: " + text + "\n\n"), ElementsAre(message(text)));
  EXPECT_THAT(read({"da", "ta: " + text + "\n\n"}).events, ElementsAre(message(text)));
}

// ---- Line ends.

TEST(SseLines, EndInCrOrLfOrBoth) {
  const auto expected = ElementsAre(message("a\nb"), message("c"));
  EXPECT_THAT(events("data:a\ndata:b\n\ndata:c\n\n"), expected);
  EXPECT_THAT(events("data:a\rdata:b\r\rdata:c\r\r"), expected);
  EXPECT_THAT(events("data:a\r\ndata:b\r\n\r\ndata:c\r\n\r\n"), expected);
  EXPECT_THAT(events("data:a\ndata:b\r\rdata:c\r\n\n"), expected);
}

TEST(SseLines, ACrLfSplitOverChunksIsOneEnd) {
  EXPECT_THAT(read({"data:a\r", "\ndata:b\r", "\n\r", "\n"}).events, ElementsAre(message("a\nb")));
  EXPECT_THAT(read({"data:a\r", "", "\n", "data:b\n\n"}).events, ElementsAre(message("a\nb")));
  EXPECT_THAT(read({"data:a\r", "\n", "\n", "data:b\n\n"}).events,
              ElementsAre(message("a"), message("b")));
}

TEST(SseLines, ACrEndsTheEventBeforeTheNextByteIsThere) {
  EXPECT_THAT(read({"data:a\r\r"}, false).events, ElementsAre(message("a")));
  EXPECT_THAT(read({"data:a\r\n\r"}, false).events, ElementsAre(message("a")));
}

TEST(SseLines, LfCrIsTwoEnds) {
  EXPECT_THAT(events("data:a\n\rdata:b\n\r"), ElementsAre(message("a"), message("b")));
}

// ---- The byte order mark.

TEST(SseMark, IsRemovedOnceAtTheStart) {
  EXPECT_THAT(events("\xEF\xBB\xBF"
                     "data:a\n\n"),
              ElementsAre(message("a")));
  EXPECT_THAT(events("\xEF\xBB\xBF\xEF\xBB\xBF"
                     "data:a\n\n"),
              IsEmpty());
  EXPECT_THAT(events("data:a\n\n\xEF\xBB\xBF"
                     "data:b\n\n"),
              ElementsAre(message("a")));
  EXPECT_THAT(events("data:\xEF\xBB\xBF"
                     "a\n\n"),
              ElementsAre(message("\xEF\xBB\xBF"
                                  "a")));
}

TEST(SseMark, MayComeInPieces) {
  EXPECT_THAT(read({"\xEF", "\xBB", "", "\xBF", "data:a\n\n"}).events, ElementsAre(message("a")));
  EXPECT_THAT(read({"\xEF\xBB",
                    "\xBF"
                    "data:a\n\n"})
                  .events,
              ElementsAre(message("a")));
}

TEST(SseMark, ThatIsCutShortIsTheStartOfAName) {
  EXPECT_THAT(events("\xEF\xBB"
                     "data:a\ndata:b\n\n"),
              ElementsAre(message("b")));
  EXPECT_THAT(read({"\xEF", "\n", "data:b\n\n"}).events, ElementsAre(message("b")));
  EXPECT_THAT(events("\xEF\xBB"), IsEmpty());
}

// ---- Fields.

TEST(SseType, IsMessageUnlessTheStreamSaysOtherwise) {
  EXPECT_THAT(events("event: endpoint\ndata: /m?s=1\n\ndata:a\n\n"),
              ElementsAre(Event{"endpoint", "/m?s=1"}, message("a")));
  EXPECT_THAT(events("event:a\nevent:b\ndata:x\n\n"), ElementsAre(Event{"b", "x"}));
}

TEST(SseType, ThatIsEmptyMeansMessage) {
  EXPECT_THAT(events("event:\ndata:a\n\n"), ElementsAre(message("a")));
  EXPECT_THAT(events("event: ping\nevent\ndata:a\n\n"), ElementsAre(message("a")));
}

TEST(SseType, OfAnEventWithoutDataIsForgotten) {
  EXPECT_THAT(events("event: ping\n\ndata:a\n\n"), ElementsAre(message("a")));
}

TEST(SseFields, CommentsAndUnknownOnesAreDropped) {
  EXPECT_THAT(events(": data: no\n:\nfoo: bar\nfoo\n data: no\nDATA: no\ndatabase: no\ndat: no\n"
                     "data : no\ndata: yes\n\n"),
              ElementsAre(message("yes")));
}

TEST(SseFields, ABlankLineIsOneWithoutSpaces) {
  EXPECT_THAT(events("data:a\n \ndata:b\n\n"), ElementsAre(message("a\nb")));
}

TEST(SseFields, TakeTheirValueBehindTheFirstColon) {
  EXPECT_THAT(events("event: a:b\ndata::c\n\n"), ElementsAre(Event{"a:b", ":c"}));
}

TEST(SseFields, LongerThanTheLimitAreRefused) {
  const auto feed = [](const std::vector<std::string>& chunks) {
    Collector sink;
    SseParser parser(sink);
    Result<void> fed = ok();
    for (const auto& chunk : chunks)
      if (fed) fed = parser.feed(chunk);
    return fed;
  };
  const std::string fits = "id:" + std::string(limits::kSseFieldBytes - 3, 'x');
  EXPECT_THAT(feed({fits + "\n"}), IsOk());
  EXPECT_THAT(feed({fits, "\n"}), IsOk());
  EXPECT_THAT(feed({fits + "x"}), FailsWith(ErrorKind::too_large, "event stream"));
  EXPECT_THAT(feed({fits, "x"}), FailsWith(ErrorKind::too_large, "event stream"));
  EXPECT_THAT(feed({std::string(limits::kSseFieldBytes + 1, 'x')}),
              FailsWith(ErrorKind::too_large, "event stream"));
}

TEST(SseFields, LongerThanTheLimitAreIgnoredWhereThatIsWanted) {
  const std::string fits = "id:" + std::string(limits::kSseFieldBytes - 3, 'x');
  const std::string name(limits::kSseFieldBytes + 1, 'x');
  for (const std::string& line : {fits + "x", fits + name, name}) {
    for (const std::size_t cut : {std::size_t{1}, line.size() - 1, line.size()}) {
      Collector sink;
      SseParser parser(sink);
      parser.ignore_long_lines();
      for (const std::string& chunk :
           {"id:1\n"s, line.substr(0, cut), line.substr(cut), "\ndata:a\n\n"s})
        EXPECT_THAT(parser.feed(chunk), IsOk());
      EXPECT_THAT(sink.events, ElementsAre(message("a")));
      EXPECT_EQ(parser.last_event_id(), "1");
    }
  }
}

TEST(SseFields, CommentsMayBeEndless) {
  const std::string filler(limits::kSseFieldBytes, ' ');
  EXPECT_THAT(read({":", filler, filler, filler, "\ndata:a\n\n"}).events,
              ElementsAre(message("a")));
}

// ---- Ids.

TEST(SseId, CountsOnceABlankLineEndsItsEvent) {
  EXPECT_EQ(read({"id: 1\ndata: a\n"}, false).last_event_id, "");
  EXPECT_EQ(read({"id: 1\ndata: a\n\n"}, false).last_event_id, "1");
  EXPECT_EQ(read({"id: 1\ndata: a\n\nid: 2\ndata: b\n"}, false).last_event_id, "1");
}

// MCP 2025-11-25, Streamable HTTP: an event with an id and empty data primes the client.
TEST(SseId, OfAnEventWithoutDataCountsToo) {
  const Outcome primed = read({"id: 1\ndata:\nretry: 500\n\n"}, false);
  EXPECT_THAT(primed.events, IsEmpty());
  EXPECT_EQ(primed.last_event_id, "1");
  EXPECT_EQ(primed.retry, 500ms);
  EXPECT_EQ(read({"id: 1\n\n"}, false).last_event_id, "1");
}

TEST(SseId, StaysUntilAnotherComes) {
  EXPECT_EQ(read({"id: 1\ndata: a\n\ndata: b\n\n"}, false).last_event_id, "1");
  EXPECT_EQ(read({"id: 1\ndata: a\n\nid\ndata: b\n\n"}, false).last_event_id, "");
}

TEST(SseId, WithANulIsIgnored) {
  EXPECT_EQ(read({"id: 1\n\nid: 2\0\n\n"sv}, false).last_event_id, "1");
}

// ---- Reconnection time.

TEST(SseRetryField, IsDigitsOnly) {
  EXPECT_EQ(read({"retry: 3000\n"}).retry, 3000ms);
  EXPECT_EQ(read({"retry:0\n"}).retry, 0ms);
  for (const auto value : {"", "-1", "+1", "1.5", "1e3", "1s", " 1", "abc", "0x10"})
    EXPECT_EQ(read({"retry: "s + value + "\n"}).retry, std::nullopt) << value;
  EXPECT_EQ(read({"retry: 10\nretry: x\n"}).retry, 10ms);
}

TEST(SseRetryField, IsBounded) {
  EXPECT_EQ(read({"retry: 3600001\n"}).retry, limits::kLongestSseRetry);
  EXPECT_EQ(read({"retry: " + std::string(1000, '9') + "\n"}).retry, limits::kLongestSseRetry);
}

// ---- The end of the stream.

TEST(SseEnd, DispatchesAnOpenEventOfAStreamWithoutIds) {
  EXPECT_THAT(events("data:a\n"), ElementsAre(message("a")));
  EXPECT_THAT(events("data:a"), ElementsAre(message("a")));
  EXPECT_THAT(events("data:a\n\nevent:x\ndata:b\nda"), ElementsAre(message("a"), Event{"x", "b"}));
  EXPECT_THAT(events("data:a\nevent:x"), ElementsAre(Event{"x", "a"}));
  EXPECT_THAT(events("data:a\ndata"), ElementsAre(message("a\n")));
}

TEST(SseEnd, DropsAnOpenEventOfAStreamWithIds) {
  EXPECT_THAT(events("id:1\ndata:a\n\ndata:b\n"), ElementsAre(message("a")));
  EXPECT_THAT(events("id:1\ndata:a\n"), IsEmpty());
  EXPECT_EQ(read({"id:1\n\nid:2\ndata:a\n"}).last_event_id, "1");
  EXPECT_EQ(read({"id:1\n\nid:2"}).last_event_id, "1");
}

TEST(SseEnd, DispatchesNothingTwice) {
  EXPECT_THAT(events("data:a\n\n"), ElementsAre(message("a")));
  EXPECT_THAT(events(""), IsEmpty());
  EXPECT_THAT(events("event:x\n"), IsEmpty());
}

TEST(SseOpen, IsAnEventOfWhichAnythingWasReceived) {
  const auto is_open = [](std::string_view stream) {
    Collector sink;
    SseParser parser(sink);
    EXPECT_THAT(parser.feed(stream), IsOk());
    return parser.has_open_event();
  };
  for (const auto stream : {"d", "data:", "data: a", "data: a\n", "event: x\n", "id: 1\n", "foo\n",
                            "data: a\n\nd", "data: a\n: comment\n"})
    EXPECT_TRUE(is_open(stream)) << stream;
  for (const auto stream :
       {"", "\n", ":", ": comment\n", "data: a\n\n", "id: 1\n\n", "data: a\r\r: x", "\xEF\xBB\xBF"})
    EXPECT_FALSE(is_open(stream)) << stream;
}

// ---- The sink's failures.

TEST(SseSinkFailure, OfDataComesOutOfFeed) {
  for (const auto stream : {"data:a", "data:a\n\n"}) {
    Collector sink;
    sink.full = true;
    SseParser parser(sink);
    EXPECT_THAT(parser.feed(stream), FailsWith(ErrorKind::too_large, "no room")) << stream;
  }
}

TEST(SseSinkFailure, OfALineBreakComesOutOfFeed) {
  for (const auto more : {"\ndata:", "\ndata\n"}) {
    Collector sink;
    SseParser parser(sink);
    ASSERT_THAT(parser.feed("data:a"), IsOk());
    sink.full = true;
    EXPECT_THAT(parser.feed(more), FailsWith(ErrorKind::too_large, "no room")) << more;
  }
}

TEST(SseSinkFailure, OfDispatchComesOutOfFeedAndFinish) {
  Collector sink;
  SseParser parser(sink);
  ASSERT_THAT(parser.feed("data:a\n"), IsOk());
  sink.full = true;
  EXPECT_THAT(parser.feed("\n"), FailsWith(ErrorKind::protocol, "no message"));

  Collector other;
  SseParser unfinished(other);
  ASSERT_THAT(unfinished.feed("data:a"), IsOk());
  other.full = true;
  EXPECT_THAT(unfinished.finish(), FailsWith(ErrorKind::protocol, "no message"));
}

// ---- Chunks.

constexpr auto kEverything =
    "\xEF\xBB\xBF: comment\r\nretry: 250\rid: 1\ndata:\n\nevent: endpoint\r\ndata: /m\r\n\r\n"
    "data\ndata:  a\rdata: b \r\rdatabase: x\nid\0: 4\nid: 5\0\ndata: c\nid:6\n\n"
    "event:\ndata:{\"x\":\"\xE2\x80\xA8\"}\r\n\r\ndata: open"sv;

TEST(SseChunks, MayBeSplitAnywhere) {
  const Outcome whole = read({kEverything});
  EXPECT_THAT(whole.events, ElementsAre(Event{"endpoint", "/m"}, message("\n a\nb "), message("c"),
                                        message("{\"x\":\"\xE2\x80\xA8\"}")));
  EXPECT_EQ(whole.last_event_id, "6");
  EXPECT_EQ(whole.retry, 250ms);

  for (std::size_t i = 0; i <= kEverything.size(); ++i)
    for (std::size_t j = i; j <= kEverything.size(); ++j)
      ASSERT_EQ(
          read({kEverything.substr(0, i), kEverything.substr(i, j - i), kEverything.substr(j)}),
          whole)
          << i << " " << j;

  std::vector<std::string_view> bytes;
  for (std::size_t i = 0; i < kEverything.size(); ++i) bytes.push_back(kEverything.substr(i, 1));
  EXPECT_EQ(read(bytes), whole);
}

// Looking for a line feed that never comes must not begin anew with each line.
TEST(SseChunks, WithOneKindOfLineEndTakeLinearTime) {
  for (const auto end : {"\r", "\n"}) {
    std::string stream;
    for (int i = 0; i < 1'000'000; ++i) stream.append(":").append(end);
    EXPECT_THAT(read({stream}).events, IsEmpty());
  }
}

TEST(SseRoundTrip, GivesBackWhatTheWriterWrote) {
  for (const auto data : {"{}", " a", "a\nb", "\n", "a\n\n", ":", "data: x"}) {
    EXPECT_EQ(read({sse_event("x", "1", data)}), (Outcome{{Event{"x", data}}, "1", std::nullopt}));
  }
  EXPECT_THAT(events(sse_comment("a\nb") + sse_retry(5ms)), IsEmpty());
  EXPECT_EQ(read({sse_retry(5ms)}).retry, 5ms);
}

}  // namespace
}  // namespace mcpio::codec
