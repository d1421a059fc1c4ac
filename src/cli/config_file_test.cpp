// SPDX-License-Identifier: MIT
#include "cli/config_file.h"

#include <gmock/gmock.h>

namespace mcpio::cli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Read {
  Settings settings;
  Mistakes mistakes;
};

Read read(const std::string& text) {
  Read result;
  read_config_text(text, "a.json", result.settings, result.mistakes);
  return result;
}

TEST(ConfigFile, HasTheNamesOfOptionsAsKeys) {
  const auto file = read(R"({
    // comments are fine
    "url": "https://a.example/mcp",
    "header": ["X-A: 1", "X-B: 2"],
    "allow-tool": "read_*",
    "timeout-connect": 2.5,
    "max-message-size": 1048576,
    "no-tcp-keepalive": true,
    "insecure": false
  })");
  EXPECT_THAT(file.mistakes.lines(), IsEmpty());
  EXPECT_THAT(file.settings.find("url")->values, ElementsAre("https://a.example/mcp"));
  EXPECT_THAT(file.settings.find("header")->values, ElementsAre("X-A: 1", "X-B: 2"));
  EXPECT_THAT(file.settings.find("allow-tool")->values, ElementsAre("read_*"));
  EXPECT_THAT(file.settings.find("timeout-connect")->values, ElementsAre("2.5"));
  EXPECT_THAT(file.settings.find("max-message-size")->values, ElementsAre("1048576"));
  EXPECT_THAT(file.settings.find("no-tcp-keepalive")->values, ElementsAre("yes"));
  EXPECT_THAT(file.settings.find("insecure")->values, ElementsAre("no"));
  EXPECT_EQ(file.settings.find("url")->where, "a.json: url");
}

TEST(ConfigFile, ReportsEveryUnknownKey) {
  const auto file = read(R"({"timeout-conect": 1, "frobnicate": 1, "config": "b", "help": true})");
  EXPECT_THAT(file.mistakes.lines(),
              testing::UnorderedElementsAre(
                  "a.json: unknown key 'timeout-conect', did you mean 'timeout-connect'?",
                  "a.json: unknown key 'frobnicate', the keys are the names of options",
                  "a.json: unknown key 'config', the keys are the names of options",
                  "a.json: unknown key 'help', the keys are the names of options"));
  EXPECT_EQ(file.mistakes.exit_code(), 1);
}

TEST(ConfigFile, ReportsValuesOfTheWrongType) {
  EXPECT_THAT(read(R"({"proxy": ["a"], "header": {"a": "b"}, "check": null})").mistakes.lines(),
              testing::UnorderedElementsAre("a.json: proxy must be one text or number",
                                            "a.json: header must be a text or a list of texts",
                                            "a.json: check must be true or false"));
}

TEST(ConfigFile, ReportsWhatIsNoJsonObjectWithoutShowingIt) {
  EXPECT_THAT(read(R"({"url": hush})").mistakes.lines(),
              ElementsAre("a.json: not JSON near byte 9"));
  EXPECT_THAT(read("[1]").mistakes.lines(),
              ElementsAre("a.json: must be one JSON object, as in {\"url\": ...}"));
  EXPECT_THAT(read("").mistakes.lines(), ElementsAre(testing::HasSubstr("not JSON")));
}

TEST(ConfigFile, MaySetNothing) {
  const auto file = read(R"({"header": []})");
  EXPECT_THAT(file.mistakes.lines(), IsEmpty());
  EXPECT_FALSE(file.settings.has("header"));
}

}  // namespace
}  // namespace mcpio::cli
