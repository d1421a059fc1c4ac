// SPDX-License-Identifier: MIT
#include "cli/resolve.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "auth/browser.h"
#include "auth/static_credentials.h"
#include "base/log.h"
#include "cli/config_file.h"
#include "cli/grant_options.h"
#include "cli/header_option.h"
#include "cli/option_table.h"
#include "cli/option_values.h"
#include "cli/private_file.h"
#include "cli/version.h"
#include "codec/percent.h"
#include "http/message.h"
#include "oauth/client_metadata_document.h"

namespace mcpio::cli {

namespace {

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// An empty variable is as good as none. A list has one value a line.
void read_environment(const Environment& environment, Settings& settings) {
  for (const Option& option : option_table()) {
    if (option.environment.empty()) continue;
    const std::string name(option.environment);
    auto text = environment(name);
    if (!text) continue;
    auto values = option.takes == Takes::values ? lines_of(*text) : std::vector{*text};
    if (values.empty() || values.front().empty()) continue;
    settings.put(option,
                 {.source = Source::environment, .where = name, .values = std::move(values)});
  }
}

// What concerns more than one option, in the order it is done.
class Finish {
 public:
  // `knows_all`: what is set nowhere may not stand in a file that could not be read.
  Finish(Draft draft, const Settings& settings, bool knows_all, const Environment& environment,
         Resolved& resolved)
      : draft_(std::move(draft)),
        config_(draft_.config),
        settings_(settings),
        knows_all_(knows_all),
        environment_(environment),
        warnings_(resolved.warnings),
        mistakes_(resolved.mistakes) {}

  ConnectConfig run() && {
    config_.home = environment_("HOME").value_or("");
    config_.config_home = environment_("XDG_CONFIG_HOME").value_or("");
    config_.http.user_agent = fmt::format("mcp-stdio/{}", version());
    config_.http.proxies =
        http::ProxySettings::from_environment(std::move(draft_.proxy), environment_);
    read_target();
    exclude();
    collect_credentials();
    read_keys();
    show_certificate();
    settle_sign_in();
    warn();
    return std::move(draft_.config);
  }

 private:
  void read_target() {
    const CommandEntry& command = entry_of(config_.command);
    const Setting* url = settings_.find("url");
    if (command.target == Target::document && url != nullptr && url->source != Source::command_line)
      url = nullptr;  // what is set elsewhere is a server's
    if (command.target == Target::server && read_url(url, command)) read_server_url(*url);
    if (command.target == Target::document && read_url(url, command)) read_document_url(*url);
  }

  // What is a URL but for its beginning.
  static std::string meant_url(const std::string& typed) {
    if (typed.find("://") != typed.npos) return {};
    auto whole = codec::parse_url("https://" + typed);
    if (whole && codec::is_loopback(whole->host)) whole = codec::parse_url("http://" + typed);
    const bool is_address = whole && (whole->host.find_first_of(".:") != std::string::npos ||
                                      codec::is_loopback(whole->host));
    // No question: the log takes a mark behind a URL for its query.
    return is_address ? fmt::format(", as in {}", codec::for_log(*whole)) : std::string();
  }

  // There is one, and it is one.
  bool read_url(const Setting* url, const CommandEntry& command) {
    if (url == nullptr && !knows_all_) return false;
    if (url == nullptr && config_.command == Command::connect)
      mistakes_.usage(
          "the server's URL is missing, as in: mcp-stdio https://example.com/mcp (to see it work "
          "without a server: mcp-stdio demo)");
    else if (url == nullptr)
      mistakes_.usage(fmt::format("the URL is missing, as in: mcp-stdio {}", command.example));
    else if (url->source == Source::command_line && url->values.size() > 1)
      mistakes_.usage("the URL is given twice, there is one server");
    else
      return true;
    return false;
  }

  void read_document_url(const Setting& url) {
    auto good = oauth::check_client_metadata_url(draft_.server_url);
    if (!good) mistakes_.usage(fmt::format("{}: {}", url.where, good.error().message));
    config_.oauth.client_metadata_url = draft_.server_url;
  }

  void read_server_url(const Setting& url) {
    auto parsed = codec::parse_url(draft_.server_url);
    if (!parsed) {
      mistakes_.usage(
          fmt::format("{}: {}{}", url.where, parsed.error().message, meant_url(draft_.server_url)));
      return;
    }
    has_server_ = true;
    userinfo_ = std::exchange(parsed->userinfo, std::nullopt);
    parsed->fragment.reset();
    config_.server = *std::move(parsed);
  }

