// SPDX-License-Identifier: MIT
// The contract of CredentialStore, held against every implementation.
#include "store/credential_store.h"

#include <gmock/gmock.h>

#include "store/file_store.h"
#include "store/folder_fixture.h"
#include "store/helper_fixture.h"
#include "store/helper_store.h"
#include "store/memory_store.h"
#include "support/result_matchers.h"

namespace mcpio::store {
namespace {

using testing::ElementsAre;
using testing::Eq;
using testing::IsEmpty;
using namespace mcpio::test;

template <class Store>
struct Fixture {
  Store store;
};
template <>
struct Fixture<FileStore> {
  TemporaryFolder folder;
  FileStore store{folder / "tokens.json"};
};

template <>
struct Fixture<HelperStore> {
  TestHelper helper;
  HelperStore store{"test", ""};
};

template <class Store>
class CredentialStoreContract : public testing::Test {
 protected:
  CredentialStore& store() { return fixture_.store; }

 private:
  Fixture<Store> fixture_;
};

Credential credential(std::string token) {
  Credential made;
  made.access_token = Secret(std::move(token));
  return made;
}

using Stores = testing::Types<MemoryStore, FileStore, HelperStore>;
TYPED_TEST_SUITE(CredentialStoreContract, Stores);

// G.8, item 324.
TYPED_TEST(CredentialStoreContract, KnowsNothingAtFirst) {
  EXPECT_THAT(this->store().load("https://a.example/mcp"), HoldsOk(Eq(std::nullopt)));
  EXPECT_THAT(this->store().remove("https://a.example/mcp"), IsOk());
  EXPECT_THAT(this->store().keys(), HoldsOk(IsEmpty()));
}

TYPED_TEST(CredentialStoreContract, GivesBackWhatWasSaved) {
  ASSERT_THAT(this->store().save("https://a.example/mcp", credential("one")), IsOk());
  const auto found = this->store().load("https://a.example/mcp");
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->access_token.reveal(), "one");
}

// Item 341.
TYPED_TEST(CredentialStoreContract, KnowsAServerByAnyFormOfItsUrl) {
  ASSERT_THAT(this->store().save("https://A.example:443/mcp/", credential("one")), IsOk());
  const auto found = this->store().load("https://me@a.example/mcp");
  ASSERT_TRUE(found && *found);
  EXPECT_THAT(this->store().keys(), HoldsOk(ElementsAre("https://a.example/mcp")));
}

// Item 325.
TYPED_TEST(CredentialStoreContract, KeepsServersApart) {
  ASSERT_THAT(this->store().save("https://b.example", credential("b")), IsOk());
  ASSERT_THAT(this->store().save("https://a.example", credential("a")), IsOk());
  ASSERT_THAT(this->store().save("https://b.example", credential("b2")), IsOk());
  EXPECT_THAT(this->store().keys(), HoldsOk(ElementsAre("https://a.example", "https://b.example")));
  ASSERT_THAT(this->store().remove("https://a.example"), IsOk());
  EXPECT_THAT(this->store().keys(), HoldsOk(ElementsAre("https://b.example")));
  EXPECT_EQ((*this->store().load("https://b.example"))->access_token.reveal(), "b2");
}

}  // namespace
}  // namespace mcpio::store
