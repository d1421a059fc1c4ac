// SPDX-License-Identifier: MIT
#include "cli/check_report.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace mcpio::cli {
namespace {

using std::chrono::microseconds;
using testing::HasSubstr;
using testing::Not;

CheckReport good() {
  CheckReport report;
  report.url = "https://a.example/mcp";
  report.reached = Stage::done;
  report.is_https = true;
  report.has_timings = true;
  report.timings = {.name = microseconds(1234),
                    .connect = microseconds(20'000),
                    .tls = microseconds(31'000),
                    .first_byte = microseconds(44'000),
                    .remote_address = "192.0.2.1:443",
                    .version = "2"};
  report.http_status = 200;
  report.initialize_took = microseconds(99'000);
  report.transport = "Streamable HTTP";
  report.protocol_version = "2025-11-25";
  report.server_name = "everything";
  report.server_version = "2.0.0";
  report.capabilities = {"logging", "tools"};
  report.session = "01234567";
  report.tools = {"echo", "add"};
  return report;
}

CheckReport refused() {
  CheckReport report;
  report.url = "https://a.example/mcp";
  report.reached = Stage::tls;
  report.is_https = true;
  report.has_timings = true;
  report.timings = {.name = microseconds(1000), .connect = microseconds(2000)};
  report.failure = Error{.kind = ErrorKind::unreachable, .message = "certificate has expired"};
  report.advice = {"first", "second"};
  return report;
}

TEST(CheckReport, IsReadableAtAGlance) {
  EXPECT_EQ(report_text(good(), {}),
            "https://a.example/mcp\n"
            "\n"
            "  ✓ name                1.2 ms\n"
            "  ✓ TCP                20.0 ms  192.0.2.1:443\n"
            "  ✓ TLS                31.0 ms\n"
            "  ✓ HTTP/2             44.0 ms  status 200\n"
            "  ✓ initialize         99.0 ms\n"
            "\n"
            "    server        everything 2.0.0\n"
            "    protocol      2025-11-25\n"
            "    transport     Streamable HTTP\n"
            "    session       01234567...\n"
            "    capabilities  logging, tools\n"
            "    tools         2\n"
            "                  echo\n"
            "                  add\n"
            "\n"
            "The server can be used.\n");
}

TEST(CheckReport, StopsAtTheFailedStepAndSaysWhatToTry) {
  EXPECT_EQ(report_text(refused(), {}),
            "https://a.example/mcp\n"
            "\n"
            "  ✓ name                1.0 ms\n"
            "  ✓ TCP                 2.0 ms\n"
            "  ✗ TLS\n"
            "\n"
            "error: certificate has expired\n"
            "  try: first\n"
            "  try: second\n");
}

TEST(CheckReport, UsesColourOnlyWhereItIsUnderstood) {
  EXPECT_THAT(report_text(good(), {}), Not(HasSubstr("\x1b")));
  EXPECT_THAT(report_text(good(), {.width = 80, .has_colour = true}), HasSubstr("\x1b[32m  ✓ "));
}

TEST(CheckReport, IsOneJsonObjectForPrograms) {
  const std::string text = report_json(good());
  EXPECT_EQ(text.find('\n'), text.size() - 1);
  const auto json = nlohmann::json::parse(text);
  EXPECT_EQ(json["ok"], true);
  EXPECT_EQ(json["milliseconds"]["name"], 1.2);
  EXPECT_EQ(json["milliseconds"]["tls"], 31.0);
  EXPECT_EQ(json["server"]["name"], "everything");
  EXPECT_EQ(json["tools"], nlohmann::json({"echo", "add"}));
  EXPECT_EQ(json["hasSession"], true);
  EXPECT_FALSE(json.contains("error"));
}

TEST(CheckReport, TellsProgramsWhatFailed) {
  const auto json = nlohmann::json::parse(report_json(refused()));
  EXPECT_EQ(json["ok"], false);
  EXPECT_EQ(json["error"]["stage"], "tls");
  EXPECT_EQ(json["error"]["message"], "certificate has expired");
  EXPECT_EQ(json["error"]["try"], nlohmann::json({"first", "second"}));
  EXPECT_FALSE(json.contains("tools"));
}

TEST(CheckReport, TellsProgramsOnlyWhatHappened) {
  CheckReport report = refused();
  report.timings = {.name = std::chrono::microseconds(1200)};
  const auto json = nlohmann::json::parse(report_json(report));
  EXPECT_EQ(json["milliseconds"], nlohmann::json({{"name", 1.2}}));
  EXPECT_FALSE(json.contains("remoteAddress"));
  EXPECT_FALSE(json.contains("httpVersion"));
}

TEST(CheckReport, SurvivesTextsThatAreNoUtf8) {
  auto report = good();
  report.server_name = "\xff\xfe";
  EXPECT_TRUE(nlohmann::json::accept(report_json(report)));
}

TEST(CheckReport, SteersNoTerminal) {
  auto report = good();
  report.server_name = "a\x1b[31m\x7f\xc2\x9b\xe2\x80\xae\x9b";
  report.tools = {report.server_name};
  report.failure = Error{.kind = ErrorKind::rejected, .message = report.server_name};
  const auto json = report_json(report);
  EXPECT_TRUE(
      std::ranges::all_of(json, [](char c) { return c == '\n' || (c >= ' ' && c < 0x7f); }));
  EXPECT_EQ(nlohmann::json::parse(json)["tools"][0],
            "a\x1b[31m\x7f\xc2\x9b\xe2\x80\xae\xef\xbf\xbd");
  const auto text = report_text(report, {});
  for (const auto bad : {"\x1b", "\x7f", "\x9b", "\xe2\x80\xae"})
    EXPECT_THAT(text, Not(HasSubstr(bad)));
}

TEST(Clean, TakesEscapeSequencesOutOfAPeersWords) {
  EXPECT_EQ(clean("a\x1b[31mb\nc\x7f"), "a\\x1b[31mb\\nc\\x7f");
  EXPECT_EQ(clean("caf\xc3\xa9 \xc2\xa9"), "caf\xc3\xa9 \xc2\xa9");
  EXPECT_EQ(clean("\xc2\x9b"
                  "31m"),
            "\\u009b31m");
  EXPECT_EQ(clean("\xe2\x80\xae\xe2\x81\xa6"), "\\u202e\\u2066");
  EXPECT_EQ(clean("\x9b"
                  "31m"),
            "\\x9b31m");
}

TEST(Clean, CutsLongTextsBetweenCharacters) {
  EXPECT_EQ(clean(std::string(100'000, 'a')), std::string(400, 'a') + "...");
  std::string accents = "a";
  for (int i = 0; i < 1000; ++i) accents += "\xc3\xa9";
  EXPECT_EQ(clean(accents), accents.substr(0, 399) + "...");
  EXPECT_LT(clean(std::string(100'000, '\x9b')).size(), 2000u);
}

}  // namespace
}  // namespace mcpio::cli