  void exclude() {
    if (config_.json && !config_.check && config_.command == Command::connect)
      mistakes_.usage("--json works only with --check and status: add one, or leave --json out");
    const bool outlives = config_.token_store != TokenStore::memory;
    if (!outlives && config_.command != Command::connect && config_.command != Command::token)
      mistakes_.configuration(fmt::format(
          "{}: what --token-store memory keeps is gone with its program; leave it out here",
          entry_of(config_.command).name));
    if (draft_.ipv4 && draft_.ipv6)
      mistakes_.configuration("--ipv4 and --ipv6 exclude each other, give only one of them");
    if (draft_.ipv4) config_.http.ip_version = http::IpVersion::v4;
    if (draft_.ipv6) config_.http.ip_version = http::IpVersion::v6;
    if (!config_.http.tls.client_key.empty() && config_.http.tls.client_cert.empty())
      mistakes_.configuration(
          "--client-cert-key needs the certificate too, add --client-cert FILE");
  }

  // Later ones win: userinfo, bearer token, header file, -H.
  void collect_credentials() {
    take_userinfo();
    take_bearer_token();
    take_header_file();
    for (const std::string& line : draft_.header_lines)
      take_header(parse_header(line, environment_));
    if (!config_.credentials.empty() && has_server_) {
      auto safe = auth::check_hop(config_.server, config_.http.proxies, config_.allow_http);
      if (!safe) mistakes_.configuration(std::move(safe).error().message);
    }
    for (const auto& field : config_.credentials) hide(field);
    hide_userinfo(config_.http.proxies.for_http());
    hide_userinfo(config_.http.proxies.for_https());
  }

  void read_keys() {
    KeyFindings found = read_key_material(draft_.key_material, config_.oauth);
    for (std::string& mistake : found.mistakes) mistakes_.configuration(std::move(mistake));
    std::ranges::move(found.warnings, std::back_inserter(warnings_));
  }

  // A token may be bound to the certificate that the login was made with (RFC 8705, section 3), so
  // the MCP server is shown that one, unless the user has said which.
  void show_certificate() {
    auth::OAuthSettings& oauth = config_.oauth;
    http::TlsSettings& tls = config_.http.tls;
    if (!oauth.certificate && tls.client_cert.empty()) return;
    if (tls.client_cert.empty()) {
      oauth.server_certificate = oauth.certificate->files;
      tls.client_cert = oauth.certificate->files->file;
      tls.client_key = oauth.certificate->files->key_file;
      return;
    }
    oauth.server_certificate = std::make_shared<const http::ClientCertificate>(
        http::ClientCertificate{.file = tls.client_cert, .key_file = tls.client_key});
    if (oauth.certificate && oauth.certificate->files->file != tls.client_cert)
      warnings_.emplace_back(
          "the MCP server is shown --client-cert: it will refuse a token that is bound to "
          "--oauth-client-cert; leave --client-cert out if it is not needed");
  }

  void settle_sign_in() {
    if (!has_server_) return;
    auth::OAuthSettings& oauth = config_.oauth;
    oauth.server = config_.server;
    const auto is_authorization = [](const auth::CredentialField& field) {
      return http::equals_ignoring_case(field.name, "Authorization");
    };
    settle_token(std::ranges::any_of(config_.credentials, is_authorization));
    oauth.asking = asking();
    if (config_.command == Command::connect && !config_.check)
      oauth.patience = config_.oauth_eager ? std::chrono::seconds(0) : limits::kSignInPatience;
    if (!oauth.client_secret.empty()) log::hide(oauth.client_secret);
    if (!oauth.client_metadata_url.empty() && !oauth.client_id.empty())
      warnings_.emplace_back("--client-metadata-url is not used: there is a --client-id");
    oauth.has_browser = has_browser();
    for (std::string& mistake : mistakes_about_grant(oauth))
      mistakes_.configuration(std::move(mistake));
    if (oauth.resource && oauth.omit_resource)
      mistakes_.configuration(
          "--oauth-resource and --no-resource-indicator exclude each other, give only one of them");
    for (std::string_view part : {"callback-host", "callback-port", "callback-path"})
      if (!oauth.redirect_uri.empty() && settings_.has(part))
        mistakes_.configuration(
            fmt::format("--redirect-uri and --{} exclude each other, the URI says it all", part));
    for (const auto& field : config_.credentials)
      if (!is_authorization(field) && !http::equals_ignoring_case(field.name, "Cookie"))
        oauth.metadata_fields.emplace_back(field.name, field.value);
  }

