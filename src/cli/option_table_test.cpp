// SPDX-License-Identifier: MIT
#include "cli/option_table.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

namespace mcpio::cli {
namespace {

TEST(OptionTable, NamesEachOptionOnce) {
  std::set<std::string_view> names, variables;
  for (const Option& option : option_table()) {
    EXPECT_TRUE(names.insert(option.name).second) << option.name;
    if (option.environment.empty()) continue;
    EXPECT_TRUE(variables.insert(option.environment).second) << option.environment;
  }
}

TEST(OptionTable, DerivesVariablesFromNames) {
  // Those of the Python program stay what they are.
  const std::map<std::string_view, std::string_view> older = {
      {"bearer-token", "MCP_BEARER_TOKEN"},
      {"client-id", "MCP_OAUTH_CLIENT_ID"},
      {"client-secret", "MCP_OAUTH_CLIENT_SECRET"},
      {"oauth-refresh-leeway", "MCP_OAUTH_REFRESH_LEEWAY"}};
  for (const Option& option : option_table()) {
    if (const auto found = older.find(option.name); found != older.end()) {
      EXPECT_EQ(option.environment, found->second);
      continue;
    }
    if (option.environment.empty()) continue;
    std::string expected = "MCP_STDIO_";
    for (const char c : option.name)
      expected += std::isalnum(c) ? static_cast<char>(std::toupper(c)) : '_';
    EXPECT_EQ(option.environment, expected);
  }
}

TEST(OptionTable, GivesEverySettingAVariableAndAKey) {
  for (const Option& option : option_table()) {
    if (option.apply == nullptr || option.is_hidden) continue;
    EXPECT_FALSE(option.environment.empty()) << option.name;
    EXPECT_TRUE(option.in_file) << option.name;
  }
}

TEST(OptionTable, SaysForWhatEveryOptionIs) {
  for (const Option& option : option_table()) {
    EXPECT_TRUE(option.help.ends_with('.')) << option.name;
    EXPECT_EQ(option.placeholder.empty(), option.takes == Takes::nothing) << option.name;
    EXPECT_FALSE(heading(option.purpose).empty());
  }
}

// The defaults that help texts show are those of the configuration.
TEST(OptionTable, ShowsTheDefaultsThatApply) {
  for (const Option& option : option_table()) {
    if (option.default_value.empty() || option.name == "log-file") continue;
    Draft draft;
    const std::string value(option.default_value);
    ASSERT_TRUE(option.apply(draft, Values(&value, 1)).has_value()) << option.name;
    const ConnectConfig& set = draft.config;
    const ConnectConfig fresh;
    EXPECT_EQ(set.transport, fresh.transport);
    EXPECT_EQ(set.timeout_connect, fresh.timeout_connect);
    EXPECT_EQ(set.timeout_read, fresh.timeout_read);
    EXPECT_EQ(set.timeout_request, fresh.timeout_request);
    EXPECT_EQ(set.sse_read_timeout, fresh.sse_read_timeout);
    EXPECT_EQ(set.ping_interval, fresh.ping_interval);
    EXPECT_EQ(set.max_message_bytes, fresh.max_message_bytes);
    EXPECT_EQ(set.log.level, fresh.log.level);
    EXPECT_EQ(set.log.format, fresh.log.format);
  }
}

TEST(OptionList, HasALineForEachVisibleOption) {
  const std::string list = option_list();
  EXPECT_THAT(list, testing::HasSubstr("--timeout-read\tMCP_STDIO_TIMEOUT_READ\ttimeout-read\n"));
  EXPECT_THAT(list, testing::HasSubstr("--bearer-token\tMCP_BEARER_TOKEN\tbearer-token\n"));
  EXPECT_THAT(list, testing::HasSubstr("--help\t\t\n"));
  EXPECT_THAT(list, testing::HasSubstr("--config\tMCP_STDIO_CONFIG\t\n"));
  EXPECT_THAT(list, testing::Not(testing::HasSubstr("--test")));
  EXPECT_THAT(list, testing::Not(testing::HasSubstr("--list-options")));
}

}  // namespace
}  // namespace mcpio::cli
