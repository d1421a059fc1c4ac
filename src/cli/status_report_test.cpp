// SPDX-License-Identifier: MIT
#include "cli/status_report.h"

#include <gmock/gmock.h>

namespace mcpio::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

const WallTime kNow = WallTime(std::chrono::seconds(1'000'000));

StoredLogin login(std::optional<double> expires_in, bool can_refresh = true) {
  StoredLogin made{.server = "https://a.example/mcp"};
  if (expires_in) made.expires_at = 1'000'000 + *expires_in;
  made.can_refresh = can_refresh;
  return made;
}

TEST(StatusReport, SaysWhenATokenExpiresInTheUnitThatFits) {
  EXPECT_EQ(expiry(login(45), kNow), "in 45 s");
  EXPECT_EQ(expiry(login(3600), kNow), "in 60 min");
  EXPECT_EQ(expiry(login(36'000), kNow), "in 10 h");
  EXPECT_EQ(expiry(login(30 * 86'400), kNow), "in 30 days");
  EXPECT_EQ(expiry(login(std::nullopt), kNow), "not said");
}

TEST(StatusReport, SaysWhatFollowsAnExpiry) {
  EXPECT_EQ(expiry(login(0), kNow), "expired, will be refreshed");
  EXPECT_EQ(expiry(login(-1, false), kNow), "expired, sign in again");
}

TEST(StatusReport, TakesFromAnEntryWhatIsNoSecret) {
  store::Credential credential{.access_token = Secret("the-access-token"),
                               .refresh_token = Secret("the-refresh-token"),
                               .scope = "a b",
                               .client_id = "c",
                               .token_endpoint = "https://as.example/token",
                               .issuer = "https://as.example",
                               .token_endpoint_auth_method = "client_secret_basic"};
  const auto made = stored_login("https://a.example/mcp", credential, "/the/file");
  const std::string table = status_table({made}, kNow), json = status_json({made}, kNow);
  for (const std::string& text : {table, json}) {
    for (const char* part :
         {"https://a.example/mcp", "https://as.example", "client_secret_basic", "a b", "/the/file"})
      EXPECT_THAT(text, HasSubstr(part));
    EXPECT_THAT(text, Not(HasSubstr("-token\"")));
    EXPECT_THAT(text, Not(HasSubstr("the-access-token")));
    EXPECT_THAT(text, Not(HasSubstr("the-refresh-token")));
  }
}

// A server chose the scopes and the client id.
TEST(StatusReport, DoesNotLetAnybodySteerTheTerminal) {
  StoredLogin bad = login(60);
  bad.scopes = "a\x1b[2Jb\nc";
  EXPECT_THAT(status_table({bad}, kNow), HasSubstr("a\\x1b[2Jb\\nc"));
}

TEST(StatusReport, AlignsItsColumns) {
  StoredLogin one = login(60), two = login(60);
  one.issuer = "https://as.example";
  const std::string table = status_table({one, two}, kNow);
  const auto header = table.find("CLIENT");
  const auto first = table.find('\n') + 1, second = table.find('\n', first) + 1;
  EXPECT_EQ(table.at(first + header), '-');
  EXPECT_EQ(table.at(second + header), '-');
}

TEST(StatusReport, ShowsProfilesWhereThereAreAny) {
  StoredLogin plain = login(60), work = login(60);
  work.profile = "work";
  EXPECT_THAT(status_table({plain}, kNow), Not(HasSubstr("PROFILE")));
  EXPECT_THAT(status_table({plain, work}, kNow), HasSubstr("work\n"));
}

}  // namespace
}  // namespace mcpio::cli
