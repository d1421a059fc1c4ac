// SPDX-License-Identifier: MIT
#include "oauth/address_guard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "support/result_matchers.h"

namespace mcpio::oauth {
namespace {

using namespace std::string_view_literals;
using test::FailsWith;
using test::IsOk;

TEST(PrivateAddress, IsOneThatOnlyWeCanReach) {
  const std::string_view kPrivate[] = {"0.0.0.0",
                                       "0.255.255.255",
                                       "10.0.0.0",
                                       "10.255.255.255",
                                       "100.64.0.0",
                                       "100.100.100.200",
                                       "100.127.255.255",
                                       "127.0.0.1",
                                       "127.255.255.255",
                                       "168.63.129.16",
                                       "169.254.0.1",
                                       "169.254.169.254",
                                       "172.16.0.0",
                                       "172.31.255.255",
                                       "192.0.0.192",
                                       "192.168.0.0",
                                       "192.168.255.255",
                                       "::",
                                       "::1",
                                       "fc00::",
                                       "fd00:ec2::254",
                                       "fdff:ffff::1",
                                       "fe80::1",
                                       "fe80::1%eth0",
                                       "febf::1",
                                       "fec0::1",
                                       "feff::1",
                                       "64:ff9b:1::1",
                                       "64:ff9b:1:ffff::a00:1"};
  for (const auto address : kPrivate) EXPECT_TRUE(is_private_address(address)) << address;
}

TEST(PrivateAddress, MayHideInAnIpv6Address) {
  const std::string_view kHidden[] = {
      "::ffff:10.0.0.1", "::ffff:a9fe:a9fe",     "::FFFF:127.0.0.1",         "::10.0.0.1",
      "::127.0.0.1",     "::ffff:0:192.168.0.1", "64:ff9b::169.254.169.254", "64:ff9b::a00:1",
      "2002:a00:1::",    "2002:a9fe:a9fe::1",    "2002:7f00:1:ffff::1"};
  for (const auto address : kHidden) EXPECT_TRUE(is_private_address(address)) << address;
}

TEST(PrivateAddress, IsNoneOfTheInternet) {
  const std::string_view kPublic[] = {
      "1.1.1.1",          "9.255.255.255",    "11.0.0.0",
      "100.63.255.255",   "100.128.0.0",      "126.255.255.255",
      "128.0.0.0",        "168.63.129.15",    "168.63.129.17",
      "169.253.255.255",  "169.255.0.0",      "172.15.255.255",
      "172.32.0.0",       "192.0.1.0",        "192.167.255.255",
      "192.169.0.0",      "8.8.8.8",          "2606:4700:4700::1111",
      "fbff::1",          "fe00::1",          "fe7f::1",
      "ff02::1",          "::ffff:8.8.8.8",   "::8.8.8.8",
      "::ffff:0:8.8.8.8", "64:ff9b::8.8.8.8", "64:ff9b:2::a00:1",
      "2002:808:808::1",  "2003:a00:1::"};
  for (const auto address : kPublic) EXPECT_FALSE(is_private_address(address)) << address;
}

TEST(PrivateAddress, IsWhatIsNoAddress) {
  for (const auto text : {""sv, "localhost"sv, "a.example"sv, "[::1]"sv, "1.2.3"sv, "8.8.8.8:53"sv,
                          "0x7f.1"sv, "2130706433"sv, "8.8.8.8\0.evil"sv, "%eth0"sv, " 8.8.8.8"sv})
    EXPECT_TRUE(is_private_address(text)) << text;
}

struct Connection {
  std::string_view name;
  AddressRule rule;
  std::string_view connected;
  bool is_allowed;
};

class CheckConnection : public testing::TestWithParam<Connection> {};

TEST_P(CheckConnection, RefusesAPrivateAddressThatAPublicServerNamed) {
  const auto endpoint = codec::parse_url("https://auth.example:8443/token?a=b").value();
  const auto checked = check_connection(GetParam().rule, GetParam().connected, endpoint);
  if (GetParam().is_allowed) {
    EXPECT_THAT(checked, IsOk());
  } else {
    EXPECT_THAT(checked, FailsWith(ErrorKind::untrusted, "--oauth-allow-private"));
    EXPECT_THAT(checked, FailsWith(ErrorKind::untrusted, "https://auth.example:8443"));
    EXPECT_THAT(checked, FailsWith(ErrorKind::untrusted, GetParam().connected));
  }
}

const Connection kConnections[] = {
    {"PublicToPublic", {.server_address = "8.8.8.8"}, "1.1.1.1", true},
    {"PublicToPrivate", {.server_address = "8.8.8.8"}, "10.0.0.1", false},
    {"PublicToThisMachine", {.server_address = "2606:4700::1"}, "::1", false},
    {"PublicToMetadataService", {.server_address = "8.8.8.8"}, "169.254.169.254", false},
    {"PublicToHidden", {.server_address = "8.8.8.8"}, "64:ff9b::a9fe:a9fe", false},
    {"PrivateToPrivate", {.server_address = "10.0.0.2"}, "10.0.0.1", true},
    {"ThisMachineToThisMachine", {.server_address = "127.0.0.1"}, "::1", true},
    {"PrivateToPublic", {.server_address = "10.0.0.2"}, "1.1.1.1", true},
    {"UnknownToPrivate", {.server_address = ""}, "10.0.0.1", false},
    {"UnknownToPublic", {.server_address = ""}, "1.1.1.1", true},
    {"ThroughAProxy", {.server_address = "8.8.8.8"}, "", true},
    {"Allowed", {.server_address = "8.8.8.8", .allow_private = true}, "10.0.0.1", true},
};
INSTANTIATE_TEST_SUITE_P(AddressGuard, CheckConnection, testing::ValuesIn(kConnections),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace mcpio::oauth
