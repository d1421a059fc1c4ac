// SPDX-License-Identifier: MIT
#include "store/helper_store.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/log.h"
#include "base/redact.h"
#include "codec/base64.h"
#include "codec/percent.h"
#include "codec/url.h"
#include "process/short_run.h"
#include "store/server_key.h"

namespace mcpio::store {
namespace {

constexpr std::string_view kUser = "mcp-stdio";
constexpr process::RunLimits kHelperLimits{.time = std::chrono::seconds(30),
                                           .output_bytes = 1024 * 1024};

// What every helper says, on stdout, when there is no such entry.
constexpr std::string_view kNotFound = "credentials not found in native keychain";

std::string first_line(std::string_view text) {
  constexpr std::size_t kMost = 200;
  return log::escape_controls(text.substr(0, std::min(text.find('\n'), kMost)));
}

bool is_not_found(const Error& error) { return error.message.find(kNotFound) != std::string::npos; }

}  // namespace

bool is_helper_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-';
  });
}

HelperStore::HelperStore(std::string name, std::string profile)
    : program_("docker-credential-" + name),
      root_(profile.empty() ? "https://mcp-stdio.invalid/servers/"
                            : fmt::format("https://mcp-stdio.invalid/profiles/{}/", profile)) {}

std::string HelperStore::url_of(std::string_view server) const {
  const std::string key = server_key(server);
  const auto url = codec::parse_url(key);
  const std::string host = url ? url->host : std::string("other");
  return fmt::format("{}{}/{}", root_, codec::percent_encode(host), codec::base64url(key));
}

// Its stdout; what a helper says when it fails stands there too.
Result<std::string> HelperStore::ask(std::string_view verb, std::string_view input) const {
  const process::Command command{.arguments = {program_, std::string(verb)}};
  auto finished = process::run_to_end(command, input, kHelperLimits);
  if (!finished && finished.error().kind == ErrorKind::config)
    return fail(ErrorKind::config, fmt::format("{}; install it, or choose another --token-store",
                                               finished.error().message));
  if (!finished)
    return fail(ErrorKind::io, fmt::format("{} {}: {}", program_, verb, finished.error().message));
  if (finished->status.is_success()) return std::move(finished->output);
  return fail(ErrorKind::io, fmt::format("{} {} failed ({}): {}", program_, verb,
                                         describe(finished->status), first_line(finished->output)));
}

Result<std::optional<Credential>> HelperStore::load(std::string_view server) {
  auto answer = ask("get", url_of(server));
  if (!answer && is_not_found(answer.error())) return std::nullopt;
  if (!answer) return propagate(answer);
  const auto found = nlohmann::json::parse(*answer, nullptr, /*allow_exceptions=*/false);
  const auto secret = found.is_object() ? found.find("Secret") : found.end();
  if (secret == found.end() || !secret->is_string())
    return fail(ErrorKind::io, fmt::format("{} get: the answer has no Secret", program_));
  // What docker-credential-pass 0.6.4 says of an entry that is not there.
  if (secret->get_ref<const std::string&>().empty()) return std::nullopt;
  auto credential = credential_from_json(secret->get_ref<const std::string&>());
  if (credential) return std::optional(*std::move(credential));
  log::warning("the entry of {} in {} cannot be used: {}", codec::for_log(server), program_,
               credential.error().message);
  return std::nullopt;
}

Result<void> HelperStore::save(std::string_view server, const Credential& credential) {
  const nlohmann::json entry = {
      {"ServerURL", url_of(server)}, {"Username", kUser}, {"Secret", to_json(credential)}};
  const Secret text(entry.dump());
  auto answer = ask("store", text.reveal());
  if (!answer) return propagate(answer);
  return ok();
}

Result<void> HelperStore::remove(std::string_view server) {
  auto answer = ask("erase", url_of(server));
  if (answer) return ok();
  // Helpers differ in what they say of an entry that is not there.
  const auto left = keys();
  if (left && std::ranges::find(*left, server_key(server)) == left->end()) return ok();
  return propagate(answer);
}

Result<std::vector<std::string>> HelperStore::keys() {
  auto answer = ask("list", "");
  if (!answer) return propagate(answer);
  const auto all = nlohmann::json::parse(*answer, nullptr, /*allow_exceptions=*/false);
  std::vector<std::string> keys;
  if (!all.is_object()) return keys;  // some write null for an empty list
  for (const auto& [url, user] : all.items()) {
    if (!url.starts_with(root_)) continue;
    auto key = codec::decode_base64url(std::string_view(url).substr(url.rfind('/') + 1));
    if (key) keys.push_back(*std::move(key));
  }
  std::ranges::sort(keys);
  return keys;
}

}  // namespace mcpio::store
