// SPDX-License-Identifier: MIT
#include "http/proxy_settings.h"

#include <gmock/gmock.h>

namespace mcpio::http {
namespace {

struct Case {
  const char* list;
  const char* host;
  std::uint16_t port;
  bool excepted;
};

class NoProxy : public testing::TestWithParam<Case> {};

TEST_P(NoProxy, IsReadAsCurlReadsIt) {
  const Case& test = GetParam();
  const Destination destination{.scheme = "https", .host = test.host, .port = test.port};
  EXPECT_EQ(is_excepted(test.list, destination), test.excepted)
      << test.host << ':' << test.port << " in \"" << test.list << '"';
}

INSTANTIATE_TEST_SUITE_P(
    Names, NoProxy,
    testing::Values(
        Case{"", "a.example", 443, false}, Case{"*", "a.example", 443, true},
        Case{"example", "a.example", 443, true}, Case{".example", "a.example", 443, true},
        Case{".a.example", "a.example", 443, true}, Case{"A.Example.", "a.example", 443, true},
        Case{"a.example", "a.example.", 443, true}, Case{"xample", "a.example", 443, false},
        Case{"b.example", "example", 443, false}, Case{"x, y  a.example", "a.example", 443, true},
        Case{"*.example", "a.example", 443, false}, Case{".", "a.example", 443, false},
        Case{",,", "a.example", 443, false}));

INSTANTIATE_TEST_SUITE_P(Ports, NoProxy,
                         testing::Values(Case{"a.example:443", "a.example", 443, true},
                                         Case{"a.example:80", "a.example", 443, false},
                                         Case{"10.0.0.1:443", "10.0.0.1", 443, true},
                                         Case{"[::1]:443", "::1", 443, true},
                                         Case{"[::1]:80", "::1", 443, false},
                                         Case{"a.example:x", "a.example", 443, false}));

INSTANTIATE_TEST_SUITE_P(
    Addresses, NoProxy,
    testing::Values(
        Case{"10.1.2.3", "10.1.2.3", 80, true}, Case{"10.0.0.0/8", "10.1.2.3", 80, true},
        Case{"10.1.2.0/23", "10.1.3.255", 80, true}, Case{"10.1.2.0/24", "10.1.3.255", 80, false},
        Case{"0.0.0.0/0", "10.1.3.255", 80, true}, Case{"10.0.0.0/33", "10.0.0.0", 80, false},
        Case{"10.0.0.0/", "10.0.0.0", 80, false}, Case{"2.3", "10.1.2.3", 80, false},
        Case{"::1", "::1", 80, true}, Case{"[::1]", "0:0::1", 80, true},
        Case{"fd00::/8", "fd12::7", 80, true}, Case{"fd00::/8", "fe12::7", 80, false},
        Case{"0.0.0.0/0", "::1", 80, false}));

}  // namespace
}  // namespace mcpio::http
