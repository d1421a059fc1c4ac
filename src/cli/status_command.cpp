// SPDX-License-Identifier: MIT
#include "cli/status_command.h"

#include <fmt/core.h>

#include "base/clock.h"
#include "cli/exit_code.h"
#include "cli/say.h"
#include "cli/sign_in.h"
#include "cli/status_report.h"
#include "store/store_folder.h"

namespace mcpio::cli {
namespace {

Result<std::vector<StoredLogin>> stored_logins(store::CredentialStore& store) {
  std::vector<StoredLogin> logins;
  auto keys = store.keys();
  if (!keys) return propagate(keys);
  for (const std::string& key : *keys) {
    auto found = store.load(key);
    if (!found) return propagate(found);
    if (*found) logins.push_back(stored_login(key, **found, store.place()));
  }
  return logins;
}

Result<std::vector<StoredLogin>> all_logins(const ConnectConfig& config) {
  auto folder = store::store_folder(config.config_home, config.home);
  if (!folder) return propagate(folder);
  store::import_older(*folder, config.home);
  const auto store = credential_store(config, *folder);
  return stored_logins(*store);
}

}  // namespace

int run_status(const ConnectConfig& config) {
  auto logins = all_logins(config);
  if (!logins) say("error", {logins.error().message});
  if (!logins) return exit_code::kFailed;
  const WallTime now = SystemClock().wall();
  fmt::print("{}", config.json ? status_json(*logins, now) : status_table(*logins, now));
  return exit_code::kOk;
}

}  // namespace mcpio::cli
