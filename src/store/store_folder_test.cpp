// SPDX-License-Identifier: MIT
#include "store/store_folder.h"

#include <gmock/gmock.h>

#include "store/folder_fixture.h"
#include "support/result_matchers.h"

namespace mcpio::store {
namespace {

using namespace mcpio::test;
namespace fs = std::filesystem;

TEST(StoreFolder, IsInTheConfigurationFolder) {
  EXPECT_THAT(store_folder("/config", "/home/me"), HoldsOk(fs::path("/config/mcp-stdio")));
  EXPECT_THAT(store_folder("", "/home/me"), HoldsOk(fs::path("/home/me/.config/mcp-stdio")));
  EXPECT_THAT(store_folder("relative", "/home/me"),
              HoldsOk(fs::path("/home/me/.config/mcp-stdio")));
  EXPECT_THAT(store_folder("", ""), FailsWith(ErrorKind::config, "--token-store memory"));
}

constexpr std::string_view kEntries = R"({"https://a.example":{"access_token":"at"}})";

class ImportOlder : public testing::Test {
 protected:
  void run() { import_older(xdg_, home_.path().string()); }
  std::string imported() const { return get(xdg_ / "tokens.json"); }

  TemporaryFolder home_;
  const fs::path xdg_ = home_ / "xdg/mcp-stdio";
  const fs::path python_ = home_ / ".config/mcp-stdio/tokens.json";
  const fs::path first_ = home_ / ".mcp-stdio/tokens.json";
};

TEST_F(ImportOlder, CopiesFromWhereThePythonProgramKeepsThem) {
  put(python_, kEntries);
  run();
  EXPECT_EQ(imported(), kEntries);
  EXPECT_EQ(get(python_), kEntries);
  EXPECT_EQ(mode_of(xdg_ / "tokens.json"), 0600U);
}

// G.8, item 332.
TEST_F(ImportOlder, MovesFromWhereTheFirstVersionsKeptThem) {
  put(first_, kEntries);
  run();
  EXPECT_EQ(imported(), kEntries);
  EXPECT_FALSE(fs::exists(home_ / ".mcp-stdio"));
}

TEST_F(ImportOlder, HappensOnce) {
  put(xdg_ / "tokens.json", R"({"https://b.example":{"access_token":"bt"}})");
  put(python_, kEntries);
  run();
  EXPECT_THAT(imported(), testing::HasSubstr("b.example"));
}

// Item 333.
TEST_F(ImportOlder, ReplacesAFileWithoutEntries) {
  put(xdg_ / "tokens.json", "{}");
  put(first_, kEntries);
  run();
  EXPECT_EQ(imported(), kEntries);
}

// Who has logged out everywhere stays so.
TEST_F(ImportOlder, CopiesNothingIntoAFileThatWasEmptied) {
  put(xdg_ / "tokens.json", "{}");
  put(python_, kEntries);
  run();
  EXPECT_EQ(imported(), "{}");
}

TEST_F(ImportOlder, LeavesAloneWhatIsDamagedOrEmpty) {
  for (const std::string_view text : {"{", "{}", "[]", ""}) {
    put(first_, text);
    run();
    EXPECT_FALSE(fs::exists(xdg_ / "tokens.json"));
    EXPECT_TRUE(fs::exists(first_));
  }
}

// Item 334.
TEST_F(ImportOlder, DoesNotFollowALink) {
  put(home_ / "elsewhere", kEntries);
  fs::create_directories(first_.parent_path());
  fs::create_symlink(home_ / "elsewhere", first_);
  run();
  EXPECT_FALSE(fs::exists(xdg_ / "tokens.json"));
  EXPECT_TRUE(fs::exists(home_ / "elsewhere"));
}

TEST_F(ImportOlder, DoesNothingWhereThereIsNothing) {
  run();
  EXPECT_FALSE(fs::exists(xdg_));
}

TEST(Profile, HasAFolderOfItsOwn) {
  EXPECT_EQ(profile_folder("/f", ""), "/f");
  EXPECT_EQ(profile_folder("/f", "office"), "/f/profiles/office");
}

TEST(Profile, IsFoundByItsFolder) {
  const TemporaryFolder folder;
  EXPECT_THAT(profiles_in(folder.path()), testing::IsEmpty());
  put(folder / "profiles/office/tokens.json", "{}");
  put(folder / "profiles/home/state.json", "{}");
  put(folder / "profiles/.hidden/state.json", "{}");
  EXPECT_THAT(profiles_in(folder.path()), testing::ElementsAre("home", "office"));
}

TEST(Profile, IsNoPath) {
  for (const char* name : {"a", "office-2", "me_at.example"}) EXPECT_TRUE(is_profile_name(name));
  for (const char* name : {"", "..", ".x", "a/b", "a b", "\xc3\xa4"})
    EXPECT_FALSE(is_profile_name(name)) << name;
  EXPECT_FALSE(is_profile_name(std::string(65, 'a')));
}

}  // namespace
}  // namespace mcpio::store
