// SPDX-License-Identifier: MIT
#include "cli/help.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <sstream>
#include <string_view>

#include "cli/option_table.h"

namespace mcpio::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

std::size_t widest_line(const std::string& text) {
  std::istringstream lines(text);
  std::size_t widest = 0;
  for (std::string line; std::getline(lines, line);) widest = std::max(widest, line.size());
  return widest;
}

TEST(Help, ShowsEveryOptionWithItsVariable) {
  const std::string help = help_text({});
  for (const Option& option : option_table()) {
    if (option.is_hidden) continue;
    EXPECT_THAT(help, HasSubstr(option.shown())) << option.name;
    EXPECT_THAT(help, HasSubstr(std::string(option.environment)));
  }
  EXPECT_THAT(help, HasSubstr("-H, --header 'NAME: VALUE'"));
  EXPECT_THAT(help, HasSubstr("[default: 120]"));
}

TEST(Help, HidesWhatIsHidden) {
  EXPECT_THAT(help_text({}), Not(HasSubstr("--test")));
  EXPECT_THAT(help_text({}), Not(HasSubstr("--list-options")));
}

TEST(Help, FitsThePage) {
  EXPECT_LE(widest_line(help_text({.width = 80})), 80u);
  EXPECT_LE(widest_line(help_text({.width = 100})), 100u);
  EXPECT_LE(widest_line(help_text({.width = 1000})), 100u);
}

TEST(Help, BeginsWithTheCommandsAndExamples) {
  const std::string help = help_text({});
  const auto commands = help.find("Commands"), examples = help.find("Examples");
  ASSERT_NE(commands, std::string::npos);
  EXPECT_LT(commands, examples);
  EXPECT_LT(examples, help.find("--transport"));
  EXPECT_LT(help.find("mcp-stdio demo"), examples);
}

TEST(Help, UsesColourOnlyWhereItIsUnderstood) {
  EXPECT_THAT(help_text({}), Not(HasSubstr("\x1b")));
  EXPECT_THAT(help_text({.width = 80, .has_colour = true}), HasSubstr("\x1b[1mCredentials\x1b[0m"));
}

}  // namespace
}  // namespace mcpio::cli
