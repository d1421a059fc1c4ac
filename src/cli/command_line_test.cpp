// SPDX-License-Identifier: MIT
#include "cli/command_line.h"

#include <gmock/gmock.h>

#include <cstdlib>

namespace mcpio::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kUrl = "https://a.example/mcp";

CommandLine parse(const std::vector<std::string>& arguments) {
  return parse_command_line(arguments);
}

std::vector<std::string> values(const CommandLine& line, std::string_view name) {
  const Setting* setting = line.settings.find(name);
  return setting != nullptr ? setting->values : std::vector<std::string>();
}

TEST(CommandLine, TakesTheUrlAnywhere) {
  for (const auto& line :
       {parse({kUrl, "--check"}), parse({"--check", kUrl}), parse({"connect", "--check", kUrl}),
        parse({"--check", "--", kUrl}), parse({"--check", "--url", kUrl})}) {
    EXPECT_THAT(line.mistakes.lines(), IsEmpty());
    EXPECT_EQ(line.command, Command::connect);
    EXPECT_THAT(values(line, "url"), ElementsAre(kUrl));
    EXPECT_TRUE(line.settings.has("check"));
  }
}

TEST(CommandLine, MixesOptionsAndUrlEvenUnderPosixRules) {
  setenv("POSIXLY_CORRECT", "1", 1);
  EXPECT_TRUE(parse({kUrl, "--check"}).settings.has("check"));
  unsetenv("POSIXLY_CORRECT");
}

TEST(CommandLine, TakesValuesInEveryUsualForm) {
  EXPECT_THAT(values(parse({"--proxy", "p"}), "proxy"), ElementsAre("p"));
  EXPECT_THAT(values(parse({"--proxy=p=q"}), "proxy"), ElementsAre("p=q"));
  EXPECT_THAT(
      values(parse({"-H", "A: 1", "-HB: 2", "--header", "C: 3", "--header=D: 4"}), "header"),
      ElementsAre("A: 1", "B: 2", "C: 3", "D: 4"));
  EXPECT_THAT(values(parse({"--timeout-conn", "3"}), "timeout-connect"), ElementsAre("3"));
}

// CLI11 2.1 takes the URL for the token here.
TEST(CommandLine, KeepsAnEmptyValueEmpty) {
  const auto line = parse({"--bearer-token=", kUrl});
  EXPECT_THAT(values(line, "bearer-token"), ElementsAre(""));
  EXPECT_THAT(values(line, "url"), ElementsAre(kUrl));
}

// CLI11 2.1 makes two values of this one.
TEST(CommandLine, KeepsAValueInBracketsWhole) {
  EXPECT_THAT(values(parse({"--allow-tool", "[a,b]"}), "allow-tool"), ElementsAre("[a,b]"));
}

TEST(CommandLine, SwitchesOffWhatTheEnvironmentSwitchedOn) {
  EXPECT_THAT(values(parse({"--insecure=no"}), "insecure"), ElementsAre("no"));
  EXPECT_THAT(values(parse({"--insecure"}), "insecure"), ElementsAre("yes"));
}

TEST(CommandLine, ReportsEveryUnknownOptionWithTheNearestOne) {
  const auto line = parse({"--bearer_tokn=hush", "--frobnicate", "-x", "-timeout-read", kUrl});
  EXPECT_THAT(line.mistakes.lines(),
              ElementsAre("unknown option --bearer_tokn, did you mean --bearer-token?",
                          "unknown option --frobnicate, see mcp-stdio --help",
                          "unknown option -x, see mcp-stdio --help",
                          "unknown option -timeout-read, did you mean --timeout-read?"));
  EXPECT_EQ(line.mistakes.exit_code(), 2);
}

TEST(CommandLine, FindsTheUrlBehindAnUnknownOptionsValue) {
  const auto line = parse({"--frobnicate", "value", kUrl});
  EXPECT_THAT(values(line, "url"), ElementsAre(kUrl));
  EXPECT_THAT(line.mistakes.lines(), ElementsAre(HasSubstr("--frobnicate")));
}

TEST(CommandLine, SaysWhatAShortenedNameMayMean) {
  EXPECT_THAT(
      parse({"--log", "x", kUrl}).mistakes.lines(),
      ElementsAre("option --log is short for more than one, write --log-level or --log-file "
                  "or --log-format"));
}

TEST(CommandLine, ReportsAMissingValueBesideOtherMistakes) {
  EXPECT_THAT(parse({"--frobnicate", "--timeout-read"}).mistakes.lines(),
              ElementsAre(HasSubstr("--frobnicate"),
                          "--timeout-read needs a value: --timeout-read SECONDS"));
  EXPECT_THAT(parse({"-H"}).mistakes.lines(), ElementsAre(HasSubstr("--header needs a value")));
}

// What is too much may be the rest of a header whose quotes got lost: a secret.
TEST(CommandLine, ReportsTooManyArgumentsWithoutShowingThem) {
  const auto line = parse({kUrl, "hush", "hush"});
  EXPECT_THAT(line.mistakes.lines(),
              ElementsAre(HasSubstr("argument 2 is one too many"), HasSubstr("argument 3")));
  for (const auto& text : line.mistakes.lines()) EXPECT_THAT(text, testing::Not(HasSubstr("hush")));
}

TEST(CommandLine, KnowsTheDemo) {
  EXPECT_EQ(parse({"demo"}).command, Command::demo);
  EXPECT_THAT(parse({"demo"}).mistakes.lines(), IsEmpty());
  EXPECT_TRUE(parse({"demo", "--help"}).settings.has("help"));
  EXPECT_THAT(parse({"demo", "--check"}).mistakes.lines(), ElementsAre(HasSubstr("--check")));
}

TEST(CommandLine, KnowsTheShortForms) {
  EXPECT_TRUE(parse({"-h"}).settings.has("help"));
  EXPECT_TRUE(parse({"-V"}).settings.has("version"));
}

TEST(CommandLine, MayBeEmpty) { EXPECT_THAT(parse({}).mistakes.lines(), IsEmpty()); }

TEST(CommandLine, TakesHelpAndVersionAsWords) {
  EXPECT_TRUE(parse({"version"}).settings.has("version"));
  EXPECT_TRUE(parse({"help"}).settings.has("help"));
  const auto of_login = parse({"help", "login"});
  EXPECT_TRUE(of_login.settings.has("help"));
  EXPECT_TRUE(of_login.is_named);
  EXPECT_EQ(of_login.command, Command::login);
}

TEST(CommandLine, KnowsWhichOptionAWordWasMeantToBe) {
  const auto line = parse({"check", kUrl});
  EXPECT_THAT(line.mistakes.lines(), ElementsAre("unknown command check, did you mean --check?"));
  EXPECT_THAT(values(line, "url"), ElementsAre(kUrl));
}

TEST(CommandLine, KnowsWhichCommandWasMeant) {
  EXPECT_THAT(parse({"logn", kUrl}).mistakes.lines(),
              ElementsAre("unknown command logn, did you mean login?"));
  EXPECT_THAT(parse({"stats"}).mistakes.lines(), ElementsAre(HasSubstr("status")));
  for (const char* server : {"localhost", "a.example", "localhost:1", "xyz"})
    EXPECT_THAT(parse({server}).mistakes.lines(), IsEmpty()) << server;
}

}  // namespace
}  // namespace mcpio::cli
