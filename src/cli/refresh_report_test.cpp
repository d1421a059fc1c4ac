// SPDX-License-Identifier: MIT
#include "cli/refresh_report.h"

#include <gmock/gmock.h>

#include "support/result_matchers.h"

namespace mcpio::cli {
namespace {

using test::FailsWith;
using test::IsOk;

RefreshReport there_and_back(const RefreshReport& report) {
  const Secret line = to_line(report);
  EXPECT_TRUE(line.reveal().ends_with('\n'));
  EXPECT_EQ(line.reveal().find('\n'), line.reveal().size() - 1);
  auto read = report_from(line.reveal());
  EXPECT_THAT(read, IsOk());
  return read ? *std::move(read) : RefreshNotMade{"unreadable"};
}

TEST(RefreshReport, ArrivesAsItWasSent) {
  EXPECT_TRUE(std::holds_alternative<RefreshBegun>(there_and_back(RefreshBegun())));
  EXPECT_TRUE(std::holds_alternative<GrantSpent>(there_and_back(GrantSpent())));
  EXPECT_EQ(std::get<RefreshNotMade>(there_and_back(RefreshNotMade{"a \"reason\""})).why,
            "a \"reason\"");
  const auto error =
      std::get<Error>(there_and_back(Error{.kind = ErrorKind::network, .message = "no\nlink"}));
  EXPECT_EQ(error.kind, ErrorKind::network);
  EXPECT_EQ(error.message, "no\nlink");
}

TEST(RefreshReport, HasTheWholeEntry) {
  store::Credential entry;
  entry.access_token = Secret("access");
  entry.refresh_token = Secret("refresh");
  entry.expires_at = 1'800'000'000.5;
  entry.token_type = "DPoP";
  const auto arrived = std::get<store::Credential>(there_and_back(entry));
  EXPECT_EQ(store::to_json(arrived), store::to_json(entry));
}

TEST(RefreshReport, IsRefusedIfItSaysNothing) {
  for (const char* line : {"", "[]", "{}", R"({"failed":"x"})", R"({"failed":"x","kind":99})",
                           R"({"failed":"x","kind":-1})", R"({"renewed":{}})", R"({"begun":1})"})
    EXPECT_THAT(report_from(line), FailsWith(ErrorKind::protocol, "")) << line;
}

}  // namespace
}  // namespace mcpio::cli
