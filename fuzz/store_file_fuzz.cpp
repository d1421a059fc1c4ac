// SPDX-License-Identifier: MIT
// Input: what stands in tokens.json and state.json. An entry that can be read is the same when it
// was written and is read again; what is put into either file is found there, beside everything
// else that was in it.
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/log.h"
#include "property.h"
#include "store/credential.h"
#include "store/file_store.h"
#include "store/state_file.h"

namespace mcpio::fuzz {
namespace {

constexpr auto kServer = "https://mcp.example/mcp";

// In memory where the system has such a folder: each change is synced.
class Folder {
 public:
  Folder() {
    const bool has_memory = ::access("/dev/shm", W_OK) == 0;
    std::string name = has_memory ? "/dev/shm/store_fuzz.XXXXXX" : "/tmp/store_fuzz.XXXXXX";
    path_ = ::mkdtemp(name.data());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }

  std::filesystem::path put(const char* name, std::string_view text) const {
    const auto file = path_ / name;
    std::ofstream(file, std::ios::binary | std::ios::trunc).write(text.data(), text.size());
    std::filesystem::permissions(file, std::filesystem::perms(0600));
    return file;
  }

 private:
  std::filesystem::path path_;
};

bool be_quiet() {
  log::Settings settings;
  settings.level = log::Level::error;
  return log::start(settings).has_value();
}

void check_entry(std::string_view text) {
  const auto entry = store::credential_from_json(text);
  if (!entry) return;
  check(!entry->access_token.empty(), "an entry has a token");
  const std::string written = store::to_json(*entry);
  const auto again = store::credential_from_json(written);
  check(again.has_value(), "an entry that is written is read");
  check(store::to_json(*again) == written, "and is the same one");
}

void check_tokens(const std::filesystem::path& file) {
  store::FileStore tokens(file);
  const auto before = tokens.keys();
  check(before.has_value(), "there is always a list of entries");
  for (const std::string& key : *before) check(tokens.load(key).has_value(), "an entry or none");
  store::Credential entry;
  entry.access_token = Secret("the token");
  check(tokens.save(kServer, entry).has_value(), "an entry is saved");
  const auto found = tokens.load(kServer);
  check(found && *found && (*found)->access_token == entry.access_token, "and found");
  const auto after = tokens.keys();
  for (const std::string& key : *before)
    check(std::ranges::count(*after, key) == 1, "the others are still there");
  check(tokens.remove(kServer).has_value(), "an entry is removed");
  const auto gone = tokens.load(kServer);
  check(gone && !*gone, "and gone");
}

void check_state(const std::filesystem::path& file) {
  store::StateFile state(file);
  for (const char* section : {"logins", "registrations", "dpop", "grants"})
    check(state.find(section, kServer).has_value(), "an object or none");
  check(state.put("logins", kServer, R"({"asked_at":1})").has_value(), "an object is put");
  const auto found = state.find("logins", kServer);
  check(found && *found && (*found)->number("asked_at") == 1.0, "and found");
  check(state.remove("logins", kServer).has_value(), "and removed");
}

}  // namespace
}  // namespace mcpio::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace mcpio;
  static const fuzz::Folder folder;
  static const bool is_quiet = fuzz::be_quiet();
  fuzz::check(is_quiet, "the log starts");
  const auto text = fuzz::text_of(bytes, size);
  fuzz::check_entry(text);
  fuzz::check_tokens(folder.put("tokens.json", text));
  fuzz::check_state(folder.put("state.json", text));
  return 0;
}
