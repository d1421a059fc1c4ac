// SPDX-License-Identifier: MIT
#include "store/server_key.h"

#include <gmock/gmock.h>

namespace mcpio::store {
namespace {

struct Case {
  std::string_view name, url, key;
};

class ServerKey : public testing::TestWithParam<Case> {};

// G.8, item 341.
TEST_P(ServerKey, IsTheUrlInOneForm) { EXPECT_EQ(server_key(GetParam().url), GetParam().key); }

const Case kCases[] = {
    {"AsItIs", "https://a.example/mcp", "https://a.example/mcp"},
    {"HostInAnyCase", "https://A.Example/Mcp", "https://a.example/Mcp"},
    {"SchemeInAnyCase", "HTTPS://a.example/mcp", "https://a.example/mcp"},
    {"OwnPortOfHttps", "https://a.example:443/mcp", "https://a.example/mcp"},
    {"OwnPortOfHttp", "http://a.example:80/mcp", "http://a.example/mcp"},
    {"OtherPort", "https://a.example:8443/mcp", "https://a.example:8443/mcp"},
    {"SlashAtTheEnd", "https://a.example/mcp/", "https://a.example/mcp"},
    {"SlashesAtTheEnd", "https://a.example/mcp//", "https://a.example/mcp"},
    {"OnlyASlash", "https://a.example/", "https://a.example"},
    {"QueryKept", "https://a.example/mcp/?key=1", "https://a.example/mcp?key=1"},
    {"UserinfoDropped", "https://me:secret@a.example/mcp", "https://a.example/mcp"},
    {"FragmentDropped", "https://a.example/mcp#top", "https://a.example/mcp"},
    {"Ipv6Bracketed", "http://[::1]:8080/mcp", "http://[::1]:8080/mcp"},
    {"BadPortVerbatim", "https://a.example:99999/mcp", "https://a.example:99999/mcp"},
    {"OtherSchemeVerbatim", "ws://A.example/", "ws://A.example/"},
};

INSTANTIATE_TEST_SUITE_P(Forms, ServerKey, testing::ValuesIn(kCases),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace mcpio::store
