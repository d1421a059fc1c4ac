// SPDX-License-Identifier: MIT
#include "codec/sse_writer.h"

#include <gtest/gtest.h>

namespace mcpio::codec {
namespace {

using namespace std::string_view_literals;

TEST(SseEvent, HasItsFieldsAndABlankLine) {
  EXPECT_EQ(sse_event("message", "7", "{}"), "event: message\nid: 7\ndata: {}\n\n");
}

TEST(SseEvent, LeavesOutWhatThereIsNot) {
  EXPECT_EQ(sse_event("", std::nullopt, "x"), "data: x\n\n");
  EXPECT_EQ(sse_event("", "", "x"), "id: \ndata: x\n\n");
}

// MCP 2025-11-25, Streamable HTTP: an event with an id and empty data primes the client.
TEST(SseEvent, MayHaveEmptyData) { EXPECT_EQ(sse_event("", "1", ""), "id: 1\ndata: \n\n"); }

TEST(SseEvent, HasALineForEachLineOfItsData) {
  EXPECT_EQ(sse_event("", std::nullopt, "a\nb\rc\r\nd\n\re"),
            "data: a\ndata: b\ndata: c\ndata: d\ndata: \ndata: e\n\n");
  EXPECT_EQ(sse_event("", std::nullopt, "a\n"), "data: a\ndata: \n\n");
}

TEST(SseEvent, KeepsASpaceAtTheStartOfALine) {
  EXPECT_EQ(sse_event("", std::nullopt, " a"), "data:  a\n\n");
}

TEST(SseEvent, CannotBeBrokenUpByItsTypeOrId) {
  EXPECT_EQ(sse_event("a\ndata: forged", "1\r\n2\0"sv, "x"),
            "event: adata: forged\nid: 12\ndata: x\n\n");
}

TEST(SseComment, BeginsEachLineWithAColon) {
  EXPECT_EQ(sse_comment("keep-alive"), ": keep-alive\n\n");
  EXPECT_EQ(sse_comment("a\ndata: b"), ": a\n: data: b\n\n");
  EXPECT_EQ(sse_comment(""), ": \n\n");
}

TEST(SseRetry, IsInMilliseconds) {
  EXPECT_EQ(sse_retry(std::chrono::seconds(3)), "retry: 3000\n\n");
}

}  // namespace
}  // namespace mcpio::codec
