// SPDX-License-Identifier: MIT
#include "cli/grant_options.h"

#include "cli/command_words.h"
#include "cli/jwt_sources.h"
#include "cli/option_apply.h"
#include "oauth/endpoint_guard.h"

namespace mcpio::cli {
namespace {

using auth::Grant;
using auth::IdentityProvider;
using auth::OAuthSettings;

constexpr auto kSettings = &Config::oauth;
constexpr auto kIdp = &OAuthSettings::idp;
constexpr auto kFiles = &Draft::key_material;

// A program that asks a cloud for a token may have to wait for the network.
constexpr std::chrono::seconds kProgramPatience{60};

constexpr std::string_view kClientAssertionFile = "--client-assertion-file";
constexpr std::string_view kClientAssertionCommand = "--client-assertion-command";
constexpr std::string_view kAssertionFile = "--assertion-file";
constexpr std::string_view kAssertionCommand = "--assertion-command";
constexpr std::string_view kIdTokenFile = "--id-token-file";
constexpr std::string_view kIdTokenCommand = "--id-token-command";

Result<void> put_source(std::shared_ptr<auth::JwtSource>& place,
                        std::shared_ptr<auth::JwtSource> source) {
  if (place)
    return fail(ErrorKind::config,
                fmt::format("there is one already, {}; give only one of them", place->label()));
  place = std::move(source);
  return ok();
}

template <const std::string_view& option, auto... Path>
Result<void> from_file(Draft& draft, Values values) {
  return put_source(member<Path...>(draft), jwt_from_file(std::string(option), values.back()));
}

template <const std::string_view& option, auto... Path>
Result<void> from_program(Draft& draft, Values values) {
  auto words = command_words(values.back());
  if (!words) return propagate(words);
  return put_source(member<Path...>(draft),
                    jwt_from_program(std::string(option), *std::move(words), kProgramPatience));
}

Result<Grant> parse_grant(std::string_view text) {
  return choose<Grant, 5>(text, {{{"authorization-code", Grant::authorization_code},
                                  {"device-code", Grant::device_code},
                                  {"client-credentials", Grant::client_credentials},
                                  {"jwt-bearer", Grant::jwt_bearer},
                                  {"id-jag", Grant::id_jag}}});
}

Result<void> set_grant(Draft& draft, Values values) {
  auto grant = parse_grant(values.back());
  if (!grant) return propagate(grant);
  draft.config.oauth.grant = *grant;
  return ok();
}

// Stands behind --grant in the table, so that is known here.
Result<void> set_device(Draft& draft, Values values) {
  auto on = parse_on(values.back());
  if (!on) return propagate(on);
  std::optional<Grant>& grant = draft.config.oauth.grant;
  if (*on && grant.value_or(Grant::device_code) != Grant::device_code)
    return fail(ErrorKind::config, "--grant says otherwise, give only one of them");
  if (*on) grant = Grant::device_code;
  return ok();
}

// issuer: whether the assertion is for the server itself; endpoint: for the URL it is sent to.
Result<bool> parse_audience(std::string_view text) {
  return choose<bool, 2>(text, {{{"issuer", false}, {"endpoint", true}}});
}

Result<std::string> parse_endpoint(std::string_view text) {
  auto url = oauth::check_endpoint(text, "address");
  if (!url) return fail(ErrorKind::config, url.error().message);
  return std::string(text);
}

const Option kGrantTable[] = {
    {.name = "client-key",
     .placeholder = "FILE",
     .takes = Takes::value,
     .environment = "MCP_STDIO_CLIENT_KEY",
     .purpose = Purpose::who_the_client_is,
     .help = "Prove who the client is by signatures with this private key, PEM or JWK "
             "(private_key_jwt).",
     .apply = parsed<parse_text, kFiles, &KeyMaterial::key_file>},
    {.name = "client-key-passphrase-file",
     .placeholder = "FILE",
     .takes = Takes::value,
     .environment = "MCP_STDIO_CLIENT_KEY_PASSPHRASE_FILE",
     .purpose = Purpose::who_the_client_is,
     .help = "Read the passphrase of the key from this file.",
     .apply = parsed<parse_text, kFiles, &KeyMaterial::passphrase_file>},
    {.name = "client-key-alg",
     .placeholder = "ALG",
     .takes = Takes::value,
     .environment = "MCP_STDIO_CLIENT_KEY_ALG",
     .purpose = Purpose::who_the_client_is,
     .help = "Sign with RS256, PS256, ES256, ES384 or EdDSA, whatever the server lists.",
     .apply = parsed<parse_text, kFiles, &KeyMaterial::key_algorithm>},
    {.name = "client-key-id",
     .placeholder = "ID",
     .takes = Takes::value,
     .environment = "MCP_STDIO_CLIENT_KEY_ID",
     .purpose = Purpose::who_the_client_is,
     .help = "How the server knows the key (kid). Without it: the JWK's, else its thumbprint.",
     .apply = parsed<parse_text, kFiles, &KeyMaterial::key_id>},
    {.name = "client-key-cert",
     .placeholder = "FILE",
     .takes = Takes::value,
     .environment = "MCP_STDIO_CLIENT_KEY_CERT",
     .purpose = Purpose::who_the_client_is,
     .help = "The key's certificate, PEM. Its digest goes along (x5t#S256), as Entra ID wants it.",
     .apply = parsed<parse_text, kFiles, &KeyMaterial::certificate_file>},
    {.name = "oauth-client-cert",
     .placeholder = "FILE",
     .takes = Takes::value,
     .environment = "MCP_STDIO_OAUTH_CLIENT_CERT",
     .purpose = Purpose::who_the_client_is,
     .help = "Prove who the client is by this certificate, PEM (tls_client_auth, "
             "self_signed_tls_client_auth). The MCP server is shown it too.",
     .apply = parsed<parse_text, kFiles, &KeyMaterial::tls_certificate_file>},
    {.name = "oauth-client-cert-key",
     .placeholder = "FILE",
     .takes = Takes::value,
     .environment = "MCP_STDIO_OAUTH_CLIENT_CERT_KEY",
     .purpose = Purpose::who_the_client_is,
     .help = "That certificate's private key, PEM, if it is not in the same file.",
     .apply = parsed<parse_text, kFiles, &KeyMaterial::tls_key_file>},
    {.name = "client-assertion-audience",
     .placeholder = "WHOM",
     .takes = Takes::value,
     .environment = "MCP_STDIO_CLIENT_ASSERTION_AUDIENCE",
     .default_value = "issuer",
     .purpose = Purpose::who_the_client_is,
     .help = "Whom signatures are for: issuer, or endpoint, the URL they are sent to (Okta).",
     .apply = parsed<parse_audience, kConfig, kSettings,
                     &OAuthSettings::assertion_audience_is_endpoint>},
    {.name = "client-assertion-file",
     .placeholder = "FILE",
     .takes = Takes::value,
     .environment = "MCP_STDIO_CLIENT_ASSERTION_FILE",
     .purpose = Purpose::who_the_client_is,
     .help = "Prove who the client is by a JWT that somebody else renews in this file.",
     .apply =
         from_file<kClientAssertionFile, kConfig, kSettings, &OAuthSettings::client_assertion>},
    {.name = "client-assertion-command",
     .placeholder = "COMMAND",
     .takes = Takes::value,
     .environment = "MCP_STDIO_CLIENT_ASSERTION_COMMAND",
     .purpose = Purpose::who_the_client_is,
     .help = "The same, by a JWT that this command prints. It is run without a shell.",
     .apply = from_program<kClientAssertionCommand, kConfig, kSettings,
                           &OAuthSettings::client_assertion>},
    {.name = "grant",
     .placeholder = "GRANT",
     .takes = Takes::value,
     .environment = "MCP_STDIO_GRANT",
     .purpose = Purpose::signing_in,
     .help = "How to get a token: authorization-code, device-code, client-credentials, jwt-bearer "
             "or id-jag. Without it a browser, or where there is none, a device code.",
     .apply = set_grant},
    {.name = "oauth-device",
     .environment = "MCP_STDIO_OAUTH_DEVICE",
     .purpose = Purpose::signing_in,
     .help = "Sign in with a code that is typed on another device: --grant device-code.",
     .apply = set_device},
    {.name = "assertion-file",
     .placeholder = "FILE",
     .takes = Takes::value,
     .environment = "MCP_STDIO_ASSERTION_FILE",
     .purpose = Purpose::without_a_person,
     .help = "With --grant jwt-bearer: the JWT that a token is given for, renewed in this file.",
     .apply = from_file<kAssertionFile, kConfig, kSettings, &OAuthSettings::assertion>},
    {.name = "assertion-command",
     .placeholder = "COMMAND",
     .takes = Takes::value,
     .environment = "MCP_STDIO_ASSERTION_COMMAND",
     .purpose = Purpose::without_a_person,
     .help = "The same, printed by this command. It is run without a shell.",
     .apply = from_program<kAssertionCommand, kConfig, kSettings, &OAuthSettings::assertion>},
    {.name = "idp-issuer",
     .placeholder = "URL",
     .takes = Takes::value,
     .environment = "MCP_STDIO_IDP_ISSUER",
     .purpose = Purpose::without_a_person,
     .help = "With --grant id-jag: the identity provider of your organisation.",
     .apply = parsed<parse_endpoint, kConfig, kSettings, kIdp, &IdentityProvider::issuer>},
    {.name = "idp-token-endpoint",
     .placeholder = "URL",
     .takes = Takes::value,
     .environment = "MCP_STDIO_IDP_TOKEN_ENDPOINT",
     .purpose = Purpose::without_a_person,
     .help = "Its token endpoint. Without it, its metadata are read.",
     .apply = parsed<parse_endpoint, kConfig, kSettings, kIdp, &IdentityProvider::token_endpoint>},
    {.name = "idp-client-id",
     .placeholder = "ID",
     .takes = Takes::value,
     .environment = "MCP_STDIO_IDP_CLIENT_ID",
     .purpose = Purpose::without_a_person,
     .help = "The client at the identity provider.",
     .apply = parsed<parse_text, kConfig, kSettings, kIdp, &IdentityProvider::client_id>},
    {.name = "idp-client-secret-file",
     .placeholder = "FILE",
     .takes = Takes::value,
     .environment = "MCP_STDIO_IDP_CLIENT_SECRET_FILE",
     .purpose = Purpose::without_a_person,
     .help = "That client's secret, in a file.",
     .apply = parsed<parse_text, kFiles, &KeyMaterial::idp_secret_file>},
    {.name = "idp-client-key",
     .placeholder = "FILE",
     .takes = Takes::value,
     .environment = "MCP_STDIO_IDP_CLIENT_KEY",
     .purpose = Purpose::without_a_person,
     .help = "That client's private key, PEM or JWK.",
     .apply = parsed<parse_text, kFiles, &KeyMaterial::idp_key_file>},
    {.name = "id-token-file",
     .placeholder = "FILE",
     .takes = Takes::value,
     .environment = "MCP_STDIO_ID_TOKEN_FILE",
     .purpose = Purpose::without_a_person,
     .help = "The ID token that the identity provider gave for you, renewed in this file. Without "
             "it, you sign in there.",
     .apply = from_file<kIdTokenFile, kConfig, kSettings, kIdp, &IdentityProvider::id_token>},
    {.name = "id-token-command",
     .placeholder = "COMMAND",
     .takes = Takes::value,
     .environment = "MCP_STDIO_ID_TOKEN_COMMAND",
     .purpose = Purpose::without_a_person,
     .help = "The same, printed by this command. It is run without a shell.",
     .apply = from_program<kIdTokenCommand, kConfig, kSettings, kIdp, &IdentityProvider::id_token>},
};

}  // namespace

std::span<const Option> grant_options() { return kGrantTable; }

std::vector<std::string> mistakes_about_grant(const OAuthSettings& settings) {
  std::vector<std::string> mistakes;
  const auto needs = [&](bool is_there, std::string_view grant, std::string_view what) {
    if (!is_there) mistakes.push_back(fmt::format("--grant {} needs {}", grant, what));
  };
  const Grant grant = settings.grant.value_or(Grant::authorization_code);
  const bool has_id = !settings.client_id.empty() || !settings.client_metadata_url.empty();
  if (grant == Grant::client_credentials) needs(has_id, "client-credentials", "--client-id ID");
  if (grant == Grant::jwt_bearer)
    needs(settings.assertion != nullptr, "jwt-bearer",
          "--assertion-file FILE or --assertion-command COMMAND");
  if (grant == Grant::id_jag) {
    const IdentityProvider& idp = settings.idp;
    needs(has_id, "id-jag", "--client-id ID, the client at the MCP server's authorization server");
    const bool is_known = !idp.issuer.empty() || (idp.id_token && !idp.token_endpoint.empty());
    needs(is_known, "id-jag",
          "--idp-issuer URL, or --idp-token-endpoint URL with --id-token-file FILE or "
          "--id-token-command COMMAND");
    needs(!idp.client_id.empty(), "id-jag", "--idp-client-id ID");
  }
  if (grant != Grant::jwt_bearer && settings.assertion)
    mistakes.emplace_back("--assertion-file and --assertion-command need --grant jwt-bearer");
  if (grant != Grant::id_jag && settings.idp.id_token)
    mistakes.emplace_back("--id-token-file and --id-token-command need --grant id-jag");
  return mistakes;
}

}  // namespace mcpio::cli
