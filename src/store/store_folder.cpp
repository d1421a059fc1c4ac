// SPDX-License-Identifier: MIT
#include "store/store_folder.h"

#include <unistd.h>

#include "base/log.h"
#include "store/atomic_file.h"
#include "store/json_file.h"

namespace mcpio::store {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFile = "tokens.json";

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

void import_older(const fs::path& folder, const std::string& home) {
  const AtomicFile file(folder / kFile);
  if (!home.starts_with('/') || has_entries(file)) return;
  const AtomicFile beside(fs::path(home) / ".config" / "mcp-stdio" / kFile);
  const AtomicFile first(fs::path(home) / ".mcp-stdio" / kFile);
  for (const AtomicFile* older : {&beside, &first}) {
    if (older->path() == file.path()) continue;
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
