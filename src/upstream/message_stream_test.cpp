// SPDX-License-Identifier: MIT
#include "upstream/message_stream.h"

#include "upstream/upstream_fixture.h"

namespace mcpio::upstream {
namespace {

using test::FailsWith;
using test::IsOk;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Framing = MessageStream::Framing;

constexpr std::string_view kOne = R"({"jsonrpc":"2.0","method":"one"})";
constexpr std::string_view kTwo = R"({"jsonrpc":"2.0","method":"two"})";

class MessageStreamTest : public UpstreamFixture {
 protected:
  MessageStream open(Framing framing, std::size_t message_bytes = 1 << 20) {
    body_ = std::make_shared<test::FakeAnswer>(loop_.get_executor());
    return MessageStream(std::make_unique<test::FakeExchange>(body_), framing,
                         {.message_bytes = message_bytes, .budget = nullptr});
  }

  // The messages up to the end or the first failure, which is kept.
  std::vector<std::string> messages_of(MessageStream& stream) {
    std::vector<std::string> texts;
    for (;;) {
      auto next = test::run(loop_, stream.next());
      end_ = next ? ok() : Result<void>(propagate(next));
      if (!end_ || !*next) return texts;
      texts.emplace_back((*next)->text());
    }
  }

  std::shared_ptr<test::FakeAnswer> body_;
  Result<void> end_;
};

// ---- JSON bodies

TEST_F(MessageStreamTest, AJsonBodyIsOneMessageHoweverItIsCut) {
  MessageStream stream = open(Framing::json);
  for (const char byte : kOne) body_->piece(std::string_view(&byte, 1));
  body_->end();
  EXPECT_THAT(messages_of(stream), ElementsAre(kOne));
  EXPECT_THAT(end_, IsOk());
}

TEST_F(MessageStreamTest, APrettyPrintedBodyBecomesOneLine) {
  MessageStream stream = open(Framing::json);
  body_->piece("{\n \"jsonrpc\": \"2.0\",\r\n \"method\": \"one\"\n}\n").end();
  EXPECT_THAT(messages_of(stream), ElementsAre(R"({"jsonrpc": "2.0","method": "one"})"));
}

TEST_F(MessageStreamTest, ABatchIsTakenApartAndItsUselessElementsAreSkipped) {
  MessageStream stream = open(Framing::json);
  body_->piece("[" + std::string(kOne) + ",1,{}," + std::string(kTwo) + "]").end();
  EXPECT_THAT(messages_of(stream), ElementsAre(kOne, kTwo));
  EXPECT_THAT(end_, IsOk());
}

TEST_F(MessageStreamTest, AnEmptyBodyHasNoMessage) {
  for (const std::string_view body : {"", " \n"}) {
    MessageStream stream = open(Framing::json);
    if (!body.empty()) body_->piece(body);
    body_->end();
    EXPECT_THAT(messages_of(stream), IsEmpty());
    EXPECT_THAT(end_, IsOk());
  }
}

TEST_F(MessageStreamTest, ABodyThatIsNoMessageFailsAndCanBeDescribed) {
  for (const std::string_view body : {"<html><title>Log in</title>", "nope", "{\"a\":1}", "{"}) {
    MessageStream stream = open(Framing::json);
    body_->piece(body).end();
    EXPECT_THAT(messages_of(stream), IsEmpty());
    EXPECT_THAT(end_, FailsWith(ErrorKind::protocol, "")) << body;
    EXPECT_EQ(stream.preview(), body);
  }
}

TEST_F(MessageStreamTest, WhatIsTooLargeIsNotReadToItsEnd) {
  MessageStream stream = open(Framing::json, 100);
  body_->piece("\"" + std::string(200, 'x'));  // and it would go on
  EXPECT_THAT(messages_of(stream), IsEmpty());
  EXPECT_THAT(end_, FailsWith(ErrorKind::too_large, ""));
}

// Whoever sends a page, or white space around a message, is not read for ever.
TEST_F(MessageStreamTest, ABodyThatIsNoMessageIsReadAsFarAsItsDescriptionNeeds) {
  MessageStream stream = open(Framing::json);
  const std::string page = "<html><title>Log in</title>" + std::string(5000, 'x');
  body_->piece(page.substr(0, 3000)).piece(page.substr(3000));  // and it would go on
  EXPECT_THAT(messages_of(stream), IsEmpty());
  EXPECT_THAT(end_, FailsWith(ErrorKind::protocol, ""));
  EXPECT_EQ(describe_body(stream.preview(), "text/html"), "an HTML page titled \"Log in\"");
}

TEST_F(MessageStreamTest, WhiteSpaceCounts) {
  const std::string space(200, ' ');
  for (const std::string& body : {space, std::string(kOne) + space, "[\n" + space}) {
    MessageStream stream = open(Framing::json, 100);
    body_->piece(body.substr(0, 90)).piece(body.substr(90));  // and it would go on
    EXPECT_THAT(messages_of(stream), IsEmpty());
    EXPECT_THAT(end_, FailsWith(ErrorKind::too_large, "larger than allowed"));
  }
  MessageStream stream = open(Framing::events, 100);
  body_->piece("data: " + std::string(kOne) + space);
  EXPECT_THAT(messages_of(stream), IsEmpty());
  EXPECT_THAT(end_, FailsWith(ErrorKind::too_large, "larger than allowed"));
}

TEST_F(MessageStreamTest, EachEventHasTheWholeBoundToItself) {
  MessageStream stream = open(Framing::events, 100);
  for (int i = 0; i < 10; ++i) body_->event(std::string(kOne) + std::string(50, ' '));
  body_->end();
  EXPECT_EQ(messages_of(stream).size(), 10U);
  EXPECT_THAT(end_, IsOk());
}

TEST_F(MessageStreamTest, ABrokenBodyFailsAsItsExchange) {
  for (const Framing framing : {Framing::json, Framing::events}) {
    MessageStream stream = open(framing);
    body_->piece("{").fail(ErrorKind::network, "gone");
    EXPECT_THAT(messages_of(stream), IsEmpty());
    EXPECT_THAT(end_, FailsWith(ErrorKind::network, "gone"));
  }
}

// ---- Event streams

TEST_F(MessageStreamTest, EachMessageEventIsAMessage) {
  MessageStream stream = open(Framing::events);
  body_->event(kOne).piece("event: message\n").event(kTwo).end();
  EXPECT_THAT(messages_of(stream), ElementsAre(kOne, kTwo));
  EXPECT_THAT(end_, IsOk());
}

TEST_F(MessageStreamTest, EventsAreMessagesBeforeTheStreamEnds) {
  MessageStream stream = open(Framing::events);
  body_->event(kOne);
  auto first = test::run(loop_, stream.next());
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ((*first)->text(), kOne);
  const auto second = start(stream.next());
  EXPECT_FALSE(second.is_done());
  body_->event(kTwo);
  EXPECT_EQ((*finish(second))->text(), kTwo);
}

TEST_F(MessageStreamTest, WhatIsNoMessageIsSkipped) {
  MessageStream stream = open(Framing::events);
  body_->piece(": a comment\n\n").piece("event: other\n").event(kTwo);
  body_->event("not json").event("{\"a\":1}").event("").event(kOne).end();
  EXPECT_THAT(messages_of(stream), ElementsAre(kOne));
  EXPECT_THAT(end_, IsOk());
}

TEST_F(MessageStreamTest, ABatchInAnEventIsTakenApart) {
  MessageStream stream = open(Framing::events);
  body_->event("[" + std::string(kOne) + "," + std::string(kTwo) + "]").end();
  EXPECT_THAT(messages_of(stream), ElementsAre(kOne, kTwo));
}

TEST_F(MessageStreamTest, AnEventThatIsTooLargeEndsTheStream) {
  MessageStream stream = open(Framing::events, 100);
  body_->event("\"" + std::string(200, 'x') + "\"").event(kOne).end();
  EXPECT_THAT(messages_of(stream), IsEmpty());
  EXPECT_THAT(end_, FailsWith(ErrorKind::too_large, ""));
}

TEST_F(MessageStreamTest, AnEventThatIsNoJsonIsNotReadForEverEither) {
  MessageStream stream = open(Framing::events, 100);
  body_->piece("data: " + std::string(90, 'x')).piece(std::string(90, 'x'));
  EXPECT_THAT(messages_of(stream), IsEmpty());
  EXPECT_THAT(end_, FailsWith(ErrorKind::too_large, ""));
}

struct Large {
  std::string_view name, begin, end;
  std::optional<std::string> id;
};

class LargeAnswers : public MessageStreamTest, public testing::WithParamInterface<Large> {};

// Cut anywhere, also within what its id is found by.
TEST_P(LargeAnswers, AreSkippedWhereTheStreamHasMoreToSay) {
  const auto& [name, begin, end, id] = GetParam();
  const std::string event = std::string(begin) + std::string(1000, 'x') + std::string(end);
  for (const std::size_t size : {event.size(), std::size_t{600}, std::size_t{7}, std::size_t{1}}) {
    MessageStream stream = open(Framing::events, 300);
    stream.skip_too_large();
    body_->event(kOne, "e1").piece("id: e2\ndata: ");
    for (std::size_t at = 0; at < event.size(); at += size) body_->piece(event.substr(at, size));
    body_->piece("\n\n").event(kTwo).end();
    EXPECT_THAT(messages_of(stream), ElementsAre(kOne));
    EXPECT_THAT(end_, FailsWith(ErrorKind::too_large, "larger than allowed"));
    EXPECT_TRUE(stream.has_skipped());
    EXPECT_EQ(stream.skipped_id(), id) << size;
    EXPECT_EQ(stream.last_event_id(), "e2");
    EXPECT_THAT(messages_of(stream), ElementsAre(kTwo));
    EXPECT_THAT(end_, IsOk());
    EXPECT_FALSE(stream.has_skipped());
    EXPECT_EQ(stream.skipped_id(), std::nullopt);
  }
}

TEST_F(MessageStreamTest, ABodyThatIsTooLargeIsNoEventThatWasSkipped) {
  MessageStream stream = open(Framing::events);
  stream.skip_too_large();
  body_->fail(ErrorKind::too_large);
  EXPECT_THAT(messages_of(stream), IsEmpty());
  EXPECT_THAT(end_, FailsWith(ErrorKind::too_large, ""));
  EXPECT_FALSE(stream.has_skipped());
}

const Large kLarge[] = {
    {"IdFirst", R"({"jsonrpc":"2.0","id":7,"result":{"id":8,"a":")", R"("}})", "7"},
    {"IdLast", R"({"result":{"id":8,"a":")", R"("},"jsonrpc":"2.0","id":"7"})", "\"7\""},
    {"IdBeforeLast", R"({"result":{"id":8,"a":")", R"("}, "id" : 7, "jsonrpc":"2.0"} )", "7"},
    {"IdInside", R"({"result":{"a":")", R"(","id":8}})", std::nullopt},
    {"IdInAString", R"({"result":{"a":")", R"(,\"id\":8}"}})", std::nullopt},
    {"IdAsAValue", R"({"result":{"a":")", R"("},"x":"id"})", std::nullopt},
    {"NoJson", R"({"result":)", "}", std::nullopt},
};

