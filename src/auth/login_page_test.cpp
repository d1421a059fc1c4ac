// SPDX-License-Identifier: MIT
#include "auth/login_page.h"

#include <gmock/gmock.h>

namespace mcpio::auth {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(LoginPage, SaysThatTheWindowCanBeClosed) {
  const std::string page = html(signed_in("https://a.example"));
  EXPECT_THAT(page, HasSubstr("You are signed in"));
  EXPECT_THAT(page, HasSubstr("https://a.example"));
  EXPECT_THAT(page, HasSubstr("close this window"));
}

// G.7, item 291.
TEST(LoginPage, EscapesWhatCameFromOutside) {
  const std::string page = html(not_signed_in("<script>alert('x')</script> & \"y\""));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page,
              HasSubstr("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;y&quot;"));
}

TEST(LoginPage, WorksWithoutScriptAndLoadsNothing) {
  for (const LoginPage& page : {signed_in("x"), not_signed_in("x"), once_more(), still_waiting()}) {
    EXPECT_THAT(html(page), Not(HasSubstr("<script")));
    EXPECT_THAT(html(page), Not(HasSubstr("src=")));
    EXPECT_THAT(html(page), Not(HasSubstr("url(")));
  }
  EXPECT_THAT(std::string(page_fields().find("Content-Security-Policy").value_or("")),
              HasSubstr("default-src 'none'"));
  EXPECT_EQ(page_fields().find("Cache-Control"), "no-store");
}

TEST(LoginPage, IsMadeForLightAndDark) {
  EXPECT_THAT(html(still_waiting()), HasSubstr("prefers-color-scheme: dark"));
}

}  // namespace
}  // namespace mcpio::auth
