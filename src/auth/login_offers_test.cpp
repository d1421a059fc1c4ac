// SPDX-License-Identifier: MIT
#include "auth/login_offers.h"

#include <gmock/gmock.h>

#include "store/folder_fixture.h"
#include "store/state_file.h"
#include "support/fake_clock.h"
#include "support/result_matchers.h"

namespace mcpio::auth {
namespace {

using test::FailsWith;
using test::IsOk;

const Error kWhy{.kind = ErrorKind::rejected, .message = "no clients are registered here"};

class LoginOffersTest : public testing::Test {
 protected:
  LoginOffersTest() { settings_.server = codec::parse_url("https://mcp.example/mcp").value(); }

  // Of this process or another one: they have the file in common.
  LoginOffers offers() { return {state_, clock_, settings_}; }
  Result<void> may_ask() { return offers().may_ask(); }
  void begin_and_tell() {
    offers().begun();
    offers().told("Open it");
  }

  store::TemporaryFolder folder_;
  store::StateFile state_{folder_ / "state.json"};
  test::FakeClock clock_;
  OAuthSettings settings_;
};

TEST_F(LoginOffersTest, OneInTenMinutes) {
  EXPECT_THAT(may_ask(), IsOk());
  begin_and_tell();
  offers().failed(kWhy);
  EXPECT_THAT(may_ask(), FailsWith(ErrorKind::unauthorized, "offered less than a minute ago"));
  clock_.advance(std::chrono::minutes(1));
  EXPECT_THAT(may_ask(), FailsWith(ErrorKind::unauthorized, "offered 1 minute ago"));
  clock_.advance(std::chrono::minutes(8));
  EXPECT_THAT(may_ask(), FailsWith(ErrorKind::unauthorized, "offered 9 minutes ago"));
  clock_.advance(std::chrono::minutes(2));
  EXPECT_THAT(may_ask(), IsOk());
}

TEST_F(LoginOffersTest, OneThatNobodyWasToldOfIsNone) {
  offers().begun();
  offers().failed(kWhy);
  EXPECT_THAT(may_ask(), IsOk());
  for (int process = 0; process < 5; ++process) offers().begun();
  EXPECT_THAT(may_ask(), IsOk()) << "their programs have ended";
}

// Each request would register us once more.
TEST_F(LoginOffersTest, OneThatCouldNotBeginRestsAWhile) {
  LoginOffers here = offers();
  here.begun();
  here.failed(kWhy);
  EXPECT_THAT(here.may_ask(), FailsWith(ErrorKind::rejected, "no clients are registered here"));
  EXPECT_THAT(may_ask(), IsOk()) << "another process may have other options";
  clock_.advance(std::chrono::seconds(31));
  EXPECT_THAT(here.may_ask(), IsOk());
  here.begun();
  here.failed({.kind = ErrorKind::unreachable, .message = "connection refused"});
  EXPECT_THAT(here.may_ask(), IsOk()) << "it may be there now";
}

TEST_F(LoginOffersTest, OneThatWasFinishedAndStillInVainCounts) {
  begin_and_tell();
  offers().finished();
  offers().in_vain();
  EXPECT_THAT(may_ask(), FailsWith(ErrorKind::unauthorized, "a sign-in was offered"));
}

TEST_F(LoginOffersTest, AFinishedOneCountsNoMore) {
  begin_and_tell();
  offers().finished();
  EXPECT_THAT(may_ask(), IsOk());
}

TEST_F(LoginOffersTest, WhoWantsItIsAsked) {
  begin_and_tell();
  offers().failed(kWhy);
  settings_.asking = Asking::always;
  EXPECT_THAT(may_ask(), IsOk());
  settings_.asking = Asking::never;
  EXPECT_THAT(may_ask(), FailsWith(ErrorKind::unauthorized, "mcp-stdio login"));
}

TEST_F(LoginOffersTest, OneWhoseProcessDiedIsOfferedAgainButNotForEver) {
  begin_and_tell();
  EXPECT_THAT(may_ask(), IsOk());
  begin_and_tell();
  EXPECT_THAT(may_ask(), IsOk());
  begin_and_tell();
  EXPECT_THAT(may_ask(), FailsWith(ErrorKind::unauthorized, "a sign-in was offered"));
  clock_.advance(std::chrono::minutes(11));
  begin_and_tell();
  EXPECT_THAT(may_ask(), IsOk()) << "that was long ago";
}

TEST_F(LoginOffersTest, OthersHearWhereToSignIn) {
  EXPECT_FALSE(offers().told_elsewhere());
  offers().begun();
  EXPECT_FALSE(offers().told_elsewhere()) << "nobody was told yet";
  offers().told("Open https://as.example/authorize");
  EXPECT_EQ(offers().told_elsewhere(), "Open https://as.example/authorize");
  offers().failed(kWhy);
  EXPECT_FALSE(offers().told_elsewhere());
}

TEST_F(LoginOffersTest, WhatWasToldDoesNotChangeTheCount) {
  for (int process = 0; process < 3; ++process) {
    begin_and_tell();
    offers().told("Or that");
  }
  EXPECT_THAT(may_ask(), FailsWith(ErrorKind::unauthorized, "a sign-in was offered"));
}

// The file may have been changed by anybody.
TEST_F(LoginOffersTest, BearsAnyNumbers) {
  for (const char* number : {"-5", "1e300", "0.5", "\"x\""}) {
    const std::string entry =
        fmt::format(R"({{"asked_at":{},"abandoned":{}}})", 1'799'999'990, number);
    ASSERT_THAT(state_.put("logins", "https://mcp.example/mcp", entry), IsOk());
    offers().begun();
    EXPECT_EQ(offers().told_elsewhere(), std::nullopt);
  }
}

}  // namespace
}  // namespace mcpio::auth
