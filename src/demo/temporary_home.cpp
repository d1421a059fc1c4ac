// SPDX-License-Identifier: MIT
#include "demo/temporary_home.h"

#include <fmt/core.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>

#include "demo/demo_browser.h"

namespace mcpio::demo {

Result<std::unique_ptr<TemporaryHome>> TemporaryHome::make(const std::string& browser_program) {
  std::error_code failed;
  std::string name = (std::filesystem::temp_directory_path(failed) / "mcp-stdio-demo.XXXXXX");
  if (failed || ::mkdtemp(name.data()) == nullptr)
    return fail(ErrorKind::io, fmt::format("no temporary folder: {} (TMPDIR says where)",
                                           failed ? failed.message() : std::strerror(errno)));
  std::unique_ptr<TemporaryHome> home(new TemporaryHome(name));
  std::filesystem::create_symlink(browser_program, home->browser(), failed);
  if (failed) return fail(ErrorKind::io, fmt::format("{}: {}", home->browser(), failed.message()));
  return home;
}

TemporaryHome::~TemporaryHome() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryHome::browser() const { return path_ / kBrowserName; }

std::vector<std::string> TemporaryHome::environment() const {
  constexpr std::array<std::string_view, 11> kPrefixes = {
      "MCP_",         "HTTP_PROXY=", "HTTPS_PROXY=", "ALL_PROXY=", "NO_PROXY=",       "http_proxy=",
      "https_proxy=", "all_proxy=",  "no_proxy=",    "HOME=",      "XDG_CONFIG_HOME="};
  std::vector<std::string> kept{"HOME=" + path_.string(), "XDG_CONFIG_HOME=" + path_.string()};
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    bool is_kept = true;
    for (auto prefix : kPrefixes) is_kept = is_kept && !text.starts_with(prefix);
    if (is_kept) kept.emplace_back(text);
  }
  return kept;
}

}  // namespace mcpio::demo
