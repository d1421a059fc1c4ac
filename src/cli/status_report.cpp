// SPDX-License-Identifier: MIT
#include "cli/status_report.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/redact.h"

namespace mcpio::cli {
namespace {

constexpr std::size_t kColumns = 8;
using Row = std::array<std::string, kColumns>;

double seconds_left(const StoredLogin& login, WallTime now) {
  return *login.expires_at - std::chrono::duration<double>(now.time_since_epoch()).count();
}

// "45 s", "59 min", "23 h", "30 days"
std::string rounded(double seconds) {
  if (seconds < 100) return fmt::format("{:.0f} s", seconds);
  if (seconds < 100 * 60) return fmt::format("{:.0f} min", seconds / 60);
  if (seconds < 100 * 3600) return fmt::format("{:.0f} h", seconds / 3600);
  return fmt::format("{:.0f} days", seconds / 86400);
}

std::string or_dash(const std::string& text) {
  return text.empty() ? "-" : log::escape_controls(text);
}

Row row_of(const StoredLogin& login, WallTime now) {
  return {or_dash(login.server), or_dash(login.issuer), or_dash(login.client),
          or_dash(login.method), or_dash(login.scopes), expiry(login, now),
          or_dash(login.store),  or_dash(login.profile)};
}

}  // namespace

std::string expiry(const StoredLogin& login, WallTime now) {
  if (!login.expires_at) return "not said";
  const double left = seconds_left(login, now);
  if (left > 0) return "in " + rounded(left);
  return login.can_refresh ? "expired, will be refreshed" : "expired, sign in again";
}

StoredLogin stored_login(std::string_view server, const store::Credential& credential,
                         std::string store) {
  return {.server = std::string(server),
          .issuer = credential.issuer.value_or(""),
          .client = credential.client_id.value_or(""),
          .method = credential.token_endpoint_auth_method,
          .scopes = credential.scope.value_or(""),
          .expires_at = credential.expires_at,
          .can_refresh = credential.refresh_token && credential.token_endpoint,
          .store = std::move(store)};
}

std::string status_table(const std::vector<StoredLogin>& logins, WallTime now) {
  if (logins.empty()) return "Nobody is signed in. To sign in: mcp-stdio login URL\n";
  std::vector<Row> rows = {
      {"SERVER", "ISSUER", "CLIENT", "METHOD", "SCOPES", "EXPIRES", "STORE", "PROFILE"}};
  for (const StoredLogin& login : logins) rows.push_back(row_of(login, now));
  const bool has_profiles =
      std::ranges::any_of(logins, [](const StoredLogin& login) { return !login.profile.empty(); });
  const std::size_t columns = has_profiles ? kColumns : kColumns - 1;
  std::array<std::size_t, kColumns> widths{};
  for (const Row& row : rows)
    for (std::size_t i = 0; i < columns; ++i) widths[i] = std::max(widths[i], row[i].size());
  std::string table;
  for (const Row& row : rows) {
    for (std::size_t i = 0; i + 1 < columns; ++i)
      table += fmt::format("{:<{}}", row[i], widths[i] + 2);
    table += row[columns - 1] + '\n';
  }
  return table;
}

std::string status_json(const std::vector<StoredLogin>& logins, WallTime now) {
  using Json = nlohmann::ordered_json;
  const auto or_null = [](const std::string& text) { return text.empty() ? Json() : Json(text); };
  Json list = Json::array();
  for (const StoredLogin& login : logins) {
    Json entry = {{"server", login.server},
                  {"issuer", or_null(login.issuer)},
                  {"client", or_null(login.client)},
                  {"method", or_null(login.method)},
                  {"scopes", or_null(login.scopes)}};
    entry["expiresAt"] = login.expires_at ? Json(*login.expires_at) : Json();
    entry["isExpired"] = login.expires_at && seconds_left(login, now) <= 0;
    entry["canRefresh"] = login.can_refresh;
    entry["store"] = login.store;
    entry["profile"] = or_null(login.profile);
    list.push_back(std::move(entry));
  }
  return Json{{"logins", std::move(list)}}.dump(-1, ' ', false, Json::error_handler_t::replace) +
         '\n';
}

}  // namespace mcpio::cli
