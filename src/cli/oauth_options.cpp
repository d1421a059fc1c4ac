// SPDX-License-Identifier: MIT
#include "cli/oauth_options.h"

#include <boost/asio/ip/address.hpp>

#include "cli/option_apply.h"
#include "cli/private_file.h"
#include "oauth/auth_method.h"
#include "oauth/client_metadata_document.h"
#include "oauth/endpoint_guard.h"
#include "oauth/extra_parameters.h"
#include "store/helper_store.h"
#include "store/store_folder.h"

namespace mcpio::cli {
namespace {

using auth::OAuthSettings;

constexpr auto kOAuth = &Config::oauth;

// Like parsed(), for a member that has no value unless the option is given.
template <auto Parse, auto... Path>
Result<void> optionally(Draft& draft, Values values) {
  auto value = Parse(values.back());
  if (!value) return propagate(value);
  member<Path...>(draft).emplace(*std::move(value));
  return ok();
}

template <auto... Path>
Result<void> secret(Draft& draft, Values values) {
  member<Path...>(draft) = Secret(values.back());
  return ok();
}

// The line in a file of the user's own.
template <auto... Path>
Result<void> secret_in_file(Draft& draft, Values values) {
  const std::string path(values.back());
  auto file = read_private_file(path);
  if (!file) return propagate(file);
  if (auto warning = warning_about(*file, path, true); !warning.empty())
    draft.warnings.push_back(std::move(warning));
  std::string text = std::move(file->text);
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  if (text.empty() || text.find('\n') != text.npos)
    return fail(ErrorKind::config, fmt::format("'{}' must hold the secret in one line", path));
  member<Path...>(draft) = Secret(std::move(text));
  return ok();
}

template <SignInMode mode>
Result<void> sign_in(Draft& draft, Values values) {
  auto on = parse_on(values.back());
  if (!on) return propagate(on);
  if (*on) draft.config.sign_in = mode;
  return ok();
}

Result<oauth::AuthMethod> parse_method(std::string_view text) {
  const auto method = oauth::parse_auth_method(text);
  if (!method)
    return fail(ErrorKind::config,
                fmt::format("'{}' is not known, use one of {}", text, oauth::auth_method_names()));
  return *method;
}

Result<std::string> parse_metadata_url(std::string_view text) {
  auto good = oauth::check_client_metadata_url(text);
  if (!good) return propagate(good);
  return std::string(text);
}

// A document that decides where credentials go: it must be the user's own, as other such files.
Result<auth::GivenMetadata> parse_metadata(std::string_view text) {
  auth::GivenMetadata given;
  if (text.starts_with("https://") || text.starts_with("http://")) {
    auto url = oauth::check_endpoint(text, "metadata");
    if (!url) return propagate(url);
    given.url = *std::move(url);
    return given;
  }
  auto file = read_private_file(std::string(text));
  if (!file) return propagate(file);
  given.text = std::move(file->text);
  return given;
}

// RFC 8707, section 2: an absolute URI without a fragment.
Result<std::string> parse_resource(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == text.npos || colon == 0 || text.find('#') != text.npos)
    return fail(ErrorKind::config,
                fmt::format("'{}' is no absolute URI without a fragment (RFC 8707)", text));
  return std::string(text);
}

// RFC 6749, section 3.1.2. A native client's may have a scheme of its own (RFC 8252, section 7.1).
Result<std::string> parse_redirect_uri(std::string_view text) {
  const auto colon = text.find(':');
  const bool is_uri =
      colon != text.npos && colon > 0 && text.find_first_of("# \"\r\n") == text.npos;
  if (is_uri) return std::string(text);
  return fail(ErrorKind::config, fmt::format("'{}' is no absolute URI without a fragment", text));
}

Result<std::string> parse_path(std::string_view text) {
  if (text.starts_with('/') && text.find_first_of("?# \"\r\n") == text.npos)
    return std::string(text);
  return fail(ErrorKind::config, fmt::format("'{}' is no path, which begins with a slash", text));
}

Result<std::uint16_t> parse_port(std::string_view text) {
  auto number = parse_bytes(text);
  if (number && *number <= 65535 && text.find_first_not_of("0123456789") == text.npos)
    return static_cast<std::uint16_t>(*number);
  return fail(ErrorKind::config, fmt::format("'{}' is no port, 0 to 65535", text));
}

Result<std::string> parse_ip_address(std::string_view text) {
  boost::system::error_code error;
  const auto address = asio::ip::make_address(text, error);
  if (!error) return address.to_string();
  return fail(ErrorKind::config,
              fmt::format("'{}' is no IP address of this machine, such as 0.0.0.0", text));
}

// An IPv6 address stands in brackets in a URL (RFC 3986, section 3.2.2); here it may come without.
Result<std::string> parse_callback_host(std::string_view text) {
  boost::system::error_code error;
  asio::ip::make_address_v6(text, error);
  const std::string host = error ? std::string(text) : fmt::format("[{}]", text);
  auto url = codec::parse_url("http://" + host + "/");
  // Shorter, if the text has a port, a path or the like as well.
  if (url && url->host.size() == host.size()) return std::move(url->host);
  return fail(ErrorKind::config,
              fmt::format("'{}' is no host, such as localhost, 127.0.0.1 or ::1", text));
}

Result<void> set_callback_bind(Draft& draft, Values values) {
  auto address = parse_ip_address(values.back());
  if (!address) return propagate(address);
  if (!asio::ip::make_address(*address).is_loopback())
    draft.warnings.push_back(
        fmt::format("--callback-bind {}: whoever can reach this machine can reach the page that a "
                    "login ends on, while it is under way",
                    *address));
  draft.config.oauth.callback_bind = *std::move(address);
  return ok();
}

Result<std::chrono::seconds> parse_whole_seconds(std::string_view text) {
  auto time = parse_seconds(text);
  if (!time) return propagate(time);
  return std::chrono::ceil<std::chrono::seconds>(*time);
}
Result<std::chrono::seconds> parse_whole_seconds_above_zero(std::string_view text) {
  auto time = parse_seconds_above_zero(text);
  if (!time) return propagate(time);
  return std::chrono::ceil<std::chrono::seconds>(*time);
}

Result<void> set_store(Draft& draft, Values values) {
  constexpr std::string_view kHelper = "helper:";
  const std::string& text = values.back();
  const std::string_view name =
      std::string_view(text).substr(std::min(kHelper.size(), text.size()));
  Config& config = draft.config;
  if (text.starts_with(kHelper) && store::is_helper_name(name)) {
    config.token_store = TokenStore::helper;
    config.token_helper = name;
  } else if (text == "file" || text == "memory") {
    config.token_store = text == "file" ? TokenStore::file : TokenStore::memory;
  } else {
    return fail(ErrorKind::config,
                fmt::format("'{}' is no place for tokens, use file, memory, or helper:NAME for the "
                            "program docker-credential-NAME",
                            text));
  }
  return ok();
}

Result<std::string> parse_profile(std::string_view text) {
  if (store::is_profile_name(text)) return std::string(text);
  return fail(ErrorKind::config,
              fmt::format("'{}' is no name: up to 64 letters, digits, '.', '_' and '-'", text));
}

// The commands that look into the store.
constexpr CommandSet kStored =
    only_for(Command::connect, Command::login, Command::logout, Command::status, Command::token);

template <oauth::ParameterPlace place, auto... Path>
Result<void> parameters(Draft& draft, Values values) {
  for (const std::string& value : values) {
    auto parameter = oauth::parse_extra_parameter(value, place);
    if (!parameter) return propagate(parameter);
    member<Path...>(draft).push_back(*std::move(parameter));
  }
  return ok();
}

const Option kOAuthTable[] = {
    {.name = "oauth",
     .environment = "MCP_STDIO_OAUTH",
     .purpose = Purpose::signing_in,
     .help = "Sign in before the first request, instead of when the server asks for it.",
     .commands = only_for(Command::connect, Command::token),
     .apply = sign_in<SignInMode::first>},
    {.name = "no-oauth",
     .environment = "MCP_STDIO_NO_OAUTH",
     .purpose = Purpose::signing_in,
     .help = "Never sign in: a 401 is an error.",
     .commands = only_for(Command::connect),
     .apply = sign_in<SignInMode::never>},
    {.name = "oauth-eager",
     .environment = "MCP_STDIO_OAUTH_EAGER",
     .purpose = Purpose::signing_in,
     .help = "Answer the client with empty lists as soon as somebody has to sign in, instead of "
             "after 20 s.",
     .commands = only_for(Command::connect),
     .apply = parsed<parse_on, kConfig, &Config::oauth_eager>},
    {.name = "client-id",
     .placeholder = "ID",
     .takes = Takes::value,
     .environment = "MCP_OAUTH_CLIENT_ID",
     .purpose = Purpose::who_the_client_is,
     .help = "The client that was registered for you at the authorization server.",
     .apply = parsed<parse_text, kConfig, kOAuth, &OAuthSettings::client_id>},
    {.name = "client-secret",
     .placeholder = "SECRET",
     .takes = Takes::value,
     .environment = "MCP_OAUTH_CLIENT_SECRET",
     .purpose = Purpose::who_the_client_is,
     .help = "Its secret. Better given in the environment: other users of this machine can read "
             "command lines.",
     .is_secret = true,
     .apply = secret<kConfig, kOAuth, &OAuthSettings::client_secret>},
    {.name = "client-secret-file",
     .placeholder = "FILE",
     .takes = Takes::value,
     .environment = "MCP_STDIO_CLIENT_SECRET_FILE",
     .purpose = Purpose::who_the_client_is,
     .help = "The same, in a file that only you can read.",
     .apply = secret_in_file<kConfig, kOAuth, &OAuthSettings::client_secret>},
    {.name = "oauth-initial-access-token",
     .placeholder = "TOKEN",
     .takes = Takes::value,
     .environment = "MCP_STDIO_OAUTH_INITIAL_ACCESS_TOKEN",
     .purpose = Purpose::who_the_client_is,
     .help = "Show this token when registering, where not everybody may (RFC 7591). Better given "
             "in the environment.",
     .is_secret = true,
     .apply = secret<kConfig, kOAuth, &OAuthSettings::initial_access_token>},
    {.name = "client-metadata-url",
     .placeholder = "URL",
     .takes = Takes::value,
     .environment = "MCP_STDIO_CLIENT_METADATA_URL",
     .purpose = Purpose::who_the_client_is,
     .help = "The https address of a client metadata document; it is the client id.",
     .apply = parsed<parse_metadata_url, kConfig, kOAuth, &OAuthSettings::client_metadata_url>},
    {.name = "token-endpoint-auth-method",
     .placeholder = "METHOD",
     .takes = Takes::value,
     .environment = "MCP_STDIO_TOKEN_ENDPOINT_AUTH_METHOD",
     .purpose = Purpose::who_the_client_is,
     .help = "How the client proves who it is: none, client_secret_post, client_secret_basic, "
             "client_secret_jwt, private_key_jwt, tls_client_auth or self_signed_tls_client_auth. "
             "Without it the server's metadata decide.",
     .apply = optionally<parse_method, kConfig, kOAuth, &OAuthSettings::method>},
    {.name = "oauth-issuer",
     .placeholder = "URL",
     .takes = Takes::value,
     .environment = "MCP_STDIO_OAUTH_ISSUER",
     .purpose = Purpose::authorization_server,
     .help = "The only authorization server that is trusted, with a client secret above all.",
     .apply = optionally<parse_text, kConfig, kOAuth, &OAuthSettings::issuer>},
    {.name = "oauth-metadata",
     .placeholder = "URL|FILE",
     .takes = Takes::value,
     .environment = "MCP_STDIO_OAUTH_METADATA",
     .purpose = Purpose::authorization_server,
     .help = "Take the authorization server's metadata (RFC 8414) from here instead of looking for "
             "them.",
     .apply = optionally<parse_metadata, kConfig, kOAuth, &OAuthSettings::metadata>},
    {.name = "oauth-scope",
     .placeholder = "SCOPES",
     .takes = Takes::value,
     .environment = "MCP_STDIO_OAUTH_SCOPE",
     .purpose = Purpose::signing_in,
     .help = "Ask for these scopes, separated by spaces, instead of those the server names.",
     .apply = optionally<parse_text, kConfig, kOAuth, &OAuthSettings::scope>},
    {.name = "no-offline-access",
     .environment = "MCP_STDIO_NO_OFFLINE_ACCESS",
     .purpose = Purpose::signing_in,
     .help = "Do not add offline_access to the scopes where the server knows it.",
     .apply = parsed<parse_off, kConfig, kOAuth, &OAuthSettings::offline_access>},
    {.name = "oauth-resource",
     .placeholder = "URI",
     .takes = Takes::value,
     .environment = "MCP_STDIO_OAUTH_RESOURCE",
     .purpose = Purpose::authorization_server,
     .help = "Send this as the resource the token is for (RFC 8707).",
     .apply = optionally<parse_resource, kConfig, kOAuth, &OAuthSettings::resource>},
    {.name = "no-resource-indicator",
     .environment = "MCP_STDIO_NO_RESOURCE_INDICATOR",
     .purpose = Purpose::authorization_server,
     .help = "Name no resource, for servers that refuse it.",
     .apply = parsed<parse_on, kConfig, kOAuth, &OAuthSettings::omit_resource>},
    {.name = "authorize-param",
     .placeholder = "NAME=VALUE",
     .takes = Takes::values,
     .environment = "MCP_STDIO_AUTHORIZE_PARAM",
     .purpose = Purpose::authorization_server,
     .help = "Add this to the authorization request, or to the one for a code; may be repeated.",
     .apply = parameters<oauth::ParameterPlace::authorization_request, kConfig, kOAuth,
                         &OAuthSettings::authorize_params>},
    {.name = "token-param",
     .placeholder = "NAME=VALUE",
     .takes = Takes::values,
     .environment = "MCP_STDIO_TOKEN_PARAM",
     .purpose = Purpose::authorization_server,
     .help = "Add this to token requests; may be repeated.",
     .apply = parameters<oauth::ParameterPlace::token_request, kConfig, kOAuth,
                         &OAuthSettings::token_params>},
    {.name = "no-par",
     .environment = "MCP_STDIO_NO_PAR",
     .purpose = Purpose::authorization_server,
     .help = "Do not push authorization requests (RFC 9126) where the server would take them.",
     .apply = parsed<parse_off, kConfig, kOAuth, &OAuthSettings::pushes>},
    {.name = "oauth-use-id-token",
     .environment = "MCP_STDIO_OAUTH_USE_ID_TOKEN",
     .purpose = Purpose::authorization_server,
     .help = "Send the ID token instead of the access token, as AWS wants it.",
     .apply = parsed<parse_on, kConfig, kOAuth, &OAuthSettings::use_id_token>},
    {.name = "dpop",
     .environment = "MCP_STDIO_DPOP",
     .purpose = Purpose::authorization_server,
     .help = "Take only tokens that are bound to a key of ours (DPoP), which are of no use to "
             "thieves. By itself where the server asks for them.",
     .apply = parsed<parse_on, kConfig, kOAuth, &OAuthSettings::dpop>},
    {.name = "oauth-allow-missing-pkce-metadata",
     .environment = "MCP_STDIO_OAUTH_ALLOW_MISSING_PKCE_METADATA",
     .purpose = Purpose::authorization_server,
     .help = "Sign in at a server whose metadata do not say that it does PKCE.",
     .apply = parsed<parse_on, kConfig, kOAuth, &OAuthSettings::allow_missing_pkce_metadata>},
    {.name = "oauth-allow-private",
     .environment = "MCP_STDIO_OAUTH_ALLOW_PRIVATE",
     .purpose = Purpose::authorization_server,
     .help = "Sign in at an authorization server in a private network although the MCP server is "
             "in none.",
     .apply = parsed<parse_on, kConfig, kOAuth, &OAuthSettings::allow_private>},
    {.name = "no-provider-quirks",
     .environment = "MCP_STDIO_NO_PROVIDER_QUIRKS",
     .purpose = Purpose::authorization_server,
     .help = "Do not make up for what certain providers are known to do against the rules.",
     .apply = parsed<parse_off, kConfig, kOAuth, &OAuthSettings::provider_quirks>},
    {.name = "callback-host",
     .placeholder = "NAME",
     .takes = Takes::value,
     .environment = "MCP_STDIO_CALLBACK_HOST",
     .default_value = "127.0.0.1",
     .purpose = Purpose::browser,
     .help = "The host in the redirect URI. localhost listens on both loopback addresses.",
     .apply = parsed<parse_callback_host, kConfig, kOAuth, &OAuthSettings::callback_host>},
    {.name = "callback-port",
     .placeholder = "PORT",
     .takes = Takes::value,
     .environment = "MCP_STDIO_CALLBACK_PORT",
     .default_value = "0",
     .purpose = Purpose::browser,
     .help = "The port in the redirect URI. 0: that of the last registration, else any free one.",
     .apply = parsed<parse_port, kConfig, kOAuth, &OAuthSettings::callback_port>},
    {.name = "callback-path",
     .placeholder = "PATH",
     .takes = Takes::value,
     .environment = "MCP_STDIO_CALLBACK_PATH",
     .default_value = "/callback",
     .purpose = Purpose::browser,
     .help = "The path in the redirect URI.",
     .apply = parsed<parse_path, kConfig, kOAuth, &OAuthSettings::callback_path>},
    {.name = "callback-bind",
     .placeholder = "ADDRESS",
     .takes = Takes::value,
     .environment = "MCP_STDIO_CALLBACK_BIND",
     .purpose = Purpose::browser,
     .help = "Wait for the browser on this address instead of the loopback, as 0.0.0.0 in a "
             "container whose port is published. Others can then reach it.",
     .apply = set_callback_bind},
    {.name = "redirect-uri",
     .placeholder = "URI",
     .takes = Takes::value,
     .environment = "MCP_STDIO_REDIRECT_URI",
     .purpose = Purpose::browser,
     .help = "Use exactly this redirect URI. It is listened on if it is http on this machine; else "
             "the answer is pasted into the terminal of mcp-stdio login.",
     .apply = parsed<parse_redirect_uri, kConfig, kOAuth, &OAuthSettings::redirect_uri>},
    {.name = "browser",
     .placeholder = "PROGRAM",
     .takes = Takes::value,
     .environment = "MCP_STDIO_BROWSER",
     .purpose = Purpose::browser,
     .help = "Open this browser instead of the desktop's own. The address is its only argument.",
     .apply = parsed<parse_text, kConfig, kOAuth, &OAuthSettings::browser>},
    {.name = "no-browser",
     .environment = "MCP_STDIO_NO_BROWSER",
     .purpose = Purpose::browser,
     .help = "Open none; the address is only printed.",
     .apply = parsed<parse_off, kConfig, kOAuth, &OAuthSettings::open_browser>},
    {.name = "oauth-timeout",
     .placeholder = "SECONDS",
     .takes = Takes::value,
     .environment = "MCP_STDIO_OAUTH_TIMEOUT",
     .default_value = "300",
     .purpose = Purpose::signing_in,
     .help = "How long to wait for somebody to sign in.",
     .apply = parsed<parse_whole_seconds_above_zero, kConfig, kOAuth, &OAuthSettings::timeout>},
    {.name = "oauth-refresh-leeway",
     .placeholder = "SECONDS",
     .takes = Takes::value,
     .environment = "MCP_OAUTH_REFRESH_LEEWAY",
     .default_value = "60",
     .purpose = Purpose::signing_in,
     .help = "Refresh a token this long before it expires.",
     .apply = parsed<parse_whole_seconds, kConfig, kOAuth, &OAuthSettings::refresh_leeway>},
    {.name = "no-proactive-refresh",
     .environment = "MCP_STDIO_NO_PROACTIVE_REFRESH",
     .purpose = Purpose::signing_in,
     .help = "Refresh tokens only when a request needs one.",
     .commands = only_for(Command::connect),
     .apply = parsed<parse_off, kConfig, &Config::proactive_refresh>},
    {.name = "token-store",
     .placeholder = "PLACE",
     .takes = Takes::value,
     .environment = "MCP_STDIO_TOKEN_STORE",
     .default_value = "file",
     .purpose = Purpose::signing_in,
     .help = "Where tokens rest: file, which only you can read; memory, until the program ends; or "
             "helper:NAME, the keychain behind docker-credential-NAME (secretservice, osxkeychain, "
             "wincred, pass).",
     .commands = kStored,
     .apply = set_store},
    {.name = "profile",
     .placeholder = "NAME",
     .takes = Takes::value,
     .environment = "MCP_STDIO_PROFILE",
     .purpose = Purpose::signing_in,
     .help = "Keep separate credentials under this name, for a second account at one server.",
     .commands = kStored,
     .apply = parsed<parse_profile, kConfig, &Config::profile>},
    {.name = "forget",
     .environment = "MCP_STDIO_FORGET",
     .purpose = Purpose::signing_in,
     .help = "With logout: give up the registration at the authorization server too (RFC 7592).",
     .commands = only_for(Command::logout),
     .apply = parsed<parse_on, kConfig, &Config::forget>},
};

}  // namespace

std::span<const Option> oauth_options() { return kOAuthTable; }

}  // namespace mcpio::cli
