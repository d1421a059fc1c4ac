// SPDX-License-Identifier: MIT
#include "oauth/auth_method.h"

#include <algorithm>
#include <array>
#include <utility>

namespace mcpio::oauth {
namespace {

struct MethodRow {
  AuthMethod method;
  std::string_view name;
  Material material;
};

constexpr std::array kRows = {
    MethodRow{AuthMethod::none, "none", Material::nothing},
    MethodRow{AuthMethod::client_secret_post, "client_secret_post", Material::secret},
    MethodRow{AuthMethod::client_secret_basic, "client_secret_basic", Material::secret},
    MethodRow{AuthMethod::client_secret_jwt, "client_secret_jwt", Material::secret},
    MethodRow{AuthMethod::private_key_jwt, "private_key_jwt", Material::key},
    MethodRow{AuthMethod::tls_client_auth, "tls_client_auth", Material::certificate},
    MethodRow{AuthMethod::self_signed_tls_client_auth, "self_signed_tls_client_auth",
              Material::certificate},
};

// The table is in the order of the enum.
const MethodRow& row_of(AuthMethod method) { return kRows[std::to_underlying(method)]; }

}  // namespace

std::string_view name_of(AuthMethod method) { return row_of(method).name; }

std::optional<AuthMethod> parse_auth_method(std::string_view name) {
  const auto row = std::ranges::find(kRows, name, &MethodRow::name);
  return row == kRows.end() ? std::nullopt : std::optional(row->method);
}

std::string auth_method_names() {
  std::string names;
  for (const MethodRow& row : kRows) names.append(names.empty() ? "" : ", ").append(row.name);
  return names;
}

Material material_of(AuthMethod method) { return row_of(method).material; }

std::string_view how_to_supply(Material material) {
  switch (material) {
    case Material::secret:
      return "a client secret (--client-secret-file, or MCP_OAUTH_CLIENT_SECRET)";
    case Material::key:
      return "a private key (--client-key) or an assertion (--client-assertion-file, "
             "--client-assertion-command)";
    case Material::certificate:
      return "a client certificate (--oauth-client-cert, --oauth-client-cert-key)";
    case Material::nothing:
      break;
  }
  return "nothing";
}

}  // namespace mcpio::oauth
