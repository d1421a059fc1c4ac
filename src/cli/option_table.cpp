// SPDX-License-Identifier: MIT
#include "cli/option_table.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "cli/grant_options.h"
#include "cli/oauth_options.h"
#include "cli/option_apply.h"

namespace mcpio::cli {

namespace {

Result<Transport> parse_transport(std::string_view text) {
  return choose<Transport, 3>(text, {{{"auto", Transport::automatic},
                                      {"streamable-http", Transport::streamable_http},
                                      {"sse", Transport::sse}}});
}

Result<log::Level> parse_log_level(std::string_view text) {
  using log::Level;
  return choose<Level, 5>(text, {{{"trace", Level::trace},
                                  {"debug", Level::debug},
                                  {"info", Level::info},
                                  {"warning", Level::warning},
                                  {"error", Level::error}}});
}

Result<log::Format> parse_log_format(std::string_view text) {
  using log::Format;
  return choose<Format, 2>(text, {{{"text", Format::text}, {"json", Format::json}}});
}

template <auto... Path>
Result<void> patterns(Draft& draft, Values values) {
  for (std::string_view list : values) {
    for (std::size_t at = 0; at <= list.size();) {
      const std::size_t comma = std::min(list.find(',', at), list.size());
      const std::string_view pattern = list.substr(at, comma - at);
      if (pattern.empty()) return fail(ErrorKind::config, "an empty pattern fits no tool");
      member<Path...>(draft).emplace_back(pattern);
      at = comma + 1;
    }
  }
  return ok();
}

Result<void> keep_bearer_token(Draft& draft, Values values) {
  draft.bearer_token = Secret(values.back());
  return ok();
}

Result<void> keep_header_lines(Draft& draft, Values values) {
  draft.header_lines.assign(values.begin(), values.end());
  return ok();
}

// Zero is the old way to say "no limit of its own": what is buffered altogether still has one.
Result<void> set_message_bytes(Draft& draft, Values values) {
  auto bytes = parse_bytes(values.back());
  if (!bytes) return propagate(bytes);
  if (*bytes > limits::kBufferedBytes)
    draft.warnings.emplace_back(
        "--max-message-size is cut to 256M, the most that is ever buffered");
  const bool fits = *bytes > 0 && *bytes <= limits::kBufferedBytes;
  draft.config.max_message_bytes = fits ? *bytes : limits::kBufferedBytes;
  return ok();
}

Result<std::string> parse_proxy(std::string_view text) {
  const auto is_blank = [](unsigned char c) { return c <= ' ' || c == 0x7f; };
  const std::size_t end = text.find("://");
  const std::string_view scheme = end == text.npos ? "http" : text.substr(0, end);
  const std::string_view rest = end == text.npos ? text : text.substr(end + 3);
  if (!rest.empty() && std::ranges::none_of(rest, is_blank))
    for (std::string_view known : {"http", "https", "socks4", "socks4a", "socks5", "socks5h"})
      if (http::equals_ignoring_case(scheme, known)) return fmt::format("{}://{}", known, rest);
  return fail(ErrorKind::config,
              "not a proxy's URL, write http, https, socks4, socks4a, socks5 or socks5h, then "
              "://host:port");
}

Result<void> set_check_by_old_name(Draft& draft, Values values) {
  draft.warnings.emplace_back("--test is deprecated, use --check");
  return parsed<parse_on, kConfig, &Config::check>(draft, values);
}

// --- The table -----------------------------------------------------------------------------------

const Option kTable[] = {
    {.name = "url",
     .placeholder = "URL",
     .takes = Takes::value,
     .environment = "MCP_STDIO_URL",
     .purpose = Purpose::server,
     .help = "The remote MCP server's endpoint, http or https.",
     .is_positional = true,
     .apply = parsed<parse_text, &Draft::server_url>},
    {.name = "transport",
     .placeholder = "NAME",
     .takes = Takes::value,
     .environment = "MCP_STDIO_TRANSPORT",
     .default_value = "auto",
     .purpose = Purpose::server,
     .help = "How the server speaks MCP: streamable-http, sse (the older HTTP+SSE), or auto, which "
             "tries them in this order.",
     .apply = parsed<parse_transport, kConfig, &Config::transport>},

    {.name = "bearer-token",
     .placeholder = "TOKEN",
     .takes = Takes::value,
     .environment = "MCP_BEARER_TOKEN",
     .purpose = Purpose::credentials,
     .help =
         "Send \"Authorization: Bearer TOKEN\". Better given in the environment: other users of "
         "this machine can read command lines.",
     .commands = only_for(Command::connect),
     .is_secret = true,
     .apply = keep_bearer_token},
    {.name = "header",
     .letter = 'H',
     .placeholder = "'NAME: VALUE'",
     .takes = Takes::values,
     .environment = "MCP_STDIO_HEADER",
     .purpose = Purpose::credentials,
     .help = "Send this header with every request; may be repeated. ${VARIABLE} in the value is "
             "taken from the environment; write $${ for a plain ${.",
     .is_secret = true,
     .apply = keep_header_lines},
    {.name = "header-file",
     .placeholder = "FILE",
     .takes = Takes::value,
     .environment = "MCP_STDIO_HEADER_FILE",
     .purpose = Purpose::credentials,
     .help = "Send the headers in FILE, one \"Name: value\" a line. Lines that begin with # are "
             "comments.",
     .apply = parsed<parse_text, &Draft::header_file>},
    {.name = "allow-http",
     .environment = "MCP_STDIO_ALLOW_HTTP",
     .purpose = Purpose::credentials,
     .help = "Send credentials even where everybody on the way can read them: over plain http to "
             "another machine.",
     .apply = parsed<parse_on, kConfig, &Config::allow_http>},

    {.name = "allow-tool",
     .placeholder = "PATTERN",
     .takes = Takes::values,
     .environment = "MCP_STDIO_ALLOW_TOOL",
     .purpose = Purpose::tools,
     .help = "Show and allow only tools whose name fits PATTERN (* and ? as in file names); give "
             "several "
             "with commas, or repeat the option.",
     .apply = patterns<kConfig, &Config::allow_tools>},
    {.name = "ignore-tool",
     .placeholder = "PATTERN",
     .takes = Takes::values,
     .environment = "MCP_STDIO_IGNORE_TOOL",
     .purpose = Purpose::tools,
     .help = "Hide and refuse tools whose name fits PATTERN. Wins over --allow-tool.",
     .apply = patterns<kConfig, &Config::ignore_tools>},
    {.name = "no-normalize-arguments",
     .environment = "MCP_STDIO_NO_NORMALIZE_ARGUMENTS",
     .purpose = Purpose::tools,
     .help = "Pass \"arguments\": null on as it is, instead of making {} of it.",
     .apply = parsed<parse_off, kConfig, &Config::normalize_arguments>},
    {.name = "no-cancel-filter",
     .environment = "MCP_STDIO_NO_CANCEL_FILTER",
     .purpose = Purpose::tools,
     .help = "Pass on answers to requests that the client has cancelled.",
     .apply = parsed<parse_off, kConfig, &Config::cancel_filter>},

    {.name = "timeout-connect",
     .placeholder = "SECONDS",
     .takes = Takes::value,
     .environment = "MCP_STDIO_TIMEOUT_CONNECT",
     .default_value = "10",
     .purpose = Purpose::time_and_size,
     .help = "How long to wait for a connection, TLS included.",
     .apply = parsed<parse_seconds_above_zero, kConfig, &Config::timeout_connect>},
    {.name = "timeout-read",
     .placeholder = "SECONDS",
     .takes = Takes::value,
     .environment = "MCP_STDIO_TIMEOUT_READ",
     .default_value = "120",
     .purpose = Purpose::time_and_size,
     .help = "How long a server may be silent while it answers. Does not apply to tool calls and "
             "open streams.",
     .apply = parsed<parse_seconds_above_zero, kConfig, &Config::timeout_read>},
    {.name = "timeout-request",
     .placeholder = "SECONDS",
     .takes = Takes::value,
     .environment = "MCP_STDIO_TIMEOUT_REQUEST",
     .default_value = "0",
     .purpose = Purpose::time_and_size,
     .help = "How long a request may take in all, tool calls included. 0: as long as it likes.",
     .apply = parsed<parse_seconds, kConfig, &Config::timeout_request>},
    {.name = "sse-read-timeout",
     .placeholder = "SECONDS",
     .takes = Takes::value,
     .environment = "MCP_STDIO_SSE_READ_TIMEOUT",
     .default_value = "300",
     .purpose = Purpose::time_and_size,
     .help = "How long the server's own event stream may be silent before it is opened again. 0: "
             "for ever.",
     .apply = parsed<parse_seconds, kConfig, &Config::sse_read_timeout>},
    {.name = "ping-interval",
     .placeholder = "SECONDS",
     .takes = Takes::value,
     .environment = "MCP_STDIO_PING_INTERVAL",
     .default_value = "0",
     .purpose = Purpose::time_and_size,
     .help = "Ping the server this often, to keep the session alive. 0: never.",
     .apply = parsed<parse_seconds, kConfig, &Config::ping_interval>},
    {.name = "max-message-size",
     .placeholder = "BYTES",
     .takes = Takes::value,
     .environment = "MCP_STDIO_MAX_MESSAGE_SIZE",
     .default_value = "64M",
     .purpose = Purpose::time_and_size,
     .help = "The largest message either side may send, such as 512K or 64M. 0: the most there is "
             "room for, 256M.",
     .apply = set_message_bytes},

    {.name = "proxy",
     .placeholder = "URL",
     .takes = Takes::value,
     .environment = "MCP_STDIO_PROXY",
     .purpose = Purpose::network,
     .help = "Connect through this proxy: http, https, socks4, socks4a, socks5 or socks5h. Without "
             "it HTTPS_PROXY, HTTP_PROXY and ALL_PROXY decide. NO_PROXY always counts.",
     .is_secret = true,
     .apply = parsed<parse_proxy, &Draft::proxy>},
    {.name = "cacert",
     .placeholder = "FILE",
     .takes = Takes::value,
     .environment = "MCP_STDIO_CACERT",
     .purpose = Purpose::network,
     .help = "Trust the certificate authorities in this PEM file. Without it SSL_CERT_FILE and "
             "SSL_CERT_DIR decide, else the system.",
     .apply = parsed<parse_readable_file, kConfig, kHttp, kTls, &http::TlsSettings::ca_file>},
    {.name = "client-cert",
     .placeholder = "FILE",
     .takes = Takes::value,
     .environment = "MCP_STDIO_CLIENT_CERT",
     .purpose = Purpose::network,
     .help = "Show the server this client certificate (PEM).",
     .apply = parsed<parse_readable_file, kConfig, kHttp, kTls, &http::TlsSettings::client_cert>},
    {.name = "client-cert-key",
     .placeholder = "FILE",
     .takes = Takes::value,
     .environment = "MCP_STDIO_CLIENT_CERT_KEY",
     .purpose = Purpose::network,
     .help = "The client certificate's private key (PEM), if it is not in the same file.",
     .apply = parsed<parse_readable_file, kConfig, kHttp, kTls, &http::TlsSettings::client_key>},
    {.name = "insecure",
     .environment = "MCP_STDIO_INSECURE",
     .purpose = Purpose::network,
     .help = "Accept any certificate. Anyone on the way can then read and change everything.",
     .apply = parsed<parse_on, kConfig, kHttp, kTls, &http::TlsSettings::insecure>},
    {.name = "ipv4",
     .environment = "MCP_STDIO_IPV4",
     .purpose = Purpose::network,
     .help = "Use IPv4 only.",
     .apply = parsed<parse_on, &Draft::ipv4>},
    {.name = "ipv6",
     .environment = "MCP_STDIO_IPV6",
     .purpose = Purpose::network,
     .help = "Use IPv6 only.",
     .apply = parsed<parse_on, &Draft::ipv6>},
    {.name = "http1.1",
     .environment = "MCP_STDIO_HTTP1_1",
     .purpose = Purpose::network,
     .help = "Do not offer HTTP/2.",
     .apply = parsed<parse_on, kConfig, kHttp, &http::ClientSettings::http1_only>},
    {.name = "no-tcp-keepalive",
     .environment = "MCP_STDIO_NO_TCP_KEEPALIVE",
     .purpose = Purpose::network,
     .help = "Do not probe idle connections. A dead one is then noticed only when it is used.",
     .apply = parsed<parse_off, kConfig, kHttp, &http::ClientSettings::tcp_keepalive>},

    {.name = "check",
     .environment = "MCP_STDIO_CHECK",
     .purpose = Purpose::checking,
     .help = "Connect, show what the server is and how long each step took, and leave. The exit "
             "code is 0 if all is well, else 1.",
     .apply = parsed<parse_on, kConfig, &Config::check>},
    {.name = "json",
     .environment = "MCP_STDIO_JSON",
     .purpose = Purpose::checking,
     .help = "With --check and status: report as one JSON object.",
     .commands = only_for(Command::connect, Command::status),
     .apply = parsed<parse_on, kConfig, &Config::json>},
    {.name = "test",
     .purpose = Purpose::checking,
     .help = "The former name of --check.",
     .is_hidden = true,
     .in_file = false,
     .apply = set_check_by_old_name},

    {.name = "log-level",
     .placeholder = "LEVEL",
     .takes = Takes::value,
     .environment = "MCP_STDIO_LOG_LEVEL",
     .default_value = "info",
     .purpose = Purpose::logging,
     .help = "trace, debug, info, warning or error. Only trace shows what messages say.",
     .apply = parsed<parse_log_level, kConfig, kLog, &log::Settings::level>},
    {.name = "log-file",
     .placeholder = "FILE",
     .takes = Takes::value,
     .environment = "MCP_STDIO_LOG_FILE",
     .default_value = "stderr",
     .purpose = Purpose::logging,
     .help = "Append the log to FILE. A new one can be read by you alone.",
     .apply = parsed<parse_text, kConfig, kLog, &log::Settings::file>},
    {.name = "log-format",
     .placeholder = "FORMAT",
     .takes = Takes::value,
     .environment = "MCP_STDIO_LOG_FORMAT",
     .default_value = "text",
     .purpose = Purpose::logging,
     .help = "text, or json for one object a line.",
     .apply = parsed<parse_log_format, kConfig, kLog, &log::Settings::format>},

    {.name = "config",
     .placeholder = "FILE",
     .takes = Takes::value,
     .environment = "MCP_STDIO_CONFIG",
     .purpose = Purpose::general,
     .help = "Read options from FILE, a JSON object such as {\"transport\": \"sse\"}. The "
             "environment wins over the file, and the command line over both.",
     .in_file = false},
    {.name = "help",
     .letter = 'h',
     .purpose = Purpose::general,
     .help = "Show this text.",
     .in_file = false},
    {.name = "version",
     .letter = 'V',
     .purpose = Purpose::general,
     .help = "Show the version.",
     .in_file = false},
    {.name = "list-options",
     .purpose = Purpose::general,
     .help = "The table of options, for scripts.",
     .is_hidden = true,
     .in_file = false},
};

}  // namespace

std::string_view heading(Purpose purpose) {
  switch (purpose) {
    case Purpose::server:
      return "Server";
    case Purpose::credentials:
      return "Credentials";
    case Purpose::signing_in:
      return "Signing in (OAuth)";
    case Purpose::who_the_client_is:
      return "Signing in: who the client is";
    case Purpose::browser:
      return "Signing in: the browser";
    case Purpose::authorization_server:
      return "Signing in: the authorization server";
    case Purpose::without_a_person:
      return "Signing in: without a person";
    case Purpose::tools:
      return "Tools and messages";
    case Purpose::time_and_size:
      return "Time and size";
    case Purpose::network:
      return "Network and TLS";
    case Purpose::checking:
      return "Checking a server";
    case Purpose::logging:
      return "Logging";
    case Purpose::general:
      return "General";
  }
  return {};
}

std::string Option::shown() const {
  return is_positional ? std::string(placeholder) : fmt::format("--{}", name);
}

std::span<const Option> option_table() {
  static const std::vector<Option> table = [] {
    std::vector<Option> all(std::begin(kTable), std::end(kTable));
    const auto more = oauth_options();
    all.insert(all.end(), more.begin(), more.end());
    const auto grants = grant_options();
    all.insert(all.end(), grants.begin(), grants.end());
    return all;
  }();
  return table;
}

const Option* find_option(std::string_view name) {
  const auto table = option_table();
  const auto found = std::ranges::find(table, name, &Option::name);
  return found != table.end() ? &*found : nullptr;
}

std::vector<std::string_view> visible_names() {
  std::vector<std::string_view> names;
  for (const Option& option : option_table())
    if (!option.is_hidden && !option.is_positional) names.push_back(option.name);
  return names;
}

std::string option_list() {
  std::string list;
  for (const Option& option : option_table()) {
    if (option.is_hidden) continue;
    list += fmt::format("--{}\t{}\t{}\n", option.name, option.environment,
                        option.in_file ? option.name : "");
  }
  return list;
}

}  // namespace mcpio::cli
