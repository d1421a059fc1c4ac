// SPDX-License-Identifier: MIT
#include "cli/client_metadata_command.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "cli/exit_code.h"
#include "cli/say.h"
#include "oauth/client_metadata_document.h"
#include "oauth/registration.h"

namespace mcpio::cli {
namespace {

// Without a port, since a server must let a native client have any (RFC 8252, section 7.3).
std::vector<std::string> redirect_uris(const auth::OAuthSettings& settings) {
  if (!settings.redirect_uri.empty()) return {settings.redirect_uri};
  std::vector<std::string> uris;
  const std::string port =
      settings.callback_port == 0 ? "" : fmt::format(":{}", settings.callback_port);
  for (std::string_view host : {std::string_view(settings.callback_host),
                                std::string_view("127.0.0.1"), std::string_view("localhost")}) {
    std::string uri = fmt::format("http://{}{}{}", host, port, settings.callback_path);
    if (std::ranges::find(uris, uri) == uris.end()) uris.push_back(std::move(uri));
  }
  return uris;
}

}  // namespace

Result<std::string> client_metadata_text(const auth::OAuthSettings& settings) {
  std::string jwks;
  if (settings.key) {
    auto algorithm = oauth::algorithm_for(*settings.key, std::nullopt);
    if (!algorithm) return propagate(algorithm);
    jwks = oauth::jwk_set(*settings.key, *algorithm);
  }
  const std::string document =
      oauth::client_metadata_document(settings.client_metadata_url, redirect_uris(settings), jwks);
  return nlohmann::ordered_json::parse(document).dump(2);
}

int run_client_metadata(const ConnectConfig& config) {
  auto text = client_metadata_text(config.oauth);
  if (!text) say("error", {text.error().message});
  if (!text) return exit_code::kFailed;
  fmt::print("{}\n", *text);
  return exit_code::kOk;
}

}  // namespace mcpio::cli
