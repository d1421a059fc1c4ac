// SPDX-License-Identifier: MIT
#include "mcp/protocol_version.h"

#include <gtest/gtest.h>

#include <string_view>

namespace mcpio::mcp {
namespace {

using namespace std::string_view_literals;

struct Revision {
  std::string_view name;
  bool has_streamable_http, has_resumption, has_batches;
};
class ProtocolVersions : public testing::TestWithParam<Revision> {};

TEST_P(ProtocolVersions, AreKnown) {
  const ProtocolVersion& version = protocol_version(GetParam().name);
  EXPECT_EQ(version.name, GetParam().name);
  EXPECT_EQ(version.has_streamable_http, GetParam().has_streamable_http);
  EXPECT_EQ(version.has_resumption, GetParam().has_resumption);
  EXPECT_EQ(version.has_batches, GetParam().has_batches);
}

// Batches came with 2025-03-26 and left with 2025-06-18 (item 3 and item 1 of their changelogs).
const Revision kRevisions[] = {
    {"2024-11-05", false, false, false},
    {"2025-03-26", true, true, true},
    {"2025-06-18", true, true, false},
    {"2025-11-25", true, true, false},
};
INSTANTIATE_TEST_SUITE_P(Specification, ProtocolVersions, testing::ValuesIn(kRevisions));

TEST(ProtocolVersion, IsTheNewestForANameNobodyKnows) {
  for (const auto name : {""sv, "2099-01-01"sv, "1.0"sv, "2025-11-25 "sv})
    EXPECT_EQ(protocol_version(name).name, kNewestHandshake) << name;
}

TEST(HeaderSafe, IsVisibleAscii) {
  EXPECT_TRUE(is_header_safe("2025-06-18"));
  EXPECT_TRUE(is_header_safe("!~"));
}

// Item 136 of the relay's list: a version text with CR, LF, NUL, space or non-ASCII is ignored.
TEST(HeaderSafe, IsNothingThatCouldBreakAHeader) {
  for (const auto value : {""sv, "a\rb"sv, "a\nb"sv, "a\0b"sv, "a b"sv, " "sv, "\t"sv, "\x7f"sv,
                           "\xC3\xA9"sv, "a\x80"sv})
    EXPECT_FALSE(is_header_safe(value));
}

}  // namespace
}  // namespace mcpio::mcp
