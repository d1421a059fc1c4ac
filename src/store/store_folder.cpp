// SPDX-License-Identifier: MIT
#include "store/store_folder.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <system_error>

#include "base/log.h"
#include "store/atomic_file.h"
#include "store/json_file.h"

namespace mcpio::store {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFile = "tokens.json";
constexpr const char* kProfiles = "profiles";

bool has_entries(const AtomicFile& file) {
  const auto text = file.read();
  if (!text) return true;  // unreadable: somebody's, and not to be replaced
  if (!*text) return false;
  const auto object = nlohmann::json::parse(**text, nullptr, /*allow_exceptions=*/false);
  return object.is_object() && !object.empty();
}

// The text of an older file that is worth bringing; empty: there is none.
std::string text_of_older(const AtomicFile& older) {
  const auto text = older.read();
  if (!text) log::warning("older credentials were left alone: {}", text.error().message);
  if (!text || !*text) return {};
  const auto object = nlohmann::json::parse(**text, nullptr, /*allow_exceptions=*/false);
  return object.is_object() && !object.empty() ? **text : std::string();
}

}  // namespace

Result<fs::path> store_folder(const std::string& config_home, const std::string& home) {
  // The specification of the base directories: a relative path is to be ignored.
  if (config_home.starts_with('/')) return fs::path(config_home) / "mcp-stdio";
  if (home.starts_with('/')) return fs::path(home) / ".config" / "mcp-stdio";
  return fail(ErrorKind::config,
              "there is no place for credentials: set HOME or XDG_CONFIG_HOME, or say "
              "--token-store memory");
}

fs::path profile_folder(const fs::path& folder, const std::string& profile) {
  return profile.empty() ? folder : folder / kProfiles / profile;
}

std::vector<std::string> profiles_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code none;
  for (fs::directory_iterator at(folder / kProfiles, none), end; !none && at != end;
       at.increment(none))
    if (is_profile_name(at->path().filename().string()))
      names.push_back(at->path().filename().string());
  std::ranges::sort(names);
  return names;
}

bool is_profile_name(std::string_view name) {
  constexpr std::size_t kMost = 64;
  return !name.empty() && name.size() <= kMost && name[0] != '.' &&
         std::ranges::all_of(name, [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-';
         });
}

void import_older(const fs::path& folder, const std::string& home) {
  const AtomicFile file(folder / kFile);
  if (!home.starts_with('/') || has_entries(file)) return;
  std::error_code unknown;
  const bool is_there = fs::exists(file.path(), unknown);
  const AtomicFile beside(fs::path(home) / ".config" / "mcp-stdio" / kFile);
  const AtomicFile first(fs::path(home) / ".mcp-stdio" / kFile);
  for (const AtomicFile* older : {&beside, &first}) {
    // Who has logged out of everything is not given it back: only what is moved goes into a file
    // that is there.
    if (older->path() == file.path() || (older == &beside && is_there)) continue;
    const std::string text = text_of_older(*older);
    if (text.empty()) continue;
    const auto lock = file.lock();
    if (has_entries(file)) return;  // another process was faster
    const auto written = file.write(text);
    if (!written)
      return log::warning("older credentials were not taken over: {}", written.error().message);
    log::info("took over the credentials in '{}'", older->path().string());
    if (older == &first && older->remove()) ::rmdir(first.path().parent_path().c_str());
    return;
  }
}

}  // namespace mcpio::store