  // Whoever brings a token needs none, unless a login is named, which is then made first, and
  // its token takes the place of what is at hand. A token in the environment may be there for other
  // runs; one that is named together with a login is a contradiction.
  void settle_token(bool has_token) {
    const bool is_device = is_on("oauth-device");
    if (is_device && config_.sign_in == SignInMode::first)
      mistakes_.configuration(
          "--oauth and --oauth-device exclude each other; for a code before the first request: "
          "--oauth --grant device-code");
    const Setting* token = settings_.find("bearer-token");
    const bool is_named = token != nullptr && token->source == Source::command_line;
    const bool is_first = config_.sign_in == SignInMode::first;
    if (is_named && (is_device || is_first))
      mistakes_.configuration(
          fmt::format("--{} and --bearer-token exclude each other, give only one of them",
                      is_device ? "oauth-device" : "oauth"));
    if (!has_token) return;
    if (config_.sign_in == SignInMode::when_asked)
      config_.sign_in = is_device ? SignInMode::first : SignInMode::never;
    if (config_.sign_in == SignInMode::first && (has_authorization_header_ || userinfo_))
      warnings_.push_back(
          fmt::format("the login's token replaces {}", has_authorization_header_
                                                           ? "the header Authorization"
                                                           : "the user and password in the URL"));
  }

  bool is_on(std::string_view option) const {
    const Setting* setting = settings_.find(option);
    return setting != nullptr && parse_switch(setting->values.back()).value_or(false);
  }

  // Who says how the address is to be opened, or sits before a terminal, can open it somewhere.
  bool has_browser() const {
    return config_.command == Command::login || !config_.oauth.open_browser ||
           !config_.oauth.browser.empty() || auth::Desktop::from(environment_).can_show_a_browser();
  }

  // Who types `login` or --oauth wants to be asked; a script that wants a token does not.
  auth::Asking asking() const {
    if (!config_.oauth.asks_a_person()) return auth::Asking::always;
    if (config_.command == Command::login || config_.sign_in == SignInMode::first)
      return auth::Asking::always;
    return config_.command == Command::connect ? auth::Asking::once_in_a_while
                                               : auth::Asking::never;
  }

  void take_userinfo() {
    if (!userinfo_) return;
    auto plain = codec::percent_decode(*userinfo_);
    if (!plain || !is_safe_value(*plain)) {
      mistakes_.configuration(
          "URL: user and password must be percent-encoded, without line breaks");
      return;
    }
    log::hide(Secret(*std::move(plain)));
    hide_password(*userinfo_);
    set_field(config_.credentials, auth::basic(*userinfo_));
  }

  void take_bearer_token() {
    if (!draft_.bearer_token) return;
    const Setting& setting = *settings_.find("bearer-token");
    if (draft_.bearer_token->empty()) {
      warnings_.push_back(
          fmt::format("{} is empty, so no Authorization header is sent", setting.where));
      return;
    }
    if (!is_safe_value(draft_.bearer_token->reveal())) {
      mistakes_.configuration(
          fmt::format("{}: the token contains a line break or NUL, copy it again", setting.where));
      return;
    }
    log::hide(*draft_.bearer_token);
    if (set_field(config_.credentials, auth::bearer(*draft_.bearer_token)))
      warnings_.push_back(
          fmt::format("{} replaces the user and password in the URL", setting.where));
  }

  void take_header_file() {
    if (draft_.header_file.empty()) return;
    auto file = read_private_file(draft_.header_file);
    if (!file) {
      mistakes_.configuration(fmt::format("--header-file: {}", file.error().message));
      return;
    }
    auto fields = parse_header_lines(file->text, environment_);
    if (!fields) {
      mistakes_.configuration(
          fmt::format("--header-file: {}: {}", draft_.header_file, fields.error().message));
      return;
    }
    if (auto warning = warning_about(*file, draft_.header_file, true); !warning.empty())
      warnings_.push_back(std::move(warning));
    for (auto& field : *fields) take_header(std::move(field));
  }

