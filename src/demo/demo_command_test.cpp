// SPDX-License-Identifier: MIT
#include "demo/demo_command.h"

#include <gmock/gmock.h>

#include <sstream>

namespace mcpio::demo {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

struct Shown {
  int exit_code = 0;
  std::string text;
};

// The demo with a shell script in the gateway's place.
Shown play(std::string script, std::chrono::milliseconds limit = std::chrono::seconds(20)) {
  DemoOptions options{
      .gateway = {"sh", "-c", std::move(script)}, .browser = "/bin/true", .program = "mcp-stdio"};
  options.limit = limit;
  std::ostringstream out;
  const int exit_code = run_demo(options, out);
  return Shown{.exit_code = exit_code, .text = out.str()};
}

TEST(Demo, FailsWithTheFirstDifference) {
  const Shown shown = play(R"(read line; echo '{"jsonrpc":"2.0","id":1,"result":{"odd":1}}'; cat)");
  EXPECT_EQ(shown.exit_code, 1);
  EXPECT_THAT(
      shown.text,
      HasSubstr("Not as expected after 0 steps: initialize\n"
                "  expected  {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"protocolVersion\""));
  EXPECT_THAT(shown.text,
              HasSubstr("\n  got       {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"odd\":1}}\n"));
}

TEST(Demo, FailsWhenTheGatewayEndsEarlyAndShowsItsLog) {
  const Shown shown = play("echo 'out of luck' >&2; exit 3");
  EXPECT_EQ(shown.exit_code, 1);
  EXPECT_THAT(shown.text, HasSubstr("Not as expected after 0 steps: initialize"));
  EXPECT_THAT(shown.text, HasSubstr("The gateway's own words:\nout of luck"));
}

TEST(Demo, FailsOnALineThatIsNoMessage) {
  const Shown shown = play("echo hello; cat");
  EXPECT_EQ(shown.exit_code, 1);
  EXPECT_THAT(shown.text, HasSubstr("the gateway wrote a line that is no message: hello"));
}

TEST(Demo, FailsWhenThereIsNoGateway) {
  DemoOptions options{
      .gateway = {"/no/such/gateway"}, .browser = "/bin/true", .program = "mcp-stdio"};
  std::ostringstream out;
  EXPECT_EQ(run_demo(options, out), 1);
  EXPECT_THAT(out.str(), HasSubstr("cannot run '/no/such/gateway'"));
}

TEST(Demo, NeverHangs) {
  const Shown shown =
      play("trap '' TERM; while :; do sleep 0.01; done", std::chrono::milliseconds(50));
  EXPECT_EQ(shown.exit_code, 1);
  EXPECT_THAT(shown.text, HasSubstr("no answer within the time allowed"));
}

}  // namespace
}  // namespace mcpio::demo
