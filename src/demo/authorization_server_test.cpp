// SPDX-License-Identifier: MIT
#include "demo/authorization_server.h"

#include <fmt/core.h>
#include <gmock/gmock.h>

#include "codec/base64.h"
#include "codec/percent.h"
#include "codec/url.h"
#include "crypto/pkce.h"
#include "demo/door.h"
#include "support/run.h"

namespace mcpio::demo {
namespace {

using test::run;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view kCallback = "http://127.0.0.1:1/callback";
constexpr std::string_view kMcpServer = "http://127.0.0.1:2/mcp";

http::IncomingRequest request_for(std::string_view method, std::string_view target) {
  http::IncomingRequest request;
  request.method = method;
  request.target = target;
  return request;
}

// Keeps the one answer.
class KeptAnswer final : public http::Responder {
 public:
  awaitable<Result<void>> send(int status, http::Fields fields,
                               std::shared_ptr<const Buffer> body) override {
    answer = HttpAnswer{status, body ? parse(body->view()) : Json(), std::move(fields)};
    co_return ok();
  }
  awaitable<Result<void>> begin_stream(int, http::Fields) override { co_return ok(); }
  awaitable<Result<void>> write(std::string) override { co_return ok(); }
  awaitable<Result<void>> finish() override { co_return ok(); }

  HttpAnswer answer;
};

class AuthorizationServerTest : public testing::Test {
 protected:
  AuthorizationServerTest() { started_ = server_.start().has_value(); }
  ~AuthorizationServerTest() override { run(loop_, server_.stop()); }

  HttpAnswer ask(http::IncomingRequest request) {
    auto kept = std::make_shared<KeptAnswer>();
    run(loop_, server_.answer(std::move(request), kept));
    return kept->answer;
  }
  HttpAnswer get(std::string_view target) { return ask(request_for("GET", target)); }
  HttpAnswer post(std::string_view target, std::string_view body,
                  std::string_view authorization = "") {
    auto request = request_for("POST", target);
    request.body = Buffer(body);
    if (!authorization.empty()) request.fields.add("Authorization", authorization);
    return ask(std::move(request));
  }

  HttpAnswer register_for(std::string_view uri, std::string_view method = "client_secret_basic") {
    const Json wanted{{"redirect_uris", Json::array({uri})},
                      {"token_endpoint_auth_method", method}};
    return post("/register", wanted.dump());
  }
  // Registers a client and remembers what proves it.
  std::string client_id() {
    const Json client = register_for(kCallback).body;
    basic_ = "Basic " + codec::base64(client["client_id"].get<std::string>() + ":" +
                                      client["client_secret"].get<std::string>());
    return client["client_id"];
  }
  HttpAnswer authorize(const std::string& client, std::string_view redirect,
                       std::string_view more) {
    return get(fmt::format("/authorize?response_type=code&client_id={}&redirect_uri={}&state=s1{}",
                           client, codec::percent_encode(redirect), more));
  }
  // A code for that verifier, at the end of the redirect.
  std::string code_for(std::string_view verifier) {
    const std::string more =
        fmt::format("&code_challenge={}&code_challenge_method=S256&resource={}",
                    crypto::s256_challenge(verifier), kMcpServer);
    const HttpAnswer answer = authorize(client_id(), kCallback, more);
    EXPECT_EQ(answer.status, 302);
    const std::string location(answer.fields.find("Location").value_or(""));
    EXPECT_THAT(location, StartsWith(std::string(kCallback) + "?state=s1&iss=http"));
    return location.substr(location.rfind('=') + 1);
  }
  std::string exchange_of(std::string_view code, std::string_view verifier) {
    return fmt::format("grant_type=authorization_code&code={}&redirect_uri={}&code_verifier={}",
                       code, codec::percent_encode(kCallback), verifier);
  }

