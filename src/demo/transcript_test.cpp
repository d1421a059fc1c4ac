// SPDX-License-Identifier: MIT
#include "demo/transcript.h"

#include <gmock/gmock.h>

#include <sstream>

namespace mcpio::demo {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

std::string conversation(Style style) {
  std::ostringstream out;
  Transcript show(out, style);
  show.client(milliseconds(12), "ping");
  show.progress(milliseconds(13), "progress 1 of 5");
  show.server(milliseconds(14), "a question");
  show.answer(milliseconds(1234), "{}", microseconds(400));
  return out.str();
}

TEST(Transcript, StandsInTwoLanes) {
  EXPECT_EQ(conversation(Style{}),
            "    12 ms  -> ping\n"
            "    13 ms                                    .. progress 1 of 5\n"
            "    14 ms                                    <- a question\n"
            "   1.23 s                                    <- {}"
            "                                  0.4 ms ok\n");
}

TEST(Transcript, StandsInTheSameLanesInUnicode) {
  EXPECT_EQ(conversation(Style{.unicode = true}),
            "    12 ms  → ping\n"
            "    13 ms                                    ·· progress 1 of 5\n"
            "    14 ms                                    ← a question\n"
            "   1.23 s                                    ← {}"
            "                                  0.4 ms ✓\n");
}

TEST(Transcript, WritesNothingButAsciiWithoutUnicode) {
  std::ostringstream out;
  Transcript(out, Style{}).plain("Grüße");
  EXPECT_EQ(out.str(), "Gr??e\n");
}

TEST(Transcript, ColoursOnlyWhereAsked) {
  EXPECT_EQ(conversation(Style{}).find('\x1b'), std::string::npos);
  EXPECT_NE(conversation(Style{.colour = true}).find("\x1b[36m->\x1b[0m ping"), std::string::npos);
}

TEST(Transcript, KnowsAUtf8LocaleByItsName) {
  EXPECT_TRUE(names_utf8("", "", "en_GB.UTF-8"));
  EXPECT_TRUE(names_utf8("C.utf8", "", ""));
  EXPECT_FALSE(names_utf8("C", "", "en_GB.UTF-8"));
  EXPECT_FALSE(names_utf8("", "", ""));
}

TEST(Transcript, ShowsTimesInTheUnitTheyAreReadIn) {
  EXPECT_EQ(show_time(microseconds(440)), "0.4 ms");
  EXPECT_EQ(show_time(milliseconds(12)), "12 ms");
  EXPECT_EQ(show_time(milliseconds(1234)), "1.23 s");
  EXPECT_EQ(show_size(5'100'000), "5.1 MB");
}

}  // namespace
}  // namespace mcpio::demo
