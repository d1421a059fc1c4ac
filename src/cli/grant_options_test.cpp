// SPDX-License-Identifier: MIT
#include "cli/grant_options.h"

#include <gmock/gmock.h>

#include <map>

#include "cli/resolve.h"

namespace mcpio::cli {
namespace {

using auth::Asking;
using auth::Grant;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

using Arguments = std::vector<std::string>;
using Variables = std::map<std::string, std::string>;

Resolved resolved(Arguments arguments, const Variables& variables = {}) {
  arguments.insert(arguments.begin(), "https://a.example/mcp");
  return resolve(parse_command_line(arguments),
                 [&variables](const std::string& name) -> std::optional<std::string> {
                   const auto found = variables.find(name);
                   return found != variables.end() ? std::optional(found->second) : std::nullopt;
                 });
}

std::vector<std::string> mistakes(Arguments arguments) {
  return resolved(std::move(arguments)).mistakes.lines();
}

TEST(GrantOptions, ChooseTheWayToAToken) {
  EXPECT_EQ(resolved({}).config.oauth.grant, std::nullopt);
  EXPECT_EQ(resolved({"--grant", "device-code"}).config.oauth.grant, Grant::device_code);
  EXPECT_EQ(resolved({"--oauth-device"}).config.oauth.grant, Grant::device_code);
  EXPECT_EQ(resolved({}, {{"MCP_STDIO_GRANT", "authorization-code"}}).config.oauth.grant,
            Grant::authorization_code);
  EXPECT_THAT(mistakes({"--grant", "device-codes"}), Contains(HasSubstr("did you mean")));
  EXPECT_THAT(mistakes({"--grant", "authorization-code", "--oauth-device"}),
              Contains(HasSubstr("--oauth-device: --grant says otherwise")));
}

TEST(GrantOptions, SayWhatAGrantLacks) {
  EXPECT_THAT(mistakes({"--grant", "client-credentials"}), Contains(HasSubstr("--client-id ID")));
  EXPECT_THAT(mistakes({"--grant", "jwt-bearer"}), Contains(HasSubstr("--assertion-file FILE")));
  const auto lacking = mistakes({"--grant", "id-jag"});
  for (const char* option : {"--client-id", "--idp-issuer", "--idp-client-id"})
    EXPECT_THAT(lacking, Contains(HasSubstr(option)));
  EXPECT_THAT(mistakes({"--assertion-file", "f"}), Contains(HasSubstr("need --grant jwt-bearer")));
  EXPECT_THAT(mistakes({"--id-token-file", "f"}), Contains(HasSubstr("need --grant id-jag")));
}

TEST(GrantOptions, AreCompleteTogether) {
  EXPECT_THAT(
      mistakes({"--grant", "id-jag", "--client-id", "a", "--idp-issuer", "https://idp.example",
                "--idp-client-id", "b", "--id-token-command", "print-token 'of mine'"}),
      IsEmpty());
}

// Who has no ID token signs in at the identity provider, and its metadata say where.
TEST(GrantOptions, WithoutAnIdTokenThereIsALogin) {
  const auto with = [](const char* option, const char* url) {
    return Arguments{"--grant", "id-jag", "--client-id", "a", "--idp-client-id", "b", option, url};
  };
  EXPECT_THAT(mistakes(with("--idp-issuer", "https://idp.example")), IsEmpty());
  EXPECT_THAT(mistakes(with("--idp-token-endpoint", "https://idp.example/token")),
              Contains(HasSubstr("--idp-issuer URL")));
  EXPECT_EQ(resolved(with("--idp-issuer", "https://idp.example")).config.oauth.asking,
            Asking::once_in_a_while);
}

TEST(GrantOptions, NameOneSource) {
  EXPECT_THAT(mistakes({"--client-assertion-file", "f", "--client-assertion-command", "c"}),
              Contains(HasSubstr("there is one already, --client-assertion-file f")));
}

// Nobody has to be spared then, not even by the commands for scripts.
TEST(GrantOptions, WithoutAPersonNobodyIsAsked) {
  EXPECT_EQ(resolved({}).config.oauth.asking, Asking::once_in_a_while);
  EXPECT_EQ(resolved({"--grant", "client-credentials", "--client-id", "a"}).config.oauth.asking,
            Asking::always);
}

TEST(GrantOptions, ABrowserNeedsADisplayNearby) {
  const auto has_browser = [](const Arguments& arguments, const Variables& variables) {
    return resolved(arguments, variables).config.oauth.has_browser;
  };
  EXPECT_TRUE(has_browser({}, {{"DISPLAY", ":0"}}));
  EXPECT_TRUE(has_browser({}, {{"WAYLAND_DISPLAY", "wayland-0"}}));
  EXPECT_TRUE(has_browser({}, {{"BROWSER", "w3m"}}));
  EXPECT_FALSE(has_browser({}, {}));
  EXPECT_FALSE(has_browser({}, {{"DISPLAY", ":0"}, {"SSH_CONNECTION", "a b"}}));
  EXPECT_TRUE(has_browser({"--browser", "firefox"}, {}));
  EXPECT_TRUE(has_browser({"--no-browser"}, {}));
}

}  // namespace
}  // namespace mcpio::cli
