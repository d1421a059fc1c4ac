// SPDX-License-Identifier: MIT
#include "oauth/token_response.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "codec/json_document.h"
#include "oauth/answer_members.h"
#include "oauth/peer_text.h"

namespace mcpio::oauth {
namespace {

using codec::JsonObject;
using std::chrono::seconds;

// Longer lives are cut: WallTime ends in the year 2262.
constexpr double kLongestLife = 10 * 365.25 * 24 * 3600;

bool is_success(int status) { return status >= 200 && status <= 299; }

bool same_word(std::string_view text, std::string_view lower) {
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; };
  return std::ranges::equal(text, lower, same);
}

// Either the members of an answer that holds a token, or the refusal.
Result<std::variant<JsonObject, TokenError>> read_members(const TokenAnswer& answer) {
  if (!is_success(answer.status)) return read_token_error(answer.status, answer.body);
  auto members = answer_members(answer.body);
  if (!members)
    return fail(ErrorKind::protocol,
                fmt::format("the token endpoint answered {} with {} instead of JSON", answer.status,
                            shown(answer.media_type)));
  const auto token = members->string("access_token");
  if ((!token || token->empty()) && members->has("error"))
    return read_token_error(answer.status, answer.body);
  if (!token || token->empty())
    return fail(ErrorKind::protocol, "the token endpoint's answer holds no access_token");
  if (!fits_into_a_field(*token))
    return fail(ErrorKind::protocol,
                "the access_token holds characters that a header field cannot carry");
  const auto id_token = members->string("id_token");
  if (id_token && !fits_into_a_field(*id_token))
    return fail(ErrorKind::protocol,
                "the id_token holds characters that a header field cannot carry");
  return *std::move(members);
}

std::optional<Secret> optional_secret(const JsonObject& members, std::string_view key) {
  auto text = members.string(key);
  if (!text || text->empty()) return std::nullopt;
  return Secret(*std::move(text));
}

void read_expiry(const JsonObject& members, WallTime now, TokenSet& set) {
  if (!members.has("expires_in") || members.text("expires_in") == "null") return;
  const auto life = members.number("expires_in");
  if (!life || *life <= 0) {
    set.warnings.emplace_back(
        "the token endpoint's expires_in is no positive number: the token is "
        "used until it is refused");
    return;
  }
  const std::chrono::duration<double> bounded(std::min(*life, kLongestLife));
  set.expires_at = now + std::chrono::duration_cast<seconds>(bounded);
}

Result<void> read_type(const JsonObject& members, TokenBinding binding, TokenSet& set) {
  const std::string type = members.string("token_type").value_or("Bearer");
  if (same_word(type, "dpop")) {
    if (binding == TokenBinding::none)
      return fail(
          ErrorKind::protocol,
          "the token endpoint answered with a DPoP token that nobody asked for: try --dpop");
    set.scheme = TokenScheme::dpop;
    return ok();
  }
  if (binding == TokenBinding::required)
    return fail(
        ErrorKind::protocol,
        fmt::format("the token endpoint answered with a {} token, which is not bound to our "
                    "key: leave out --dpop, or if the MCP server wants it ask its administrator",
                    shown(type)));
  if (!same_word(type, "bearer"))
    set.warnings.push_back(fmt::format("token_type is {}; using the token as Bearer", shown(type)));
  return ok();
}

}  // namespace

bool fits_into_a_field(std::string_view token) {
  return std::ranges::all_of(token, [](char c) { return c > ' ' && c <= '~'; });
}

Result<std::variant<TokenSet, TokenError>> read_token_answer(const TokenAnswer& answer,
                                                             WallTime now, TokenBinding binding) {
  auto read = read_members(answer);
  if (!read) return propagate(read);
  if (auto* error = std::get_if<TokenError>(&*read)) return std::move(*error);
  const auto& members = std::get<JsonObject>(*read);

  TokenSet set;
  auto typed = read_type(members, binding, set);
  if (!typed) return propagate(typed);
  set.access_token = Secret(members.string("access_token").value_or(""));
  set.refresh_token = optional_secret(members, "refresh_token");
  set.id_token = optional_secret(members, "id_token");
  set.scope = members.string("scope");
  read_expiry(members, now, set);
  return set;
}

Result<std::variant<Secret, TokenError>> read_id_jag_answer(const TokenAnswer& answer) {
  constexpr std::string_view kIdJag = "urn:ietf:params:oauth:token-type:id-jag";
  auto read = read_members(answer);
  if (!read) return propagate(read);
  if (auto* error = std::get_if<TokenError>(&*read)) return std::move(*error);
  const auto& members = std::get<JsonObject>(*read);
  if (const auto type = members.string("issued_token_type"); type != kIdJag)
    return fail(ErrorKind::protocol, fmt::format("the identity provider issued {} instead of {}",
                                                 shown(type.value_or("an unnamed token")), kIdJag));
  return Secret(members.string("access_token").value_or(""));
}

}  // namespace mcpio::oauth