  void take_header(Result<auth::CredentialField> field) {
    if (!field) {
      mistakes_.configuration(settings_.find("header")->where + ": " + field.error().message);
      return;
    }
    const bool authorizes = http::equals_ignoring_case(field->name, "Authorization");
    const bool replaces = set_field(config_.credentials, *std::move(field));
    has_authorization_header_ = has_authorization_header_ || authorizes;
    if (authorizes && replaces) warn_of_displaced_authorization();
  }

  // A token from the environment may be there for other runs: replacing it is nothing to warn of.
  void warn_of_displaced_authorization() {
    const Setting* token = settings_.find("bearer-token");
    if (std::exchange(displacement_told_, true)) return;
    if (token != nullptr && !draft_.bearer_token->empty()) {
      if (token->source == Source::environment) return;
      warnings_.push_back(fmt::format("the header Authorization replaces {}", token->where));
    } else if (userinfo_) {
      warnings_.emplace_back("the header Authorization replaces the user and password in the URL");
    }
  }

  // The whole value, and the part behind the scheme: "Bearer abc" and "abc". Well-known values that
  // are no secret stay readable.
  static void hide(const auth::CredentialField& field) {
    for (std::string_view plain : {"Accept", "Accept-Encoding", "Accept-Language", "Content-Type",
                                   "Mcp-Protocol-Version", "User-Agent"})
      if (http::equals_ignoring_case(field.name, plain)) return;
    const std::string_view value = field.value.reveal();
    log::hide(field.value);
    const std::size_t space = value.find(' ');
    if (space != std::string_view::npos) log::hide(Secret(std::string(value.substr(space + 1))));
  }

  static void hide_password(std::string_view userinfo) {
    const std::size_t colon = userinfo.find(':');
    if (colon == std::string_view::npos) return;
    log::hide(Secret(std::string(userinfo.substr(colon + 1))));
    if (auto plain = codec::percent_decode(userinfo.substr(colon + 1)))
      log::hide(Secret(*std::move(plain)));
  }

  // Of a proxy, which need not have a scheme nor be a URL at all: a slash in a password is a common
  // mistake. So everything before the last @ counts.
  static void hide_userinfo(std::string_view proxy) {
    if (const std::size_t scheme = proxy.find("://"); scheme != std::string_view::npos)
      proxy.remove_prefix(scheme + 3);
    const std::size_t at = proxy.rfind('@');
    if (at == std::string_view::npos) return;
    log::hide(Secret(std::string(proxy.substr(0, at))));
    hide_password(proxy.substr(0, at));
  }

  void warn() {
    if (config_.http.tls.insecure)
      warnings_.emplace_back(
          "--insecure: certificates are NOT verified, anyone on the way can read and change "
          "everything; use --cacert FILE to trust a private authority");
    std::ranges::move(draft_.warnings, std::back_inserter(warnings_));
  }

  Draft draft_;
  ConnectConfig& config_;  // draft_'s
  const Settings& settings_;
  const bool knows_all_;
  const Environment& environment_;
  std::vector<std::string>& warnings_;
  Mistakes& mistakes_;

  bool has_server_ = false;
  std::optional<std::string> userinfo_;
  bool displacement_told_ = false;
  bool has_authorization_header_ = false;
};

}  // namespace

Resolved resolve(CommandLine line, const Environment& environment) {
  Resolved resolved;
  resolved.mistakes = std::move(line.mistakes);
  Settings& settings = line.settings;
  read_environment(environment, settings);
  bool knows_all = true;
  if (const Setting* file = settings.find("config"))
    knows_all =
        read_config_file(file->values.back(), settings, resolved.mistakes, resolved.warnings);

  Draft draft;
  draft.config.command = line.command;
  for (const Option& option : option_table()) {
    const Setting* setting = settings.find(option.name);
    if (setting == nullptr || option.apply == nullptr || !takes(line.command, option)) continue;
    auto applied = option.apply(draft, setting->values);
    if (applied) continue;
    auto text = fmt::format("{}: {}", setting->where, applied.error().message);
    if (applied.error().kind == ErrorKind::config)
      resolved.mistakes.usage(std::move(text));
    else
      resolved.mistakes.configuration(std::move(text));
  }
  resolved.config = Finish(std::move(draft), settings, knows_all, environment, resolved).run();
  return resolved;
}

}  // namespace mcpio::cli
