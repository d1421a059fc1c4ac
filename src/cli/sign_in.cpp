// SPDX-License-Identifier: MIT
#include "cli/sign_in.h"

#include <unistd.h>

#include <utility>

#include "cli/refresh_command.h"
#include "store/file_store.h"
#include "store/helper_store.h"
#include "store/memory_state.h"
#include "store/memory_store.h"
#include "store/state_file.h"
#include "store/store_folder.h"

namespace mcpio::cli {
namespace {

// Straight to the person at the machine: the address of a login may stand in no log.
void tell(std::string text) {
  std::string_view left = text;
  while (!left.empty()) {
    const ssize_t written = ::write(STDERR_FILENO, left.data(), left.size());
    if (written <= 0) return;
    left.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

// The relay's certificate is for the MCP server's TLS, and shown to nobody else.
http::ClientSettings sign_in_http(const ConnectConfig& config) {
  http::ClientSettings settings = config.http;
  settings.tls.client_cert.clear();
  settings.tls.client_key.clear();
  return settings;
}

std::unique_ptr<store::CredentialStore> credential_store(const ConnectConfig& config,
                                                         const std::filesystem::path& folder) {
  if (config.token_store == TokenStore::memory) return std::make_unique<store::MemoryStore>();
  if (config.token_store == TokenStore::helper)
    return std::make_unique<store::HelperStore>(config.token_helper, config.profile);
  return std::make_unique<store::FileStore>(folder / "tokens.json");
}

Result<std::unique_ptr<Stores>> Stores::open(const ConnectConfig& config) {
  if (config.token_store == TokenStore::memory)
    return std::unique_ptr<Stores>(
        new Stores(credential_store(config, {}), std::make_unique<store::MemoryState>(), {}));
  auto folder = store::store_folder(config.config_home, config.home);
  if (!folder) return propagate(folder);
  if (config.token_store == TokenStore::file && config.profile.empty())
    store::import_older(*folder, config.home);
  *folder = store::profile_folder(*folder, config.profile);
  return std::unique_ptr<Stores>(
      new Stores(credential_store(config, *folder),
                 std::make_unique<store::StateFile>(*folder / "state.json"), *folder / "locks"));
}

Stores::Stores(std::unique_ptr<store::CredentialStore> credentials,
               std::unique_ptr<store::State> state, std::filesystem::path locks)
    : credentials_(std::move(credentials)),
      state_(std::move(state)),
      places_{.credentials = *credentials_, .state = *state_, .locks = std::move(locks)} {}

Result<std::unique_ptr<SignIn>> SignIn::make(asio::any_io_executor executor,
                                             const ConnectConfig& config, const Clock& clock,
                                             auth::StaticCredentials& fields) {
  auto stores = Stores::open(config);
  if (!stores) return propagate(stores);
  return std::unique_ptr<SignIn>(
      new SignIn(std::move(executor), config, clock, fields, *std::move(stores)));
}

SignIn::SignIn(asio::any_io_executor executor, const ConnectConfig& config, const Clock& clock,
               auth::StaticCredentials& fields, std::unique_ptr<Stores> stores)
    : client_(executor, sign_in_http(config)),
      stores_(std::move(stores)),
      refresh_here_(client_, places(), clock, config.oauth),
      refresh_apart_(refresh_here_, places(), config.oauth, refresh_command, {}),
      keeper_(executor, client_, places(), refresher(config), clock, config.oauth, tell),
      authorizer_(keeper_, fields, config.http.proxies, clock, config.allow_http,
                  config.sign_in == SignInMode::first) {}

// What is kept in memory goes with this process, and no other has it.
auth::Refresher& SignIn::refresher(const ConnectConfig& config) {
  if (config.token_store == TokenStore::memory) return refresh_here_;
  return refresh_apart_;
}

}  // namespace mcpio::cli
