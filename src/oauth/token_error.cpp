// SPDX-License-Identifier: MIT
#include "oauth/token_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "oauth/answer_members.h"
#include "oauth/peer_text.h"

namespace mcpio::oauth {
namespace {

struct Row {
  std::string_view error;
  Refusal refusal;
};

constexpr std::array kErrors = {
    // RFC 6749, section 5.2.
    Row{"invalid_grant", Refusal::grant_rejected},
    Row{"invalid_client", Refusal::client_refused},
    Row{"unauthorized_client", Refusal::client_refused},
    Row{"invalid_scope", Refusal::scope_refused},
    // RFC 8707, section 2; RFC 9449, section 8.
    Row{"invalid_target", Refusal::resource_refused},
    Row{"use_dpop_nonce", Refusal::nonce_wanted},
    // RFC 8628, section 3.5.
    Row{"authorization_pending", Refusal::authorization_pending},
    Row{"slow_down", Refusal::slow_down},
    Row{"expired_token", Refusal::device_code_expired},
    Row{"access_denied", Refusal::denied},
    // RFC 6749, section 4.1.2.1, has these for the other endpoint; servers use them here as well.
    Row{"server_error", Refusal::unavailable},
    Row{"temporarily_unavailable", Refusal::unavailable},
    // GitHub.
    Row{"bad_verification_code", Refusal::grant_rejected},
    Row{"bad_refresh_token", Refusal::grant_rejected},
    Row{"incorrect_device_code", Refusal::grant_rejected},
    Row{"incorrect_client_credentials", Refusal::client_refused},
    // Slack.
    Row{"invalid_code", Refusal::grant_rejected},
    Row{"code_already_used", Refusal::grant_rejected},
    Row{"invalid_refresh_token", Refusal::grant_rejected},
    Row{"bad_client_secret", Refusal::client_refused},
    Row{"invalid_client_id", Refusal::client_refused},
};

Refusal refusal_of(int status, std::string_view error) {
  // Whatever a server in trouble says of the grant, it may be fine.
  if (status >= 500) return Refusal::unavailable;
  const auto row = std::ranges::find(kErrors, error, &Row::error);
  if (row != kErrors.end()) return row->refusal;
  if (status == 429) return Refusal::unavailable;
  if (status == 401) return Refusal::client_refused;
  return Refusal::other;
}

// "AADSTS" and the digits behind it.
std::string entra_code(std::string_view description) {
  constexpr std::string_view kMark = "AADSTS";
  const std::size_t at = description.find(kMark);
  if (at == description.npos) return {};
  const std::string_view rest = description.substr(at);
  const std::size_t end = rest.find_first_not_of("0123456789", kMark.size());
  const std::string_view code = rest.substr(0, end);
  return code.size() > kMark.size() ? std::string(code) : std::string();
}

std::string shown_or_empty(std::string_view text) { return text.empty() ? "" : shown(text); }

}  // namespace

TokenError make_token_error(int status, std::string_view error, std::string_view description) {
  return {.refusal = refusal_of(status, error),
          .status = status,
          .error = shown_or_empty(error),
          .description = shown_or_empty(description),
          .code = entra_code(description)};
}

TokenError read_token_error(int status, std::string_view body) {
  const auto members = answer_members(body);
  if (!members) return make_token_error(status, "", "");
  // Meta and Google's APIs have an object there: {"error": {"type": ..., "message": ...}}.
  if (const auto object = members->object("error"))
    return make_token_error(status,
                            object->string("type").value_or(object->string("status").value_or("")),
                            object->string("message").value_or(""));
  return make_token_error(status, members->string("error").value_or(""),
                          members->string("error_description").value_or(""));
}

std::string to_string(const TokenError& error) {
  std::string text = fmt::format("{}", error.status);
  if (!error.error.empty()) text += " " + error.error;
  if (!error.description.empty()) text += ": " + error.description;
  return text;
}

}  // namespace mcpio::oauth
