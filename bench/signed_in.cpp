// SPDX-License-Identifier: MIT
#include "signed_in.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace bench {
namespace {

void use_store_in(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  ::setenv("XDG_CONFIG_HOME", folder.c_str(), 1);
}

}  // namespace

std::string protected_url(const std::string& url) {
  return url.substr(0, url.rfind('/')) + "/signed-in";
}

SignedIn::SignedIn(const Bench& bench) : home_(bench.home) {
  const auto folder = std::filesystem::path(home_) / "signed-in";
  use_store_in(folder);
  const auto file = folder / "mcp-stdio/tokens.json";
  std::filesystem::create_directories(file.parent_path());
  std::filesystem::permissions(file.parent_path(), std::filesystem::perms::owner_all);
  using namespace std::chrono;
  const auto now = duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
  std::ofstream(file) << fmt::format(
      R"({{"{}":{{"access_token":"of-an-earlier-login","refresh_token":"unused",)"
      R"("client_id":"bench","token_endpoint":"{}/token","expires_at":{}}}}})",
      protected_url(bench.url), bench.url.substr(0, bench.url.rfind('/')), now + 3600);
  std::filesystem::permissions(
      file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

SignedIn::~SignedIn() { sign_out(home_); }

void sign_out(const std::string& home) { use_store_in(std::filesystem::path(home) / "signed-out"); }

}  // namespace bench
