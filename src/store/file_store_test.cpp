// SPDX-License-Identifier: MIT
#include "store/file_store.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/folder_fixture.h"
#include "support/result_matchers.h"

namespace mcpio::store {
namespace {

using testing::Eq;
using testing::HasSubstr;
using testing::Not;
using namespace mcpio::test;

class FileStoreTest : public testing::Test {
 protected:
  static Credential credential(std::string token) {
    Credential made;
    made.access_token = Secret(std::move(token));
    return made;
  }

  TemporaryFolder folder_;
  FileStore store_{folder_ / "tokens.json"};
};

TEST_F(FileStoreTest, WritesWhatThePythonProgramReads) {
  ASSERT_THAT(store_.save("https://a.example/mcp", credential("at")), IsOk());
  EXPECT_EQ(get(folder_ / "tokens.json"), R"({
  "https://a.example/mcp": {
    "access_token": "at",
    "authorization_endpoint": null,
    "client_id": null,
    "client_secret": null,
    "client_secret_expires_at": null,
    "expires_at": null,
    "id_token": null,
    "iss_parameter_supported": false,
    "issuer": null,
    "no_resource_indicator": false,
    "oauth_resource": null,
    "refresh_token": null,
    "registration_endpoint": null,
    "scope": null,
    "token_endpoint": null,
    "token_endpoint_auth_method": "none",
    "token_type": "Bearer"
  }
})");
}

TEST_F(FileStoreTest, LeavesEntriesOfOthersAsTheyAre) {
  put(folder_ / "tokens.json", R"({"https://b.example":{"access_token":"b","novel":[1]},"odd":7})");
  ASSERT_THAT(store_.save("https://a.example", credential("a")), IsOk());
  EXPECT_THAT(get(folder_ / "tokens.json"), HasSubstr("\"novel\""));
  EXPECT_THAT(get(folder_ / "tokens.json"), HasSubstr("\"odd\": 7"));
}

TEST_F(FileStoreTest, KeepsMembersOfANewerProgram) {
  put(folder_ / "tokens.json", R"({"https://a.example":{"access_token":"old","novel":"kept"}})");
  ASSERT_THAT(store_.save("https://a.example", credential("new")), IsOk());
  EXPECT_THAT(get(folder_ / "tokens.json"), HasSubstr("\"novel\": \"kept\""));
  EXPECT_THAT(get(folder_ / "tokens.json"), Not(HasSubstr("old")));
}

// D.16: old versions used the URL as it was given.
TEST_F(FileStoreTest, FindsAnEntryUnderTheUrlAsItWasGivenAndMovesIt) {
  put(folder_ / "tokens.json", R"({"https://A.example/":{"access_token":"old"}})");
  ASSERT_TRUE(*store_.load("https://A.example/"));
  ASSERT_THAT(store_.save("https://A.example/", credential("new")), IsOk());
  EXPECT_THAT(store_.keys(), HoldsOk(testing::ElementsAre("https://a.example")));
}

// G.8, items 327 and 328.
TEST_F(FileStoreTest, TakesADamagedFileForEmptyAndReplacesIt) {
  for (const std::string_view damaged : {"{\"a\":", "[]", "null", ""}) {
    put(folder_ / "tokens.json", damaged);
    EXPECT_THAT(store_.load("https://a.example"), HoldsOk(Eq(std::nullopt)));
    ASSERT_THAT(store_.save("https://a.example", credential("a")), IsOk());
    EXPECT_TRUE(*store_.load("https://a.example"));
  }
}

// Item 342.
TEST_F(FileStoreTest, HasNoEntryWhereOneCannotBeUsed) {
  put(folder_ / "tokens.json", R"({"https://a.example":{"access_token":5}})");
  EXPECT_THAT(store_.load("https://a.example"), HoldsOk(Eq(std::nullopt)));
}

TEST_F(FileStoreTest, NeverOverwritesWhatItCannotRead) {
  std::filesystem::create_directory(folder_ / "tokens.json");
  EXPECT_THAT(store_.save("https://a.example", credential("a")), Not(IsOk()));
  EXPECT_TRUE(std::filesystem::is_directory(folder_ / "tokens.json"));
}

TEST_F(FileStoreTest, LosesNothingWhenManyProcessesSave) {
  constexpr int kProcesses = 8;
  std::vector<pid_t> children;
  for (int i = 0; i < kProcesses; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      bool good = true;
      for (int n = 0; n < 5; ++n)
        good = good &&
               store_.save("https://s" + std::to_string(i * 5 + n) + ".example", credential("t"));
      ::_exit(good ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_THAT(store_.keys(), HoldsOk(testing::SizeIs(kProcesses * 5)));
}

}  // namespace
}  // namespace mcpio::store
