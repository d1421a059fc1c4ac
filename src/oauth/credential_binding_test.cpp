// SPDX-License-Identifier: MIT
#include "oauth/credential_binding.h"

#include <gtest/gtest.h>

#include "support/result_matchers.h"

namespace mcpio::oauth {
namespace {

using test::FailsWith;
using test::HoldsOk;

constexpr std::string_view kIssuer = "https://as.example";

TEST(CredentialBinding, IsMadeByTheFirstIssuer) {
  EXPECT_THAT(bind_credentials(kIssuer, {}, {}), HoldsOk(Binding::first_use));
}

TEST(CredentialBinding, HoldsForTheRememberedIssuerOnly) {
  EXPECT_THAT(bind_credentials(kIssuer, {}, "https://as.example"), HoldsOk(Binding::bound));
  EXPECT_THAT(bind_credentials("https://evil.example", {}, "https://as.example"),
              FailsWith(ErrorKind::config,
                        "belong to https://as.example, but the server names the authorization "
                        "server https://evil.example: nothing was sent"));
}

TEST(CredentialBinding, FollowsTheOptionRatherThanMemory) {
  EXPECT_THAT(bind_credentials(kIssuer, "https://as.example", "https://old.example"),
              HoldsOk(Binding::bound));
  EXPECT_THAT(bind_credentials(kIssuer, "https://other.example", "https://as.example"),
              FailsWith(ErrorKind::config, "name it with --oauth-issuer"));
}

TEST(CredentialBinding, ComparesIssuersAsStrings) {
  for (const std::string_view other :
       {"https://as.example/", "https://AS.example", "https://as.example:443", "http://as.example"})
    EXPECT_THAT(bind_credentials(other, {}, "https://as.example"),
                FailsWith(ErrorKind::config, "nothing was sent"))
        << other;
}

}  // namespace
}  // namespace mcpio::oauth
