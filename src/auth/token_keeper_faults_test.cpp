// SPDX-License-Identifier: MIT
// A disk that fails once, at every moment of getting a token in turn.
#include <gmock/gmock.h>

#include <functional>
#include <string>

#include "auth/token_keeper.h"
#include "auth/token_refresh.h"
#include "store/folder_fixture.h"
#include "store/memory_state.h"
#include "store/memory_store.h"
#include "support/fake_clock.h"
#include "support/fake_http_client.h"
#include "support/result_matchers.h"
#include "support/run.h"

namespace mcpio::auth {
namespace {

using test::IsOk;
using testing::HasSubstr;

constexpr auto kFaultyServer = "https://mcp.example/mcp";
constexpr auto kFaultyMetadata =
    R"({"issuer":"https://as.example","authorization_endpoint":"https://as.example/authorize",)"
    R"("token_endpoint":"https://as.example/token","response_types_supported":["code"],)"
    R"("dpop_signing_alg_values_supported":["ES256"]})";
constexpr auto kFault = "the disk has failed, said the test";

// Lets the nth use of the disk fail.
class Disk {
 public:
  explicit Disk(int nth) : left_(nth) {}

  Result<void> use() {
    --left_;
    return left_ == 0 ? Result<void>(fail(ErrorKind::io, kFault)) : ok();
  }
  bool has_failed() const { return left_ <= 0; }

 private:
  int left_;
};

class FaultyStore final : public store::CredentialStore {
 public:
  explicit FaultyStore(Disk& disk) : disk_(disk) {}

  Result<std::optional<store::Credential>> load(std::string_view server) override {
    auto used = disk_.use();
    if (!used) return propagate(used);
    return memory_.load(server);
  }
  Result<void> save(std::string_view server, const store::Credential& credential) override {
    auto used = disk_.use();
    return used ? memory_.save(server, credential) : used;
  }
  Result<void> remove(std::string_view server) override {
    auto used = disk_.use();
    return used ? memory_.remove(server) : used;
  }
  Result<std::vector<std::string>> keys() override { return memory_.keys(); }
  std::string place() const override { return "a disk"; }

 private:
  Disk& disk_;
  store::MemoryStore memory_;
};

class FaultyState final : public store::State {
 public:
  explicit FaultyState(Disk& disk) : disk_(disk) {}

  Result<std::optional<codec::JsonObject>> find(std::string_view section,
                                                std::string_view name) override {
    auto used = disk_.use();
    if (!used) return propagate(used);
    return memory_.find(section, name);
  }
  Result<std::vector<std::string>> names(std::string_view section) override {
    auto used = disk_.use();
    if (!used) return propagate(used);
    return memory_.names(section);
  }
  Result<void> put(std::string_view section, std::string_view name,
                   std::string_view object) override {
    auto used = disk_.use();
    return used ? memory_.put(section, name, object) : used;
  }
  Result<void> remove(std::string_view section, std::string_view name) override {
    auto used = disk_.use();
    return used ? memory_.remove(section, name) : used;
  }

 private:
  Disk& disk_;
  store::MemoryState memory_;
};

// One process, whose disk fails once.
class FaultyProcess {
 public:
  FaultyProcess(int nth, const OAuthSettings& settings) : disk_(nth), settings_(settings) {
    client_.on_request([](test::FakeAnswer& answer) {
      answer.head(200, {{"Content-Type", "application/json"}})
          .piece(R"({"access_token":"the-token","refresh_token":"r","expires_in":600,)"
                 R"("token_type":"DPoP"})")
          .end();
    });
  }
  ~FaultyProcess() { test::run(loop_, keeper_.close()); }

  Result<void> renew() {
    TokenKeeper::Need need;
    need.refused = keeper_.generation();
    need.by_server = true;
    return test::run(loop_, keeper_.renew(std::move(need)));
  }
  Result<const store::Credential*> current() { return test::run(loop_, keeper_.current()); }
  bool disk_has_failed() const { return disk_.has_failed(); }

 private:
  asio::io_context loop_{1};
  Disk disk_;
  OAuthSettings settings_;
  store::TemporaryFolder folder_;
  FaultyStore store_{disk_};
  FaultyState state_{disk_};
  Places places_{store_, state_, folder_ / "locks"};
  test::FakeHttpClient client_{loop_.get_executor()};
  test::FakeClock clock_;
  TokenRefresh refresh_{client_, places_, clock_, settings_};
  TokenKeeper keeper_{loop_.get_executor(),     client_, places_, refresh_, clock_, settings_,
                      [](const std::string&) {}};
};

// Either the token is had all the same, or the error tells of the disk and the next try has it.
TEST(TokenKeeperFaults, AreSurvivedWhereverTheyAre) {
  OAuthSettings settings;
  settings.server = codec::parse_url(kFaultyServer).value();
  settings.metadata = GivenMetadata{.text = kFaultyMetadata};
  settings.client_id = "the-client";
  settings.client_secret = Secret("secret");
  settings.grant = Grant::client_credentials;
  settings.dpop = true;
  bool has_failed = true;
  int uses = 0;
  for (int nth = 1; has_failed; ++nth) {
    SCOPED_TRACE(nth);
    FaultyProcess process(nth, settings);
    for (int renewal = 0; renewal < 2; ++renewal) {  // a login, then a refresh
      auto renewed = process.renew();
      if (!renewed) {
        EXPECT_THAT(renewed.error().message, HasSubstr(kFault));
        renewed = process.renew();
      }
      EXPECT_THAT(renewed, IsOk());
    }
    const auto current = process.current();
    ASSERT_THAT(current, IsOk());
    ASSERT_TRUE(*current);
    EXPECT_EQ((*current)->access_token.reveal(), "the-token");
    has_failed = process.disk_has_failed();
    uses = nth;
  }
  EXPECT_GT(uses, 8);
}

}  // namespace
}  // namespace mcpio::auth
