// SPDX-License-Identifier: MIT
// What every store does is in credential_store_test.cpp.
#include "store/helper_store.h"

#include <gmock/gmock.h>

#include "codec/json_document.h"
#include "store/helper_fixture.h"
#include "support/result_matchers.h"

namespace mcpio::store {
namespace {

using testing::ElementsAre;
using testing::Eq;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using namespace mcpio::test;

constexpr const char* kServer = "https://a.example/mcp?tenant=1&b=%2F";

class HelperStoreTest : public testing::Test {
 protected:
  static Credential credential() {
    Credential made;
    made.access_token = Secret("the-access-token");
    made.client_id = "c";
    return made;
  }

  TestHelper helper_;
  HelperStore store_{"test", ""};
};

// Helpers refuse other schemes, and drop the query.
TEST_F(HelperStoreTest, NamesAServerByAnHttpsUrlWithoutAQuery) {
  ASSERT_THAT(store_.save(kServer, credential()), IsOk());
  const auto entry = codec::JsonObject::parse(helper_.entries(), "entry");
  ASSERT_TRUE(entry.has_value());
  const std::string url = entry->string("ServerURL").value_or("");
  EXPECT_THAT(url, testing::StartsWith("https://mcp-stdio.invalid/servers/a.example/"));
  EXPECT_THAT(url, Not(HasSubstr("?")));
  EXPECT_EQ(entry->string("Username"), "mcp-stdio");
  const auto secret = codec::JsonObject::parse(entry->string("Secret").value_or(""), "secret");
  ASSERT_TRUE(secret.has_value());
  EXPECT_EQ(secret->string("access_token"), "the-access-token");
  EXPECT_THAT(store_.keys(), HoldsOk(ElementsAre(kServer)));
}

TEST_F(HelperStoreTest, PutsNothingSecretIntoArguments) {
  ASSERT_THAT(store_.save(kServer, credential()), IsOk());
  ASSERT_TRUE(store_.load(kServer).has_value());
  ASSERT_THAT(store_.remove(kServer), IsOk());
  ASSERT_TRUE(store_.keys().has_value());
  EXPECT_EQ(helper_.arguments(), "store\nget\nerase\nlist\n");
}

TEST_F(HelperStoreTest, KeepsProfilesApart) {
  HelperStore work("test", "work");
  ASSERT_THAT(work.save(kServer, credential()), IsOk());
  EXPECT_THAT(store_.load(kServer), HoldsOk(Eq(std::nullopt)));
  EXPECT_THAT(store_.keys(), HoldsOk(IsEmpty()));
  EXPECT_THAT(work.keys(), HoldsOk(ElementsAre(kServer)));
}

TEST_F(HelperStoreTest, SaysWhatTheHelperSaid) {
  helper_.says("the keychain is locked\nand more");
  EXPECT_THAT(store_.load(kServer),
              FailsWith(ErrorKind::io,
                        "docker-credential-test get failed (exit code 1): the "
                        "keychain is locked"));
  EXPECT_THAT(store_.save(kServer, credential()), FailsWith(ErrorKind::io, "locked"));
  EXPECT_THAT(store_.remove(kServer), FailsWith(ErrorKind::io, "locked"));
  EXPECT_THAT(store_.keys(), FailsWith(ErrorKind::io, "locked"));
}

// docker-credential-pass 0.6.4 answers so where there is no entry.
TEST_F(HelperStoreTest, TakesAnEmptySecretForNoEntry) {
  helper_.answers(R"({"ServerURL":"https://mcp-stdio.invalid/x","Username":"","Secret":""})");
  EXPECT_THAT(store_.load(kServer), HoldsOk(Eq(std::nullopt)));
}

// A Go program writes so what it never made.
TEST_F(HelperStoreTest, TakesNullForAnEmptyList) {
  helper_.answers("null");
  EXPECT_THAT(store_.keys(), HoldsOk(IsEmpty()));
}

TEST_F(HelperStoreTest, DoesNotTakeAnotherAnswerForAnEntry) {
  for (const char* answer : {"nonsense", "[]", "{}", R"({"Secret":1})"}) {
    helper_.answers(answer);
    EXPECT_THAT(store_.load(kServer), FailsWith(ErrorKind::io, "has no Secret")) << answer;
  }
}

TEST_F(HelperStoreTest, SaysWhichHelperIsMissing) {
  HelperStore missing("no-such-helper", "");
  EXPECT_THAT(missing.load(kServer),
              FailsWith(ErrorKind::config, "docker-credential-no-such-helper"));
  EXPECT_THAT(missing.load(kServer), FailsWith(ErrorKind::config, "--token-store"));
}

TEST_F(HelperStoreTest, IsNoPathNorCommand) {
  EXPECT_TRUE(is_helper_name("secretservice"));
  for (const char* name : {"", "../x", "a/b", "a b", "a;b"}) EXPECT_FALSE(is_helper_name(name));
}

}  // namespace
}  // namespace mcpio::store
