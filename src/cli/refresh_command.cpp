// SPDX-License-Identifier: MIT
#include "cli/refresh_command.h"

#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <csignal>
#include <cstdlib>
#include <utility>

#include "auth/credential_lock.h"
#include "auth/token_entry.h"
#include "auth/token_refresh.h"
#include "base/clock.h"
#include "base/environment.h"
#include "base/log.h"
#include "cli/command_line.h"
#include "cli/exit_code.h"
#include "cli/refresh_report.h"
#include "cli/resolve.h"
#include "cli/run_loop.h"
#include "cli/sign_in.h"
#include "http/curl_client.h"
#include "io/deadline.h"
#include "process/this_program.h"

namespace mcpio::cli {
namespace {

constexpr const char* kVariable = "MCP_STDIO_REFRESH_ONLY";
constexpr std::chrono::seconds kWholeRefresh{90};

using Renewed = Result<std::optional<store::Credential>>;

// Nobody may be there any more to read it.
void tell(const RefreshReport& report) {
  const Secret line = to_line(report);
  std::string_view left = line.reveal();
  while (!left.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, left.data(), left.size());
    if (written < 0) return;
    left.remove_prefix(static_cast<std::size_t>(written));
  }
}

// The lock that we were started with comes as stdin, and nothing that we start shall have it.
std::optional<store::ProcessLock> take_lock(const std::filesystem::path& file) {
  auto lock = store::ProcessLock::share(STDIN_FILENO, file);
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (nothing >= 0) ::dup2(nothing, STDIN_FILENO);
  if (nothing > STDERR_FILENO) ::close(nothing);
  return lock ? std::move(lock) : store::ProcessLock::try_take(file);
}

RefreshReport report_of(Renewed renewed) {
  if (!renewed) return std::move(renewed).error();
  if (!*renewed) return GrantSpent();
  return **std::move(renewed);
}

// What the store holds under that digest; else why it is not refreshed.
std::variant<auth::RefreshRequest, RefreshNotMade> request_for(
    const std::string& digest, auth::Places& places, const auth::OAuthSettings& settings) {
  auto stored = places.credentials.load(codec::to_string(settings.server));
  if (!stored) return RefreshNotMade{std::move(stored).error().message};
  if (!*stored || auth::digest_of((*stored)->access_token) != digest)
    return RefreshNotMade{"another token is stored"};
  auth::RefreshRequest request{.credential = **std::move(stored), .proof_key = nullptr};
  const store::Credential& entry = request.credential;
  if (!entry.refresh_token || !entry.token_endpoint || !entry.client_id)
    return RefreshNotMade{"what is stored cannot be refreshed"};
  if (entry.token_type != auth::kBoundType) return request;
  request.proof_key = auth::ProofKey::load(places.state, settings.server);
  if (request.proof_key == nullptr) return RefreshNotMade{"the token's key is not stored"};
  return request;
}

awaitable<Result<int>> refresh(asio::any_io_executor executor, const ConnectConfig& config,
                               std::string digest) {
  auto stores = Stores::open(config);
  if (!stores) {
    tell(RefreshNotMade{stores.error().message});
    co_return exit_code::kFailed;
  }
  tell(RefreshBegun());
  auth::Places& places = (*stores)->places();
  const auto lock =
      take_lock(auth::credential_lock(places.locks, codec::to_string(config.oauth.server)));
  if (!lock) {
    tell(RefreshNotMade{"another process has the lock"});
    co_return exit_code::kFailed;
  }
  auto request = request_for(digest, places, config.oauth);
  if (const auto* const why_not = std::get_if<RefreshNotMade>(&request)) {
    tell(*why_not);
    co_return exit_code::kFailed;
  }
  auto& wanted = std::get<auth::RefreshRequest>(request);
  auth::hide_secrets(wanted.credential);
  const SystemClock clock;
  http::CurlClient client(executor, sign_in_http(config));
  auth::TokenRefresh maker(client, places, clock, config.oauth);
  auto renewed = co_await io::with_deadline(kWholeRefresh, maker.refresh(std::move(wanted), *lock));
  tell(report_of(std::move(renewed)));
  co_return exit_code::kOk;
}

}  // namespace

Result<process::Command> refresh_command(const std::string& digest) {
  return process::this_program(std::string(kVariable) + "=" + digest);
}

bool is_refresh_process() { return process_environment()(kVariable).value_or("") != ""; }

// It lives for a moment, so a signal that ends everybody else is not for it.
int run_refresh(const std::vector<std::string>& arguments) {
  for (const int ignored : {SIGPIPE, SIGTERM, SIGINT, SIGHUP}) std::signal(ignored, SIG_IGN);
  std::string digest = process_environment()(kVariable).value_or("");
  ::unsetenv(kVariable);  // it is not for what we start
  const Resolved resolved = resolve(parse_command_line(arguments), process_environment());
  auto started = log::start(resolved.config.log);
  if (!resolved.mistakes.empty() || !started) {
    tell(RefreshNotMade{"the settings cannot be read a second time"});
    return exit_code::kFailed;
  }
  asio::io_context loop(1);
  return run_to_its_end(loop, refresh(loop.get_executor(), resolved.config, std::move(digest)));
}

}  // namespace mcpio::cli
