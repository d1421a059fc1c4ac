// SPDX-License-Identifier: MIT
#include "codec/url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "support/result_matchers.h"

namespace mcpio::codec {
namespace {

using namespace std::string_view_literals;
using test::FailsWith;

Url url_of(std::string_view text) {
  const auto url = parse_url(text);
  EXPECT_TRUE(url.has_value()) << text << ": " << (url ? "" : url.error().message);
  return url.value_or(Url{});
}

std::string resolved(std::string_view base, std::string_view reference) {
  const auto url = resolve(url_of(base), reference);
  return url ? to_string(*url) : url.error().message;
}

TEST(ParseUrl, TakesAllPartsApart) {
  const Url url = url_of("https://user:p%40ss@a.example:8443/b/c?d=e&f#g");
  EXPECT_EQ(url.scheme, "https");
  EXPECT_EQ(url.userinfo, "user:p%40ss");
  EXPECT_EQ(url.host, "a.example");
  EXPECT_EQ(url.port, 8443);
  EXPECT_EQ(url.path, "/b/c");
  EXPECT_EQ(url.query, "d=e&f");
  EXPECT_EQ(url.fragment, "g");
  EXPECT_TRUE(url.is_https());
}

TEST(ParseUrl, TellsAMissingPartFromAnEmptyOne) {
  const Url bare = url_of("http://a");
  EXPECT_EQ(bare.userinfo, std::nullopt);
  EXPECT_EQ(bare.port, std::nullopt);
  EXPECT_EQ(bare.path, "");
  EXPECT_EQ(bare.query, std::nullopt);
  EXPECT_EQ(bare.fragment, std::nullopt);
  EXPECT_FALSE(bare.is_https());

  const Url empty = url_of("http://@a:/?#");
  EXPECT_EQ(empty.userinfo, "");
  EXPECT_EQ(empty.port, std::nullopt);  // RFC 3986, section 6.2.3
  EXPECT_EQ(empty.path, "/");
  EXPECT_EQ(empty.query, "");
  EXPECT_EQ(empty.fragment, "");
}

TEST(ParseUrl, LowersSchemeAndHostAndNothingElse) {
  EXPECT_EQ(to_string(url_of("HTTPS://User@A.Example/Path?Query#Fragment")),
            "https://User@a.example/Path?Query#Fragment");
}

TEST(ParseUrl, KeepsPathAndQueryByteForByte) {
  for (const std::string_view text :
       {"http://a//b/../c/./", "http://a/%7euser/%2F%2f", "http://a/b;c=d?e=f?g/h:i@j",
        "http://a?b={c}|[d]^", "http://a/?x=%00", "http://a/!$&'()*+,;=:@"}) {
    EXPECT_EQ(to_string(url_of(text)), text);
  }
}

TEST(ParseUrl, WritesAnIpv6AddressAsRfc5952Says) {
  EXPECT_EQ(url_of("http://[::1]:80/").host, "[::1]");
  EXPECT_EQ(url_of("http://[0:0:0:0:0:0:0:1]/").host, "[::1]");
  EXPECT_EQ(url_of("http://[2001:DB8:0:0::00AB]").host, "[2001:db8::ab]");
  EXPECT_EQ(url_of("http://[::FFFF:127.0.0.1]:5/").host, "[::ffff:127.0.0.1]");
}

TEST(ParseUrl, TakesAHostThatOnlyLooksLikeANumber) {
  for (const std::string_view host : {"0xbox", "7.a.example", "127.1.example", "a1", "1a"})
    EXPECT_EQ(url_of("http://" + std::string(host) + "/").host, host);
}

struct BadUrl {
  std::string_view name, text, why;
};

class BadUrls : public testing::TestWithParam<BadUrl> {};

TEST_P(BadUrls, AreRefusedWithTheReason) {
  EXPECT_THAT(parse_url(GetParam().text), FailsWith(ErrorKind::protocol, GetParam().why));
  EXPECT_EQ(for_log(GetParam().text), "<url>");
}

const BadUrl kBadUrls[] = {
    {"ShortIpv4", "https://127.1/", "neither a name nor an IPv4 address"},
    {"Ipv4AsANumber", "https://2130706433/", "neither a name nor an IPv4 address"},
    {"HexadecimalIpv4", "https://0x7f.0.0.0x1/", "neither a name nor an IPv4 address"},
    {"Ipv4WithADot", "https://127.0.0.1./", "neither a name nor an IPv4 address"},
    {"Empty", "", "http://"},
    {"NoScheme", "a.example/mcp", "http://"},
    {"HostAndPort", "localhost:8080/mcp", "http://"},
    {"OtherScheme", "ftp://a/", "http://"},
    {"SchemeRelative", "//a/b", "http://"},
    {"SchemeOnly", "http:", "no host"},
    {"NoSlashes", "http:a/b", "no host"},
    {"OneSlash", "http:/a/b", "no host"},
    {"EmptyHost", "http:///b", "no host"},
    {"EmptyHostWithPort", "http://:80/", "no host"},
    {"EmptyHostWithUserinfo", "http://u:p@/", "no host"},
    {"EmptyHostWithQuery", "https://?a", "no host"},
    {"PortZero", "http://a:0/", "port"},
    {"PortTooLarge", "http://a:65536/", "port"},
    {"PortFarTooLarge", "http://a:99999999999999999999/", "port"},
    {"PortNegative", "http://a:-1/", "port"},
    {"PortSigned", "http://a:+1/", "port"},
    {"PortName", "http://a:http/", "port"},
    {"PortTwice", "http://a:1:2/", "port"},
    {"PasswordWithASlash", "http://u:p/q@a/", "port"},
    {"SecondAtSign", "http://u@b@a/", "host holds"},
    {"SecondAtSignBehindAPort", "http://u:p@ss:w@a/", "port"},
    {"EncodedHost", "http://%6cocalhost/", "host holds"},
    {"OddHost", "http://a$b/", "host holds"},
    {"BracketNotClosed", "http://[::1/", "bracket"},
    {"BracketInTheMiddle", "http://a[::1]/", "host holds"},
    {"TextBehindTheBracket", "http://[::1]a/", "between"},
    {"NoAddressInBrackets", "http://[a.example]/", "IPv6"},
    {"EmptyBrackets", "http://[]/", "IPv6"},
    {"Ipv4InBrackets", "http://[127.0.0.1]/", "IPv6"},
    {"Zone", "http://[fe80::1%25eth0]/", "IPv6"},
    {"FutureAddress", "http://[v7.x]/", "IPv6"},
    {"NineGroups", "http://[1:2:3:4:5:6:7:8:9]/", "IPv6"},
    {"LeadingSpace", " http://a/", "space"},
    {"SpaceInside", "http://a/b c", "space"},
    {"SpaceInHost", "http://a b/", "space"},
    {"Tab", "http://a/\t", "control"},
    {"LineFeed", "http://a/\r\nHost: b", "control"},
    {"Nul", "http://a/\0b"sv, "control"},
    {"Delete", "http://a/\x7F", "control"},
    {"Backslash", "http://a\\b/", "backslash"},
    {"BackslashInQuery", "http://a/?b\\c", "backslash"},
    {"Quote", "http://a/\"", "quote"},
    {"AngleBracket", "http://a/<b>", "< >"},
    {"Utf8", "http://a/\xC3\xA9", "ASCII"},
    {"InternationalHost", "http://\xC3\xA9.example/", "ASCII"},
    {"BadPercentInPath", "http://a/%zz", "hexadecimal"},
    {"BadPercentInQuery", "http://a/?b=100%", "hexadecimal"},
    {"BadPercentInFragment", "http://a/#%4", "hexadecimal"},
    {"BadPercentInUserinfo", "http://u:100%@a/", "hexadecimal"},
};
INSTANTIATE_TEST_SUITE_P(Rfc3986, BadUrls, testing::ValuesIn(kBadUrls),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(ParseUrl, NeverQuotesThePasswordInAnError) {
  for (const std::string_view text :
       {"http://u:hunter2@", "http://u:hunter2/x@a", "x://u:hunter2@a", "http://u:hunter2@@a",
        "http://u:hunter2@a:x"}) {
    const auto url = parse_url(text);
    ASSERT_FALSE(url.has_value()) << text;
    EXPECT_EQ(url.error().message.find("hunter2"), std::string::npos) << url.error().message;
  }
}

TEST(ParseUrl, ReadsWhatToStringWrites) {
  for (const std::string_view text : {"http://a", "https://u:p@a:1/b?c#d", "http://[::1]:8080/",
                                      "http://a?", "http://a#", "http://@a/", "http://a//b"}) {
    EXPECT_EQ(to_string(url_of(text)), text);
    EXPECT_EQ(url_of(to_string(url_of(text))), url_of(text));
  }
}

TEST(Origin, LeavesOutTheSchemesOwnPort) {
  EXPECT_EQ(origin_of(url_of("http://u:p@A.example:80/b?c")), "http://a.example");
  EXPECT_EQ(origin_of(url_of("https://a.example:443")), "https://a.example");
  EXPECT_EQ(origin_of(url_of("https://a.example:80")), "https://a.example:80");
  EXPECT_EQ(origin_of(url_of("http://a.example:443")), "http://a.example:443");
  EXPECT_EQ(origin_of(url_of("https://[::1]:8443/")), "https://[::1]:8443");
}

TEST(Origin, KnowsThePortThatIsConnectedTo) {
  EXPECT_EQ(port_of(url_of("http://a")), 80);
  EXPECT_EQ(port_of(url_of("https://a")), 443);
  EXPECT_EQ(port_of(url_of("https://a:8443")), 8443);
}

TEST(Origin, IsTheSameForSchemeHostAndPort) {
  const auto same = [](std::string_view a, std::string_view b) {
    return same_origin(url_of(a), url_of(b));
  };
  EXPECT_TRUE(same("http://a/b", "http://A:80/c?d#e"));
  EXPECT_TRUE(same("https://a:443", "https://u:p@a"));
  EXPECT_TRUE(same("http://[::1]", "http://[0::1]"));
  EXPECT_FALSE(same("http://a", "https://a"));
  EXPECT_FALSE(same("http://a:443", "https://a:443"));
  EXPECT_FALSE(same("http://a", "http://a:81"));
  EXPECT_FALSE(same("http://a", "http://b"));
  EXPECT_FALSE(same("http://a", "http://a."));
  EXPECT_FALSE(same("http://a.example", "http://a.example.evil.example"));
}

struct Reference {
  std::string_view reference, target;
};

// RFC 3986, section 5.4, in its order; `g:h`, `http:g` and what else is no http URL is tested
// below.
TEST(Resolve, GivesTheExamplesOfRfc3986) {
  const Reference kNormal[] = {
      {"g", "http://a/b/c/g"},
      {"./g", "http://a/b/c/g"},
      {"g/", "http://a/b/c/g/"},
      {"/g", "http://a/g"},
      {"//g", "http://g"},
      {"?y", "http://a/b/c/d;p?y"},
      {"g?y", "http://a/b/c/g?y"},
      {"#s", "http://a/b/c/d;p?q#s"},
      {"g#s", "http://a/b/c/g#s"},
      {"g?y#s", "http://a/b/c/g?y#s"},
      {";x", "http://a/b/c/;x"},
      {"g;x", "http://a/b/c/g;x"},
      {"g;x?y#s", "http://a/b/c/g;x?y#s"},
      {"", "http://a/b/c/d;p?q"},
      {".", "http://a/b/c/"},
      {"./", "http://a/b/c/"},
      {"..", "http://a/b/"},
      {"../", "http://a/b/"},
      {"../g", "http://a/b/g"},
      {"../..", "http://a/"},
      {"../../", "http://a/"},
      {"../../g", "http://a/g"},
  };
  const Reference kAbnormal[] = {
      {"../../../g", "http://a/g"},
      {"../../../../g", "http://a/g"},
      {"/./g", "http://a/g"},
      {"/../g", "http://a/g"},
      {"g.", "http://a/b/c/g."},
      {".g", "http://a/b/c/.g"},
      {"g..", "http://a/b/c/g.."},
      {"..g", "http://a/b/c/..g"},
      {"./../g", "http://a/b/g"},
      {"./g/.", "http://a/b/c/g/"},
      {"g/./h", "http://a/b/c/g/h"},
      {"g/../h", "http://a/b/c/h"},
      {"g;x=1/./y", "http://a/b/c/g;x=1/y"},
      {"g;x=1/../y", "http://a/b/c/y"},
      {"g?y/./x", "http://a/b/c/g?y/./x"},
      {"g?y/../x", "http://a/b/c/g?y/../x"},
      {"g#s/./x", "http://a/b/c/g#s/./x"},
      {"g#s/../x", "http://a/b/c/g#s/../x"},
  };
  for (const auto& [reference, target] : kNormal)
    EXPECT_EQ(resolved("http://a/b/c/d;p?q", reference), target) << reference;
  for (const auto& [reference, target] : kAbnormal)
    EXPECT_EQ(resolved("http://a/b/c/d;p?q", reference), target) << reference;
}

TEST(Resolve, RefusesWhatIsNoHttpUrl) {
  const Url base = url_of("http://a/b/c/d;p?q");
  EXPECT_THAT(resolve(base, "g:h"), FailsWith(ErrorKind::protocol, "http://"));
  EXPECT_THAT(resolve(base, "http:g"), FailsWith(ErrorKind::protocol, "no host"));
  EXPECT_THAT(resolve(base, "javascript:alert(1)"), FailsWith(ErrorKind::protocol, "http://"));
  EXPECT_THAT(resolve(base, "///g"), FailsWith(ErrorKind::protocol, "no host"));
  EXPECT_THAT(resolve(base, "g h"), FailsWith(ErrorKind::protocol, "space"));
  EXPECT_THAT(resolve(base, "\\\\evil\\g"), FailsWith(ErrorKind::protocol, "backslash"));
  EXPECT_THAT(resolve(base, "%"), FailsWith(ErrorKind::protocol, "hexadecimal"));
}

// The endpoint event of HTTP+SSE (2024-11-05).
TEST(Resolve, ARelativeEndpointKeepsItsQuery) {
  EXPECT_EQ(resolved("https://a.example/mcp/sse?key=1", "/messages?sessionId=a%2Fb/../c"),
            "https://a.example/messages?sessionId=a%2Fb/../c");
  EXPECT_EQ(resolved("https://a.example/mcp/sse?key=1", "messages/?session_id=9"),
            "https://a.example/mcp/messages/?session_id=9");
  EXPECT_EQ(resolved("https://a.example/mcp/sse?key=1", "?session_id=9"),
            "https://a.example/mcp/sse?session_id=9");
}

TEST(Resolve, WorksOnABaseWithoutAPath) {
  EXPECT_EQ(resolved("http://a", "g"), "http://a/g");
  EXPECT_EQ(resolved("http://a?x", ""), "http://a?x");
  EXPECT_EQ(resolved("http://a", "?y"), "http://a?y");
  EXPECT_EQ(resolved("http://a", ".."), "http://a/");
}

TEST(Resolve, TakesTheAuthorityWholeOrNotAtAll) {
  EXPECT_EQ(resolved("http://u:p@a:81/b", "/c"), "http://u:p@a:81/c");
  EXPECT_EQ(resolved("http://u:p@a:81/b", "//c"), "http://c");
  EXPECT_EQ(resolved("http://u:p@a:81/b", "https://a/x/../c"), "https://a/c");
  EXPECT_EQ(resolved("http://a/b", "/c//d/"), "http://a/c//d/");
}

TEST(Loopback, IsThisMachineUnderAnyOfItsNames) {
  for (const std::string_view host :
       {"localhost", "LOCALHOST", "LocalHost.", "127.0.0.1", "127.1.2.3", "127.255.255.254", "::1",
        "[::1]", "0:0:0:0:0:0:0:1", "[0::1]", "[0000:0000::0001]", "::0.0.0.1",
        "[::ffff:127.0.0.1]", "::FFFF:127.9.9.9", "::ffff:7f00:1"}) {
    EXPECT_TRUE(is_loopback(host)) << host;
  }
}

TEST(Loopback, IsNoOtherName) {
  const std::string_view kOthers[] = {"",
                                      ".",
                                      "a.example",
                                      "localhost.a.example",
                                      "a.localhost",
                                      "localhost..",
                                      "[localhost]",
                                      "0.0.0.0",
                                      "126.255.255.255",
                                      "128.0.0.1",
                                      "10.0.0.1",
                                      "127.0.0",
                                      "127.0.0.1.",
                                      "127.0.0.256",
                                      "127.0.0.01",
                                      "127.1",
                                      "0127.0.0.1",
                                      "2130706433",
                                      "0x7f.0.0.1",
                                      "127.0.0.1.a.example",
                                      " 127.0.0.1",
                                      "::",
                                      "[::]",
                                      "::2",
                                      "[::1",
                                      "::1]",
                                      "[",
                                      "[]",
                                      "[[::1]]",
                                      "[::1]:80",
                                      "::1%lo",
                                      "::ffff:126.0.0.1",
                                      "::ffff:0:127.0.0.1",
                                      "::127.0.0.1",
                                      "fe80::1",
                                      "127.0.0.1:80",
                                      "127.0.0.1\0.a.example"sv,
                                      "::1\0"sv};
  for (const auto host : kOthers) {
    EXPECT_FALSE(is_loopback(host)) << host;
  }
}

TEST(ForLog, ShowsNeitherUserinfoNorQueryNorFragment) {
  EXPECT_EQ(for_log("https://u:p@A.example:8443/b/c?code=x#y"),
            "https://a.example:8443/b/c?<redacted>");
  EXPECT_EQ(for_log("http://a?"), "http://a?<redacted>");
  EXPECT_EQ(for_log("http://[::1]:80/b"), "http://[::1]:80/b");
  EXPECT_EQ(for_log(url_of("http://u@a/b#c")), "http://a/b");
  EXPECT_EQ(for_log("u:p@a"), "<url>");
}

}  // namespace
}  // namespace mcpio::codec