INSTANTIATE_TEST_SUITE_P(E17, LargeAnswers, testing::ValuesIn(kLarge),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_F(MessageStreamTest, ALargeEventThatIsNoAnswerIsSkippedWithoutAFailure) {
  MessageStream stream = open(Framing::events, 300);
  stream.skip_too_large();
  const std::string filler(1000, 'x');
  body_->event(R"({"jsonrpc":"2.0","method":"m","params":")" + filler + "\"}");
  body_->piece("event: other\n").event(filler).event(kOne).end();
  EXPECT_THAT(messages_of(stream), ElementsAre(kOne));
  EXPECT_THAT(end_, IsOk());
}

// What came whole before the failure counts: it may be the answer to a call that was executed.
TEST_F(MessageStreamTest, AMessageBeforeAFailureIsGivenOutFirst) {
  MessageStream stream = open(Framing::events, 300);
  body_->piece("data: " + std::string(kOne) + "\n\ndata: " + std::string(1000, ' ') + "1\n\n");
  EXPECT_THAT(messages_of(stream), ElementsAre(kOne));
  EXPECT_THAT(end_, FailsWith(ErrorKind::too_large, "larger than allowed"));
}

TEST_F(MessageStreamTest, BadEventsDoNotFillTheLog) {
  MessageStream stream = open(Framing::events);
  for (int i = 0; i < 1000; ++i) body_->event("{");
  body_->end();
  testing::internal::CaptureStderr();
  EXPECT_THAT(messages_of(stream), IsEmpty());
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), limits::kWarningsPerStream + 1);
  EXPECT_THAT(log, HasSubstr("further warnings are not shown"));
}

