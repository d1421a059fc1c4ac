// SPDX-License-Identifier: MIT
#include "cli/status_command.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "base/clock.h"
#include "cli/exit_code.h"
#include "cli/say.h"
#include "cli/sign_in.h"
#include "cli/status_report.h"
#include "store/store_folder.h"

namespace mcpio::cli {
namespace {

Result<void> add_logins(std::vector<StoredLogin>& logins, const ConnectConfig& config,
                        const std::filesystem::path& folder) {
  const auto store = credential_store(config, store::profile_folder(folder, config.profile));
  auto keys = store->keys();
  if (!keys) return propagate(keys);
  for (const std::string& key : *keys) {
    auto found = store->load(key);
    if (!found) return propagate(found);
    if (!*found) continue;
    logins.push_back(stored_login(key, **found, store->place()));
    logins.back().profile = config.profile;
  }
  return ok();
}

// Those of the profile that is named, else of all of them.
Result<std::vector<StoredLogin>> all_logins(ConnectConfig config) {
  auto folder = store::store_folder(config.config_home, config.home);
  if (!folder) return propagate(folder);
  if (config.token_store == TokenStore::file) store::import_older(*folder, config.home);
  std::vector<std::string> profiles = {config.profile};
  if (config.profile.empty())
    std::ranges::move(store::profiles_in(*folder), std::back_inserter(profiles));
  std::vector<StoredLogin> logins;
  for (std::string& profile : profiles) {
    config.profile = std::move(profile);
    auto added = add_logins(logins, config, *folder);
    if (!added) return propagate(added);
  }
  return logins;
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
