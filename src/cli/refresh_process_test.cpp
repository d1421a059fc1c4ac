// SPDX-License-Identifier: MIT
// A shell plays the process that refreshes.
#include "cli/refresh_process.h"

#include <gmock/gmock.h>

#include <boost/asio/io_context.hpp>
#include <csignal>

#include "io/deadline.h"
#include "io/pause.h"
#include "store/folder_fixture.h"
#include "store/memory_store.h"
#include "store/state_file.h"
#include "support/result_matchers.h"
#include "support/run.h"

namespace mcpio::cli {
namespace {

using std::chrono::milliseconds;
using test::FailsWith;
using test::IsOk;
using testing::ElementsAre;

constexpr auto kServer = "https://mcp.example/mcp";
const std::string kBegin = R"(echo '{"begun":true}';)";

store::Credential entry_of(std::string token) {
  store::Credential entry;
  entry.access_token = Secret(std::move(token));
  entry.refresh_token = Secret("refresh");
  return entry;
}

class RefreshHere final : public auth::Refresher {
 public:
  awaitable<Result<std::optional<store::Credential>>> refresh(auth::RefreshRequest,
                                                              const store::ProcessLock&) override {
    ++count;
    co_return entry_of("made here");
  }
  int count = 0;
};

class RefreshProcessTest : public testing::Test {
 protected:
  RefreshProcessTest() {
    settings_.server = codec::parse_url(kServer).value();
    EXPECT_THAT(store_.save(kServer, entry_of("old")), IsOk());
  }

  RefreshProcess& apart() {
    if (!apart_)
      apart_.emplace(
          here_, places_, settings_,
          [this](const std::string& digest) -> Result<process::Command> {
            digests_.push_back(digest);
            return process::Command{.arguments = {"sh", "-c", script_}};
          },
          limits_);
    return *apart_;
  }

  // The access token that it comes to.
  Result<std::string> refreshed() {
    auth::RefreshRequest request{.credential = entry_of("old"), .proof_key = nullptr};
    auto renewed = test::run(loop_, apart().refresh(std::move(request), lock_));
    if (!renewed) return propagate(renewed);
    return *renewed ? std::string((*renewed)->access_token.reveal()) : "spent";
  }
  std::string by(std::string script) {
    script_ = std::move(script);
    auto token = refreshed();
    return token ? *std::move(token) : token.error().message;
  }
  static std::string says(const RefreshReport& report) {
    const Secret line = to_line(report);
    return kBegin + "echo '" + std::string(line.reveal().substr(0, line.reveal().size() - 1)) + "'";
  }

  asio::io_context loop_{1};
  store::TemporaryFolder folder_;
  store::ProcessLock lock_ = store::ProcessLock::try_take(folder_ / "a.lock").value();
  store::StateFile state_{folder_ / "state.json"};
  store::MemoryStore store_;
  auth::Places places_{store_, state_, folder_.path()};
  auth::OAuthSettings settings_;
  RefreshHere here_;
  RefreshProcess::Limits limits_;
  std::string script_;
  std::vector<std::string> digests_;
  std::optional<RefreshProcess> apart_;
};

TEST_F(RefreshProcessTest, TakesWhatTheProcessHasGot) {
  EXPECT_EQ(by(says(entry_of("new"))), "new");
  EXPECT_EQ(here_.count, 0);
}

TEST_F(RefreshProcessTest, SaysWhichTokenButNotTheToken) {
  by(says(GrantSpent()));
  // sha256("old"), base64url.
  EXPECT_THAT(digests_, ElementsAre("y6BrVzb69n5UsHtWHq6UOV53TFF6fZEKVDaeEmPM-9Q"));
}

TEST_F(RefreshProcessTest, KnowsASpentGrantAndAFailure) {
  EXPECT_EQ(by(says(GrantSpent())), "spent");
  script_ = says(Error{.kind = ErrorKind::network, .message = "no link"});
  EXPECT_THAT(refreshed(), FailsWith(ErrorKind::network, "no link"));
  EXPECT_EQ(here_.count, 0);
}

TEST_F(RefreshProcessTest, GivesTheProcessTheLock) {
  EXPECT_EQ(
      by("[ /dev/stdin -ef " + (folder_ / "a.lock").string() + " ] && " + says(entry_of("new"))),
      "new");
}

TEST_F(RefreshProcessTest, DoesItHereIfTheProcessCannot) {
  EXPECT_EQ(by(says(RefreshNotMade{"another token is stored"})), "made here");
  EXPECT_EQ(by(says(entry_of("new"))), "new") << "that may be otherwise the next time";
}

TEST_F(RefreshProcessTest, TriesNoMoreWhereItDoesNotBegin) {
  EXPECT_EQ(by("exit 1"), "made here");
  EXPECT_EQ(by(says(entry_of("new"))), "made here");
  EXPECT_EQ(digests_.size(), 1u);
}

TEST_F(RefreshProcessTest, WaitsAMomentOnlyForItsBeginning) {
  limits_.start = milliseconds(50);
  EXPECT_EQ(by("exec sleep 1000"), "made here");
}

TEST_F(RefreshProcessTest, LooksIntoTheStoreIfTheProcessDiesOverIt) {
  EXPECT_EQ(by(kBegin + "kill -KILL $$"), "made here") << "nothing has changed";
  ASSERT_THAT(store_.save(kServer, entry_of("saved before it died")), IsOk());
  EXPECT_EQ(by(kBegin + "kill -KILL $$"), "saved before it died");
  EXPECT_EQ(here_.count, 1);
}

TEST_F(RefreshProcessTest, EndsAProcessThatHangs) {
  limits_.whole = milliseconds(50);
  script_ = kBegin + "echo $$ > " + (folder_ / "pid").string() + "; exec sleep 1000";
  EXPECT_THAT(refreshed(), FailsWith(ErrorKind::timed_out, "try again later"));
  EXPECT_EQ(here_.count, 0) << "what the server has done is not known";
  EXPECT_NE(::kill(std::stoi(store::get(folder_ / "pid")), 0), 0);
}

TEST_F(RefreshProcessTest, LetsTheProcessGoOnWhenItIsCancelled) {
  const std::string made = (folder_ / "made").string();
  script_ = kBegin + "sleep 0.3; touch " + made;
  auth::RefreshRequest request{.credential = entry_of("old"), .proof_key = nullptr};
  auto cut_short = io::with_deadline(milliseconds(100), apart().refresh(std::move(request), lock_));
  EXPECT_THAT(test::run(loop_, std::move(cut_short)), FailsWith(ErrorKind::timed_out, ""));
  while (!std::filesystem::exists(made)) test::run(loop_, io::pause(milliseconds(5)));
}

}  // namespace
}  // namespace mcpio::cli