// 2025-11-25, "Resumability and Redelivery": an event with an id and empty data primes the client.
TEST_F(MessageStreamTest, IdAndRetryOfAPrimingEventAreKnown) {
  MessageStream stream = open(Framing::events);
  EXPECT_FALSE(stream.heard_anything());
  body_->piece("id: e1\nretry: 250\ndata:\n\n").end();
  EXPECT_THAT(messages_of(stream), IsEmpty());
  EXPECT_EQ(stream.last_event_id(), "e1");
  EXPECT_EQ(stream.retry(), std::chrono::milliseconds(250));
}

TEST_F(MessageStreamTest, TheLastEventNeedsNoBlankLineUnlessItCanBeResumed) {
  MessageStream plain = open(Framing::events);
  body_->piece("data: " + std::string(kOne)).end();
  EXPECT_THAT(messages_of(plain), ElementsAre(kOne));

  MessageStream resumable = open(Framing::events);
  body_->event(kOne, "e1").piece("id: e2\ndata: " + std::string(kTwo)).end();
  EXPECT_THAT(messages_of(resumable), ElementsAre(kOne));
  EXPECT_EQ(resumable.last_event_id(), "e1");
}

// 2024-11-05, basic/transports, "HTTP with SSE".
TEST_F(MessageStreamTest, TheEndpointIsNamedOnceAndMessagesBehindItAreKept) {
  MessageStream stream = open(Framing::events);
  body_->piece("event: endpoint\ndata: /messages?id=1\n\n").event(kOne);
  body_->piece("event: endpoint\ndata: /elsewhere\n\n").end();
  EXPECT_EQ(stream.endpoint(), std::nullopt);
  EXPECT_TRUE(*test::run(loop_, stream.next_event()));
  EXPECT_EQ(stream.endpoint(), "/messages?id=1");
  EXPECT_THAT(messages_of(stream), ElementsAre(kOne));
  EXPECT_EQ(stream.endpoint(), "/messages?id=1");
}

