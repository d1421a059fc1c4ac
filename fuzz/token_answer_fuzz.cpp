// SPDX-License-Identifier: MIT
// Input: the body of an answer by the token endpoint. A token fits into a header field, an expiry
// is in the future, and what is shown is printable and short.
#include <chrono>
#include <string_view>
#include <variant>

#include "oauth/device.h"
#include "oauth/registration.h"
#include "oauth/token_response.h"
#include "property.h"

namespace mcpio::fuzz {
namespace {

using namespace oauth;

constexpr std::size_t kShown = 200;
const WallTime kNow = WallTime(std::chrono::seconds(1'700'000'000));

bool is_printable(std::string_view text) {
  for (const char c : text)
    if (c < ' ' || c > '~') return false;
  return true;
}

void check_shown(std::string_view text) {
  check(is_printable(text) && text.size() <= kShown, "what is shown is printable and short");
}

void check_error(const TokenError& error) {
  check_shown(error.error);
  check_shown(error.description);
  check(error.code.empty() || error.code.starts_with("AADSTS"), "a code is one of Entra ID");
}

void check_set(const TokenSet& set) {
  const auto token = set.access_token.reveal();
  check(!token.empty() && is_printable(token) && token.find(' ') == token.npos,
        "a token fits into a header field");
  check(!set.expires_at || *set.expires_at >= kNow, "a token does not expire in the past");
  for (const auto& warning : set.warnings) check(is_printable(warning), "a warning is printable");
}

void check_answer(std::string_view body, int status, TokenBinding binding) {
  const auto answer = read_token_answer({status, "text/plain", body}, kNow, binding);
  if (!answer) return check(is_printable(answer.error().message), "an error is printable");
  if (const auto* error = std::get_if<TokenError>(&*answer)) return check_error(*error);
  const auto& set = std::get<TokenSet>(*answer);
  const bool is_bound = set.scheme == TokenScheme::dpop;
  check(binding == TokenBinding::preferred || is_bound == (binding == TokenBinding::required),
        "a token is bound as it was asked for");
  check_set(set);
}

}  // namespace
}  // namespace mcpio::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace mcpio;
  const auto body = fuzz::text_of(bytes, size);
  for (const int status : {200, 400, 401, 503})
    for (const auto binding :
         {oauth::TokenBinding::none, oauth::TokenBinding::preferred, oauth::TokenBinding::required})
      fuzz::check_answer(body, status, binding);

  const auto answer = oauth::read_device_authorization(200, body);
  const auto* const device = answer ? std::get_if<oauth::DeviceAuthorization>(&*answer) : nullptr;
  if (device != nullptr) {
    fuzz::check_shown(device->user_code);
    fuzz::check(device->interval.count() >= 1 && device->interval.count() <= 60,
                "a bounded interval");
  }
  if (const auto client = oauth::read_registration(201, body, oauth::InitialAccessToken::none))
    fuzz::check(!client->client_id.empty(), "a client has an id");
  return 0;
}
