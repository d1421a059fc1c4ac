// SPDX-License-Identifier: MIT
#include "oauth/known_providers.h"

#include <algorithm>
#include <string>

namespace mcpio::oauth {
namespace {

struct IssuerPair {
  std::string_view expected, stated;
};

constexpr IssuerPair kConfused[] = {
    // atlassian/atlassian-mcp-server issues 148 and 205: both of its servers, 2026.
    {"https://mcp.atlassian.com", "https://cf.mcp.atlassian.com"},
    {"https://auth.atlassian.com/VCeDsk8ZHncYF1g234fKtc4lNipbBhu3", "https://auth.atlassian.com"},
    // slackapi/slack-skills-plugin issue 7; NousResearch/hermes-agent pull request 111964 (its
    // metadata has named both in turn).
    {"https://mcp.slack.com", "https://slack.com"},
    // openai/codex issue 38944, anthropics/claude-code issue 89528.
    {"https://mcp.facebook.com/ads", "https://www.facebook.com"},
    // modelcontextprotocol/go-sdk issue 953, python-sdk issue 1919: every server of Google.
    {"https://accounts.google.com/", "https://accounts.google.com"},
};

// `*` stands for one label of a name.
constexpr std::string_view kPkceUnsaid[] = {
    // Microsoft Entra ID: modelcontextprotocol/typescript-sdk issue 832, erlef/oidcc issue 376
    // (also
    // for B2C), openiddict/openiddict-core issue 1465. Documents of version 1.0 name
    // sts.windows.net; the national clouds have hosts of their own.
    "https://login.microsoftonline.com",
    "https://login.microsoftonline.us",
    "https://login.partner.microsoftonline.cn",
    "https://sts.windows.net",
    "https://*.b2clogin.com",
    // Amazon Cognito: anthropics/claude-code issue 13275, modelcontextprotocol/python-sdk issue
    // 976.
    "https://cognito-idp.*.amazonaws.com",
};

// Google gives a refresh token only with access_type, and a second one only with prompt:
// can1357/oh-my-pi issue 12438, nicobailon/pi-mcp-adapter issue 238, PrefectHQ/fastmcp pull request
// 2438.
constexpr std::string_view kGoogle = "https://accounts.google.com";

bool matches(std::string_view pattern, std::string_view origin) {
  const std::size_t star = pattern.find('*');
  if (star == pattern.npos) return origin == pattern;
  const std::string_view before = pattern.substr(0, star);
  const std::string_view after = pattern.substr(star + 1);
  if (!origin.starts_with(before)) return false;
  origin.remove_prefix(before.size());
  return origin.find('.') > 0 && origin.substr(std::min(origin.find('.'), origin.size())) == after;
}

}  // namespace

bool KnownProviders::confuse(std::string_view expected, std::string_view stated) const {
  return enabled_ && std::ranges::any_of(kConfused, [&](const IssuerPair& pair) {
           return pair.expected == expected && pair.stated == stated;
         });
}

bool KnownProviders::do_pkce_unsaid(const codec::Url& issuer) const {
  const std::string origin = codec::origin_of(issuer);
  return enabled_ &&
         std::ranges::any_of(kPkceUnsaid, [&](auto pattern) { return matches(pattern, origin); });
}

std::vector<codec::FormField> KnownProviders::authorize_parameters(const codec::Url& issuer) const {
  if (!enabled_ || codec::origin_of(issuer) != kGoogle) return {};
  return {{"access_type", "offline"}, {"prompt", "consent"}};
}

}  // namespace mcpio::oauth