TEST_F(MessageStreamTest, AWaitCanBeCancelled) {
  MessageStream stream = open(Framing::events);
  const auto waiting = start(stream.next());
  waiting.cancel();
  turn();
  EXPECT_THAT(waiting.result(), FailsWith(ErrorKind::cancelled, ""));
}

TEST_F(MessageStreamTest, TheBudgetBoundsAllMessagesTogether) {
  Budget budget(64 * 1024);
  body_ = std::make_shared<test::FakeAnswer>(loop_.get_executor());
  MessageStream stream(std::make_unique<test::FakeExchange>(body_), Framing::json,
                       {.message_bytes = 1 << 20, .budget = &budget});
  body_->piece("\"" + std::string(200 * 1024, 'x') + "\"").end();
  EXPECT_THAT(messages_of(stream), IsEmpty());
  EXPECT_THAT(end_, FailsWith(ErrorKind::too_large, ""));
}

// ---- What a body was

TEST(DescribeBody, SaysWhatItIsAndNoMore) {
  EXPECT_EQ(describe_body("", "text/html"), "an empty body");
  EXPECT_EQ(describe_body("secret", ""), "a body without a content type");
  EXPECT_EQ(describe_body("secret", "text/plain"), "a body of type text/plain");
  EXPECT_EQ(describe_body("<!doctype html><HTML>secret", "text/html"), "an HTML page");
  EXPECT_EQ(describe_body("<Title>Log\n\"in\"</Title>secret", "text/html"),
            "an HTML page titled \"Log  in \"");
  const std::string endless = "<title>" + std::string(500, 'x');
  EXPECT_LT(describe_body(endless, "text/html").size(), 100U);
}

}  // namespace
}  // namespace mcpio::upstream
