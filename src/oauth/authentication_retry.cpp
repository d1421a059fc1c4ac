// SPDX-License-Identifier: MIT
#include "oauth/authentication_retry.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace mcpio::oauth {
namespace {

constexpr std::size_t kRetries = 2;

bool mentions(const std::string& text, std::string_view word) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  const auto same = [&](char a, char b) { return lower(a) == b; };
  return std::ranges::search(text, word, same).begin() != text.end();
}

bool mentions_one_of(const std::string& text, std::span<const std::string_view> words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return mentions(text, word); });
}

bool misses_client_id(const TokenError& error) {
  constexpr std::string_view kNames[] = {"client_id", "client id", "clientid"};
  constexpr std::string_view kMissing[] = {
      "missing", "required", "must contain", "must include", "not provided", "not found", "empty"};
  return mentions_one_of(error.description, kNames) && mentions_one_of(error.description, kMissing);
}

bool is_about_the_client(const TokenError& error) {
  if (error.refusal == Refusal::client_refused) return true;
  return error.refusal == Refusal::other && error.status == 400 && misses_client_id(error);
}

bool sends_bare_secret(const Authentication& how) {
  return how.method == AuthMethod::client_secret_post ||
         how.method == AuthMethod::client_secret_basic || how.secret_with_none;
}

std::optional<Authentication> for_endpoint(const Authentication& first, const TokenError& error) {
  const bool is_jwt =
      first.method == AuthMethod::private_key_jwt || first.method == AuthMethod::client_secret_jwt;
  if (!is_jwt || error.error != "invalid_client" || !mentions(error.description, "audience"))
    return std::nullopt;
  Authentication next = first;
  next.endpoint_is_audience = true;
  return next;
}

// In the order in which they are tried.
std::vector<Authentication> alternatives(const TokenError& error, const AttemptHistory& history) {
  std::vector<Authentication> ways;
  const Authentication& first = history.tried.front();
  if (const auto way = for_endpoint(first, error)) ways.push_back(*way);
  if (!history.is_ours || !history.has_secret || !sends_bare_secret(first)) return ways;

  constexpr Authentication kBasic = {.method = AuthMethod::client_secret_basic};
  constexpr Authentication kBasicWithId = {.method = AuthMethod::client_secret_basic,
                                           .id_with_basic = true};
  const bool basic_was_tried = std::ranges::find(history.tried, kBasic) != history.tried.end();
  if (basic_was_tried) ways.push_back(kBasicWithId);
  // `none` with a secret is client_secret_post under another name.
  const bool starts_in_header = first.method == AuthMethod::client_secret_basic;
  ways.push_back(starts_in_header ? Authentication{.method = AuthMethod::client_secret_post}
                                  : kBasic);
  return ways;
}

std::optional<Authentication> next_way(const TokenError& error, const AttemptHistory& history) {
  if (history.tried.size() > kRetries) return std::nullopt;
  for (const Authentication& way : alternatives(error, history))
    if (std::ranges::find(history.tried, way) == history.tried.end()) return way;
  return std::nullopt;
}

std::string advice_for(const AttemptHistory& history) {
  const AuthMethod method = history.tried.front().method;
  switch (material_of(method)) {
    case Material::nothing:
      return fmt::format(
          "the authorization server refused a client without a secret: give {}, {}, or {}",
          how_to_supply(Material::secret), how_to_supply(Material::key),
          how_to_supply(Material::certificate));
    case Material::secret:
      if (!history.has_secret)
        return fmt::format("the authorization server wants {}", how_to_supply(Material::secret));
      return "the authorization server did not accept the client secret: check --client-id and "
             "--client-secret-file, or name a method with --token-endpoint-auth-method";
    case Material::key:
      return "the authorization server did not accept the client assertion: check that it knows "
             "the "
             "public key, --client-key-id, and --client-assertion-audience";
    case Material::certificate:
      return "the authorization server did not accept the client certificate: check it against "
             "what is registered there";
  }
  return {};
}

}  // namespace

AfterRefusal after_refusal(const TokenError& error, const AttemptHistory& history) {
  if (error.refusal == Refusal::grant_rejected && history.tried.size() > 1) return LogInAgain();
  if (!is_about_the_client(error)) return NotAboutTheClient();
  if (const auto way = next_way(error, history)) return TryAgain{*way};
  if (history.is_registered && !history.was_re_registered) return RegisterAgain();
  return GiveUp{advice_for(history)};
}

}  // namespace mcpio::oauth
