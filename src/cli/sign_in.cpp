// SPDX-License-Identifier: MIT
#include "cli/sign_in.h"

#include <unistd.h>

#include <tuple>

#include "store/file_store.h"
#include "store/helper_store.h"
#include "store/memory_store.h"
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

// The relay's certificate is for the MCP server's TLS, and shown to nobody else.
http::ClientSettings without_certificate(http::ClientSettings settings) {
  settings.tls.client_cert.clear();
  settings.tls.client_key.clear();
  return settings;
}

}  // namespace

std::unique_ptr<store::CredentialStore> credential_store(const ConnectConfig& config,
                                                         const std::filesystem::path& folder) {
  if (config.token_store == TokenStore::memory) return std::make_unique<store::MemoryStore>();
  if (config.token_store == TokenStore::helper)
    return std::make_unique<store::HelperStore>(config.token_helper, config.profile);
  return std::make_unique<store::FileStore>(folder / "tokens.json");
}

Result<std::unique_ptr<SignIn>> SignIn::make(asio::any_io_executor executor,
                                             const ConnectConfig& config, const Clock& clock,
                                             auth::StaticCredentials& fields) {
  auto folder = store::store_folder(config.config_home, config.home);
  if (!folder) return propagate(folder);
  if (config.token_store == TokenStore::file && config.profile.empty())
    store::import_older(*folder, config.home);
  *folder = store::profile_folder(*folder, config.profile);
  return std::unique_ptr<SignIn>(new SignIn(std::move(executor), config, clock, fields, *folder));
}

SignIn::SignIn(asio::any_io_executor executor, const ConnectConfig& config, const Clock& clock,
               auth::StaticCredentials& fields, const std::filesystem::path& folder)
    : client_(executor, without_certificate(config.http)),
      credentials_(credential_store(config, folder)),
      state_(folder / "state.json"),
      places_{.credentials = *credentials_, .state = state_, .locks = folder / "locks"},
      keeper_(executor, client_, places_, clock, config.oauth, tell),
      authorizer_(keeper_, fields, config.http.proxies, clock, config.allow_http,
                  config.sign_in == SignInMode::first) {}

}  // namespace mcpio::cli