  asio::io_context loop_{1};
  std::vector<SignInEvent> events_;
  AuthorizationServer server_{loop_.get_executor(),
                              [this](SignInEvent event) { events_.push_back(event); }};
  bool started_ = false;
  std::string basic_;
};

TEST_F(AuthorizationServerTest, SaysWhereEverythingIs) {
  ASSERT_TRUE(started_);
  const Json metadata = get("/.well-known/oauth-authorization-server").body;
  EXPECT_EQ(metadata["issuer"], server_.issuer());
  EXPECT_EQ(metadata["token_endpoint"], server_.issuer() + "/token");
  EXPECT_EQ(metadata["token_endpoint_auth_methods_supported"],
            Json::array({"client_secret_basic"}));
  EXPECT_EQ(metadata["code_challenge_methods_supported"], Json::array({"S256"}));
}

TEST_F(AuthorizationServerTest, RegistersClientsOfThisMachineAlone) {
  EXPECT_EQ(register_for(kCallback).status, 201);
  for (const char* uri : {"https://evil.example/", "com.example:/back", "http://127.0.0.1:1/#a"})
    EXPECT_EQ(register_for(uri).body["error"], "invalid_redirect_uri") << uri;
  EXPECT_EQ(register_for(kCallback, "none").body["error"], "invalid_client_metadata");
  EXPECT_EQ(post("/register", "[").status, 400);
  EXPECT_EQ(post("/register", R"({"redirect_uris":[7]})").status, 400);
}

// RFC 6749, section 4.1.2.1.
TEST_F(AuthorizationServerTest, SendsNobodyToAnAddressThatIsNotRegistered) {
  const std::string pkce = "&code_challenge=abc&code_challenge_method=S256";
  EXPECT_EQ(authorize("nobody", kCallback, pkce).status, 400);
  EXPECT_EQ(authorize(client_id(), "http://127.0.0.1:9/other", pkce).status, 400);
}

TEST_F(AuthorizationServerTest, WantsPkce) {
  for (const char* more : {"", "&code_challenge=abc&code_challenge_method=plain"}) {
    const HttpAnswer answer = authorize(client_id(), kCallback, more);
    EXPECT_EQ(answer.status, 302);
    EXPECT_THAT(std::string(answer.fields.find("Location").value_or("")),
                HasSubstr("error=invalid_request"));
  }
}

TEST_F(AuthorizationServerTest, ExchangesACodeAndRotatesTheRefreshToken) {
  const std::string exchange = exchange_of(code_for("the-verifier"), "the-verifier");
  const Json tokens = post("/token", exchange, basic_).body;
  EXPECT_TRUE(server_.grants().is_good(tokens["access_token"].get<std::string>(), kMcpServer));
  EXPECT_EQ(tokens["token_type"], "Bearer");
  EXPECT_EQ(post("/token", exchange, basic_).body["error"], "invalid_grant");

  const std::string refresh = fmt::format("grant_type=refresh_token&refresh_token={}",
                                          tokens["refresh_token"].get<std::string>());
  const Json renewed = post("/token", refresh, basic_).body;
  EXPECT_NE(renewed["refresh_token"], tokens["refresh_token"]);
  EXPECT_TRUE(server_.grants().is_good(renewed["access_token"].get<std::string>(), kMcpServer));
  EXPECT_THAT(events_, ElementsAre(SignInEvent::registered, SignInEvent::sent_back,
                                   SignInEvent::token_issued, SignInEvent::token_renewed));
}

TEST_F(AuthorizationServerTest, GivesNothingToWhoDoesNotProveItself) {
  const std::string exchange = exchange_of(code_for("the-verifier"), "the-verifier");
  const std::string wrong = "Basic " + codec::base64("nobody:nothing");
  for (const std::string& proof : {std::string(), wrong, basic_.substr(0, basic_.size() - 4)}) {
    const HttpAnswer answer = post("/token", exchange, proof);
    EXPECT_EQ(answer.status, 401) << proof;
    EXPECT_EQ(answer.body["error"], "invalid_client");
    EXPECT_TRUE(answer.fields.find("WWW-Authenticate"));
  }
  const std::string of_another = exchange_of(code_for("a"), "b");
  EXPECT_EQ(post("/token", of_another, basic_).body["error"], "invalid_grant");
  EXPECT_EQ(post("/token", "grant_type=password", basic_).body["error"], "unsupported_grant_type");
  EXPECT_EQ(post("/token", exchange + "&code=again", basic_).body["error"], "invalid_grant");
}

TEST_F(AuthorizationServerTest, ListensToNoPageOfAnotherMachine) {
  auto request = request_for("GET", "/.well-known/oauth-authorization-server");
  request.fields.add("Origin", "http://evil.example");
  EXPECT_EQ(ask(std::move(request)).status, 403);
  EXPECT_EQ(get("/no/such").status, 404);
}

// RFC 9728, sections 3.1 and 5.1.
TEST_F(AuthorizationServerTest, TheDoorSaysWhereToSignIn) {
  const Door door{std::string(kMcpServer), server_};
  auto request = request_for("POST", "/mcp");
  const auto refused = door.answer(request);
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->status, 401);
  EXPECT_EQ(refused->fields.find("WWW-Authenticate"),
            "Bearer resource_metadata="
            "\"http://127.0.0.1:2/.well-known/oauth-protected-resource/mcp\"");

  request = request_for("GET", "/.well-known/oauth-protected-resource/mcp");
  const auto metadata = door.answer(request);
  ASSERT_TRUE(metadata.has_value());
  EXPECT_EQ(metadata->body["resource"], kMcpServer);
  EXPECT_EQ(metadata->body["authorization_servers"], Json::array({server_.issuer()}));
}

TEST_F(AuthorizationServerTest, TheDoorOpensForATokenOfItsOwnThatIsStillGood) {
  const Door door{std::string(kMcpServer), server_};
  const std::string exchange = exchange_of(code_for("the-verifier"), "the-verifier");
  const std::string token = post("/token", exchange, basic_).body["access_token"];
  auto request = request_for("GET", "/mcp");
  request.fields.add("Authorization", "bearer " + token);
  EXPECT_FALSE(door.answer(request).has_value());

  server_.grants().expire_access_tokens();
  const auto refused = door.answer(request);
  ASSERT_TRUE(refused.has_value());
  EXPECT_THAT(std::string(refused->fields.find("WWW-Authenticate").value_or("")),
              HasSubstr("error=\"invalid_token\""));
}

}  // namespace
}  // namespace mcpio::demo
