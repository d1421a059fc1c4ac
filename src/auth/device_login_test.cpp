// SPDX-License-Identifier: MIT
#include "auth/device_login.h"

#include <gmock/gmock.h>

#include "auth/grant_fixture.h"
#include "support/result_matchers.h"

namespace mcpio::auth {
namespace {

using std::chrono::seconds;
using test::FailsWith;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view kDeviceUrl = "https://as.example/device";
constexpr std::string_view kRegisterUrl = "https://as.example/register";
constexpr std::string_view kCode =
    R"({"device_code":"dc","user_code":"WDJB-MJHT","verification_uri":"https://as.example/go",)"
    R"("verification_uri_complete":"https://as.example/go?c=1","expires_in":60,"interval":5})";

class DeviceLoginTest : public testing::Test, public GrantFixture {
 protected:
  DeviceLoginTest() {
    settings.client_id = "the-client";
    where.server.endpoints.device_authorization = std::string(kDeviceUrl);
  }

  DeviceLogin login_{registry,
                     tokens,
                     clock,
                     settings,
                     [this](std::string text) { told_ += text; },
                     [this](std::chrono::nanoseconds time) { return pause(time); }};
  std::string told_;
  std::vector<long> pauses_;

 private:
  awaitable<bool> pause(std::chrono::nanoseconds time) {
    pauses_.push_back(std::chrono::duration_cast<seconds>(time).count());
    clock.advance(time);
    co_return true;
  }
};

// RFC 8628, sections 3.1 to 3.5.
TEST_F(DeviceLoginTest, ShowsTheCodeAndPollsUntilItIsConfirmed) {
  answers(kDeviceUrl, {{200, std::string(kCode)}});
  answers(kTokenUrl, {{400, refusal("authorization_pending")},
                      {400, refusal("slow_down")},
                      {400, refusal("authorization_pending")},
                      {200, std::string(kGoodToken)}});
  EXPECT_EQ(token_in(run(login_, "read")), "the-token");
  EXPECT_EQ(url(0), kDeviceUrl);
  EXPECT_EQ(sent(0, "client_id"), "the-client");
  EXPECT_EQ(sent(0, "scope"), "read");
  EXPECT_EQ(sent(0, "resource"), "https://mcp.example/mcp");
  EXPECT_EQ(sent(1, "grant_type"), "urn:ietf:params:oauth:grant-type:device_code");
  EXPECT_EQ(sent(1, "device_code"), "dc");
  EXPECT_EQ(sent(1, "resource"), "https://mcp.example/mcp") << "RFC 8707, section 2.2: both";
  EXPECT_THAT(pauses_, ElementsAre(5, 10, 10));
  EXPECT_THAT(told_, HasSubstr("WDJB-MJHT"));
  EXPECT_THAT(told_, HasSubstr("https://as.example/go\n"));
  EXPECT_THAT(told_, HasSubstr("https://as.example/go?c=1\n"));
}

// Item 312.
TEST_F(DeviceLoginTest, IsForAClientWithAMetadataDocumentToo) {
  settings.client_id.clear();
  settings.client_metadata_url = "https://me.example/client.json";
  answers(kDeviceUrl, {{200, std::string(kCode)}});
  answers(kTokenUrl, {{200, std::string(kGoodToken)}});
  EXPECT_EQ(token_in(run(login_)), "the-token");
  for (const std::size_t nth : {0u, 1u})
    EXPECT_EQ(sent(nth, "client_id"), "https://me.example/client.json");
}

// The project's first request: Basic on the request for the code and on each poll.
TEST_F(DeviceLoginTest, AuthenticatesAtBothEndpoints) {
  settings.client_secret = Secret("s");
  where.server.token_auth_methods = {"client_secret_basic"};
  answers(kDeviceUrl, {{200, std::string(kCode)}});
  answers(kTokenUrl, {{400, refusal("authorization_pending")}, {200, std::string(kGoodToken)}});
  EXPECT_EQ(token_in(run(login_)), "the-token");
  ASSERT_EQ(count(), 3u);
  for (std::size_t nth = 0; nth < 3; ++nth) {
    EXPECT_EQ(header(nth, "Authorization"), "Basic " + codec::base64("the-client:s"));
    EXPECT_EQ(sent(nth, "client_secret"), "");
  }
}

TEST_F(DeviceLoginTest, GoesOnWhereAPollDoesNotReachTheServer) {
  answers(kDeviceUrl, {{200, std::string(kCode)}});
  answers(kTokenUrl, {{0, ""}, {503, "busy"}, {200, std::string(kGoodToken)}});
  EXPECT_EQ(token_in(run(login_)), "the-token");
  EXPECT_THAT(pauses_, ElementsAre(10, 20));
}

TEST_F(DeviceLoginTest, EndsWithTheCode) {
  answers(kDeviceUrl, {{200, std::string(kCode)}});
  answers(kTokenUrl, {{400, refusal("authorization_pending")}});
  EXPECT_THAT(run(login_), FailsWith(ErrorKind::timed_out,
                                     "https://as.example: nobody confirmed the login in time"));
  EXPECT_EQ(clock.steady().time_since_epoch(), seconds(60));
}

TEST_F(DeviceLoginTest, EndsWithARefusal) {
  answers(kDeviceUrl, {{200, std::string(kCode)}});
  answers(kTokenUrl, {{400, refusal("access_denied")}});
  EXPECT_THAT(run(login_), FailsWith(ErrorKind::rejected,
                                     "token endpoint https://as.example/token answered 400 "
                                     "access_denied; somebody, or a policy, said no there"));
  EXPECT_EQ(count(), 2u);
}

// Issue 3, section 4: the step, the origin, the server's error, and the option that helps.
TEST_F(DeviceLoginTest, SaysWhereAClientWithoutASecretWasRefusedAndWhatSuppliesOne) {
  answers(kDeviceUrl, {{200, std::string(kCode)}});
  answers(kTokenUrl, {{401, refusal("invalid_client")}});
  const auto polled = run(login_);
  EXPECT_THAT(polled, FailsWith(ErrorKind::rejected,
                                "token endpoint https://as.example/token answered 401 "
                                "invalid_client; the authorization server refused a client "
                                "without a secret: give a client secret (--client-secret-file"));
  answers_instead(kDeviceUrl, {{401, refusal("invalid_client")}});
  EXPECT_THAT(run(login_), FailsWith(ErrorKind::rejected,
                                     "device authorization endpoint https://as.example/device "
                                     "answered 401 invalid_client; the authorization server "
                                     "refused a client without a secret: give a client "
                                     "secret (--client-secret-file"));
}

TEST_F(DeviceLoginTest, SaysWhichServerIsInTrouble) {
  answers(kDeviceUrl, {{400, refusal("server_error")}});
  EXPECT_THAT(run(login_), FailsWith(ErrorKind::rejected,
                                     "asking for a code: device authorization endpoint "
                                     "https://as.example/device answered 400 server_error; the "
                                     "authorization server is in trouble: try again later"));
}

// Auth0's audience (RFC 8628, section 3.1), and what a stronger login is to be (RFC 9470).
TEST_F(DeviceLoginTest, AsksWithTheUsersParametersAndForAStrongerLogin) {
  settings.authorize_params = {{"audience", "the-api"}};
  answers(kDeviceUrl, {{200, std::string(kCode)}});
  answers(kTokenUrl, {{200, std::string(kGoodToken)}});
  LoginRequest request{.where = where, .acr_values = "gold", .max_age = "60"};
  EXPECT_EQ(token_in(await(login_.run(std::move(request)))), "the-token");
  EXPECT_EQ(sent(0, "audience"), "the-api");
  EXPECT_EQ(sent(0, "acr_values"), "gold");
  EXPECT_EQ(sent(0, "max_age"), "60");
  EXPECT_EQ(sent(1, "audience"), "") << "--token-param is for the token endpoint";
}

TEST_F(DeviceLoginTest, RegistersOnceMoreIfTheServerHasForgottenUs) {
  settings.client_id.clear();
  where.server.endpoints.registration = std::string(kRegisterUrl);
  answers(kRegisterUrl, {{201, R"({"client_id":"one"})"}, {201, R"({"client_id":"two"})"}});
  answers(kDeviceUrl, {{401, refusal("invalid_client")}, {200, std::string(kCode)}});
  answers(kTokenUrl, {{200, std::string(kGoodToken)}});
  EXPECT_EQ(token_in(run(login_)), "the-token");
  ASSERT_EQ(count(), 5u);
  EXPECT_EQ(sent(1, "client_id"), "one");
  EXPECT_EQ(sent(3, "client_id"), "two");
}

// RFC 9449, section 5.2.
TEST_F(DeviceLoginTest, RegistersForTheTokensThatItWillHave) {
  settings.client_id.clear();
  where.server.endpoints.registration = std::string(kRegisterUrl);
  answers(kRegisterUrl, {{201, R"({"client_id":"one"})"}});
  where.resource.emplace().dpop_bound_access_tokens_required = true;
  answers(kDeviceUrl, {{200, std::string(kCode)}});
  answers(kTokenUrl, {{200, std::string(kGoodToken)}});
  EXPECT_EQ(token_in(run(login_)), "the-token");
  EXPECT_THAT(body_of(0), testing::HasSubstr(R"("dpop_bound_access_tokens":true)"));
}

TEST_F(DeviceLoginTest, NeedsAServerThatOffersIt) {
  where.server.endpoints.device_authorization.reset();
  EXPECT_THAT(run(login_), FailsWith(ErrorKind::config, "offers no login with a code"));
  EXPECT_EQ(count(), 0u);
}

}  // namespace
}  // namespace mcpio::auth
