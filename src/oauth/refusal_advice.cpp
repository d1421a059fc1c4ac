// SPDX-License-Identifier: MIT
#include "oauth/refusal_advice.h"

#include <algorithm>
#include <array>

namespace mcpio::oauth {
namespace {

struct Row {
  std::string_view code;  // of Entra ID, else the `error`
  std::string_view advice;
};

constexpr std::array kAdvice = {
    Row{"AADSTS9010010",
        "the resource does not fit the scope: try --no-resource-indicator, or --oauth-resource"},
    Row{"AADSTS50011", "register the redirect URI there, or give the registered --redirect-uri"},
    Row{"AADSTS50020", "the account is of another tenant: --authorize-param prompt=select_account"},
    Row{"AADSTS50105", "ask an administrator to assign the user to the application"},
    Row{"AADSTS50194", "the tenant must be named: give its metadata with --oauth-metadata"},
    Row{"AADSTS53003",
        "a policy forbids this login: sign in on a managed device and without --oauth-device, or "
        "ask an administrator"},
    Row{"AADSTS65001", "ask an administrator to consent to the application"},
    Row{"AADSTS70011", "a scope is not known there: check --oauth-scope"},
    Row{"AADSTS500011",
        "the resource is not known in that tenant: check --oauth-resource and "
        "--oauth-scope"},
    Row{"AADSTS700016", "the application is not known in that tenant: check --client-id"},
    Row{"AADSTS700025",
        "the application is a public client: leave out the secret, or give "
        "--token-endpoint-auth-method none"},
    Row{"AADSTS7000215",
        "the client secret is wrong (its value is wanted, not its id): check "
        "--client-secret-file"},
    Row{"AADSTS7000218",
        "the application needs a client secret or a key: give "
        "--client-secret-file or --client-key, or make it a public client there"},
    Row{"AADSTS7000222", "the client secret has expired: make a new one there"},
    Row{"AADSTS700027", "the key is not registered there: check --client-key-cert"},
    Row{"AADSTS90014",
        "a field is missing in the request: try --token-endpoint-auth-method "
        "client_secret_post"},
    Row{"AADSTS900144",
        "a field is missing in the request: try --token-endpoint-auth-method "
        "client_secret_post"},
    Row{"AADSTS9002327", "register the redirect URI there for \"Mobile and desktop applications\""},
    Row{"AADSTS700082", "the refresh token has expired: log in again with mcp-stdio login"},
    Row{"AADSTS50076", "the user has to prove more: log in again with mcp-stdio login"},
    Row{"AADSTS50079", "the user has to prove more: log in again with mcp-stdio login"},
    Row{"invalid_grant", "log in again with mcp-stdio login"},
    Row{"access_denied",
        "somebody, or a policy, said no there: try again, or ask the administrator"},
    Row{"invalid_request",
        "a parameter is missing or not wanted there: --authorize-param and --token-param add some, "
        "and --no-resource-indicator leaves one out"},
    Row{"invalid_scope", "check --oauth-scope"},
    Row{"invalid_target", "check --oauth-resource, or try --no-resource-indicator"},
    Row{"unsupported_grant_type", "the authorization server does not offer this --grant"},
    Row{"unauthorized_client", "the client may not use this --grant there"},
    Row{"invalid_dpop_proof", "the clock may be wrong, or leave out --dpop"},
    Row{"redirect_uri_mismatch",
        "register the redirect URI there, or give the registered "
        "--redirect-uri"},
};

}  // namespace

std::string_view advice_for(const TokenError& error) {
  for (const std::string_view key : {std::string_view(error.code), std::string_view(error.error)}) {
    const auto row = std::ranges::find(kAdvice, key, &Row::code);
    if (!key.empty() && row != kAdvice.end()) return row->advice;
  }
  // `server_error` and `temporarily_unavailable` too, and what has no name.
  if (error.refusal == Refusal::unavailable)
    return "the authorization server is in trouble: try again later";
  return {};
}

}  // namespace mcpio::oauth
