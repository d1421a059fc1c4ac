// SPDX-License-Identifier: MIT
#include "auth/callback_listener.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "support/result_matchers.h"
#include "support/run.h"

namespace mcpio::auth {
namespace {

TEST(CallbackListener, ListensOnARedirectUriOfThisMachine) {
  struct Case {
    const char *uri, *bind;
    std::uint16_t port;
    const char* path;
  };
  for (const auto& [uri, bind, port, path] :
       {Case{"http://127.0.0.1:8123/back", "127.0.0.1", 8123, "/back"},
        Case{"http://localhost:8123/back?a=b", "", 8123, "/back"},
        Case{"http://[::1]:8123", "::1", 8123, "/"},
        Case{"http://127.0.0.2", "127.0.0.2", 80, "/"}}) {
    const auto settings = CallbackListener::settings_for(uri);
    EXPECT_TRUE(settings.listens) << uri;
    EXPECT_EQ(settings.bind, bind) << uri;
    EXPECT_EQ(settings.port, port) << uri;
    EXPECT_EQ(settings.path, path) << uri;
    EXPECT_EQ(settings.redirect_uri, uri);
  }
}

TEST(CallbackListener, DoesNotListenForAnotherMachine) {
  for (const char* uri : {"https://127.0.0.1:8123/back", "http://tools.example/back",
                          "com.example.app:/back", "urn:ietf:wg:oauth:2.0:oob"})
    EXPECT_FALSE(CallbackListener::settings_for(uri).listens) << uri;
}

TEST(CallbackListener, UsesTheRedirectUriAsItIs) {
  asio::io_context loop;
  const auto listener = test::run(
      loop, CallbackListener::open(loop.get_executor(), CallbackListener::settings_for(
                                                            "https://tools.example/back?x=%2f")));
  ASSERT_TRUE(listener.has_value());
  EXPECT_EQ((*listener)->redirect_uri(), "https://tools.example/back?x=%2f");
}

TEST(CallbackListener, ListensOnTheAddressThatIsItsHost) {
  asio::io_context loop;
  for (const auto& [host, address] :
       {std::pair("[::1]", "::1"), std::pair("127.0.0.2", "127.0.0.2"),
        std::pair("tools.example", "127.0.0.1")}) {
    CallbackListener::Settings settings;
    settings.host = host;
    const auto listener = test::run(loop, CallbackListener::open(loop.get_executor(), settings));
    if (!listener && std::string_view(host) == "[::1]") continue;  // no IPv6 on this machine
    ASSERT_TRUE(listener) << host;
    const std::uint16_t port = (*listener)->port();
    EXPECT_EQ((*listener)->redirect_uri(), fmt::format("http://{}:{}/callback", host, port));
    asio::ip::tcp::socket browser(loop);
    boost::system::error_code error;
    browser.connect({asio::ip::make_address(address), port}, error);
    EXPECT_FALSE(error) << host << ": " << error.message();
    test::run(loop, (*listener)->close());
  }
}

// A browser may take localhost for ::1, and would bring the answer to whoever listens there.
TEST(CallbackListener, IsNotContentWithHalfOfLocalhost) {
  asio::io_context loop;
  asio::ip::tcp::acceptor somebody(loop);
  boost::system::error_code error;
  somebody.open(asio::ip::tcp::v6(), error);
  if (!error) somebody.bind({asio::ip::address_v6::loopback(), 0}, error);
  if (!error) somebody.listen(1, error);
  if (error) GTEST_SKIP() << "no IPv6 on this machine";
  CallbackListener::Settings settings;
  settings.host = "localhost";
  settings.port = somebody.local_endpoint().port();
  const auto listener = test::run(loop, CallbackListener::open(loop.get_executor(), settings));
  ASSERT_FALSE(listener.has_value());
  EXPECT_THAT(listener.error().message, testing::HasSubstr("::1"));
}

}  // namespace
}  // namespace mcpio::auth
