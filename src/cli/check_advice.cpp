// SPDX-License-Identifier: MIT
#include <fmt/core.h>

#include "cli/check.h"

namespace mcpio::cli {

namespace {

using Advice = std::vector<std::string>;

bool has_authorization(const ConnectConfig& config) {
  for (const auto& field : config.credentials)
    if (http::equals_ignoring_case(field.name, "Authorization")) return true;
  return false;
}

Advice for_tls(const ConnectConfig& config) {
  if (config.http.tls.insecure) return {"see whether the server speaks TLS at this port at all"};
  return {"if a private authority signed its certificate, name it: --cacert FILE",
          "if the server wants a certificate of yours: --client-cert FILE --client-cert-key FILE",
          "see whether the server speaks TLS at this port at all"};
}

// Where signing in was tried, the message says what came of it.
Advice for_refused_credentials(ErrorKind kind, const ConnectConfig& config) {
  if (has_authorization(config))
    return {"the credentials were refused: has the token expired, is it meant for this server?",
            "to sign in instead, give no token: unset MCP_BEARER_TOKEN"};
  if (kind == ErrorKind::no_sign_in || config.sign_in == SignInMode::never)
    return {"the server wants credentials: set MCP_BEARER_TOKEN, or add -H 'NAME: VALUE'"};
  return {fmt::format("sign in: mcp-stdio login {}", codec::for_log(config.server))};
}

Advice for_status(int status) {
  switch (status) {
    case 403:
      return {"the server knows you and does not let you in: ask whoever runs it for access"};
    case 404:
      return {"check the path: MCP endpoints often end in /mcp, older ones in /sse"};
    case 400:
    case 405:
    case 406:
    case 415:
      return {"an older server speaks another transport: --transport sse",
              "check the path: MCP endpoints often end in /mcp, older ones in /sse"};
    case 407:
      return {"the proxy wants credentials: --proxy http://user:password@host:port"};
    case 429:
      return {"the server asks for a pause: try again in a minute"};
    default:
      break;
  }
  if (status >= 300 && status < 400)
    return {"the server has moved: use the new address as the URL"};
  if (status >= 500) return {"the fault is the server's or its gateway's: try later, see its log"};
  return {};
}

Advice for_kind(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::timed_out:
      return {"a slow server may need more time: --timeout-read SECONDS",
              "if it never answers, see whether a proxy in between holds answers back"};
    case ErrorKind::too_large:
      return {"allow larger messages: --max-message-size 128M"};
    case ErrorKind::network:
      return {"something in between ended the connection: --http1.1, or another network"};
    case ErrorKind::rejected:
      return {"the server refused the request: see its log"};
    default:
      return {"check that the URL is an MCP endpoint and no web page",
              "see what is said: --log-level debug"};
  }
}

}  // namespace

Advice advice_for(const CheckReport& report, const ConnectConfig& config) {
  switch (report.reached) {
    case Stage::name:
      return {"check the spelling of the host's name",
              "if there is a proxy between you and the server: --proxy URL"};
    case Stage::connect:
      return {"check that the server runs, and the port",
              "see whether a firewall or VPN is in between, or a proxy is needed: --proxy URL",
              "one kind of address may be broken: --ipv4 or --ipv6"};
    case Stage::tls:
      return for_tls(config);
    default:
      break;
  }
  if (report.http_status == 401) return for_refused_credentials(report.failure->kind, config);
  if (report.http_status >= 300)
    if (auto advice = for_status(report.http_status); !advice.empty()) return advice;
  return for_kind(report.failure->kind);
}

}  // namespace mcpio::cli
