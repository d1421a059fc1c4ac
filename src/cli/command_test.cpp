// SPDX-License-Identifier: MIT
#include "cli/command.h"

#include <gmock/gmock.h>

#include "cli/help.h"
#include "cli/option_table.h"

namespace mcpio::cli {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(Command, IsFoundByItsWholeName) {
  for (const CommandEntry& entry : command_table())
    EXPECT_EQ(parse_command(entry.name), entry.command);
  EXPECT_EQ(parse_command("log"), std::nullopt);
  EXPECT_EQ(parse_command(""), std::nullopt);
}

TEST(Command, TakesTheOptionsOfItsPurposeAndThoseThatNameIt) {
  const auto taken = [](Command command, std::string_view option) {
    return takes(command, *find_option(option));
  };
  EXPECT_TRUE(taken(Command::login, "client-id"));
  EXPECT_TRUE(taken(Command::login, "proxy"));
  EXPECT_FALSE(taken(Command::login, "allow-tool"));
  EXPECT_FALSE(taken(Command::login, "no-oauth"));
  EXPECT_FALSE(taken(Command::login, "oauth-eager"));
  EXPECT_FALSE(taken(Command::token, "bearer-token"));
  EXPECT_TRUE(taken(Command::token, "oauth"));
  EXPECT_TRUE(taken(Command::status, "json"));
  EXPECT_TRUE(taken(Command::status, "token-store"));
  EXPECT_FALSE(taken(Command::status, "client-id"));
  EXPECT_FALSE(taken(Command::status, "url"));
  EXPECT_TRUE(taken(Command::logout, "forget"));
  EXPECT_FALSE(taken(Command::connect, "forget"));
  EXPECT_FALSE(taken(Command::demo, "url"));
  EXPECT_TRUE(taken(Command::demo, "help"));
}

TEST(Command, HasAHelpTextOfItsOwn) {
  const std::string help = help_text({}, Command::logout);
  EXPECT_THAT(help, StartsWith("mcp-stdio logout URL [OPTIONS]\n"));
  EXPECT_THAT(help, HasSubstr("--forget"));
  EXPECT_THAT(help, Not(HasSubstr("--ping-interval")));
  EXPECT_EQ(help_text({}, Command::connect), help_text({}));
}

TEST(Command, IsNamedInTheCommonHelpText) {
  for (const CommandEntry& entry : command_table())
    EXPECT_THAT(help_text({}), HasSubstr("mcp-stdio " + std::string(entry.name)));
}

}  // namespace
}  // namespace mcpio::cli
