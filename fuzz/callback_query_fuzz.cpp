// SPDX-License-Identifier: MIT
// Input: the query of a request to the callback. No code comes without the state, nor from another
// issuer, and nothing of an answer is shown that is not known to be ours.
#include <string>
#include <string_view>
#include <variant>

#include "oauth/authorization_response.h"
#include "property.h"

namespace mcpio::fuzz {
namespace {

using namespace oauth;

constexpr std::string_view kState = "n-0S6_WzA2Mj";
constexpr std::string_view kIssuer = "https://as.example";

AuthorizationResponse read(std::string_view query, bool promises_iss) {
  return read_authorization_response(query, {.state = Secret(std::string(kState)),
                                             .issuer = std::string(kIssuer),
                                             .promises_iss = promises_iss});
}

bool is_printable(std::string_view text) {
  for (const char c : text)
    if (c < ' ' || c > '~') return false;
  return true;
}

void check_response(std::string_view query, bool promises_iss) {
  const auto response = read(query, promises_iss);
  if (const auto* granted = std::get_if<CodeGranted>(&response))
    check(!granted->code.empty(), "a code is not empty");
  if (const auto* ended = std::get_if<LoginEnded>(&response))
    check(is_printable(ended->message), "what is shown is printable");
  if (!std::holds_alternative<ForeignResponse>(response)) {
    const std::string twice = std::string(query) + "&state=" + std::string(kState);
    check(std::holds_alternative<ForeignResponse>(read(twice, promises_iss)),
          "a repeated state is nobody's");
    const std::string elsewhere = std::string(query) + "&iss=https%3A%2F%2Fevil.example";
    const auto other = read(elsewhere, promises_iss);
    const auto* refused = std::get_if<LoginEnded>(&other);
    check(refused != nullptr && refused->kind == ErrorKind::untrusted,
          "another issuer ends the login");
  }
}

}  // namespace
}  // namespace mcpio::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace mcpio;
  const auto text = fuzz::text_of(bytes, size);
  for (const bool promises_iss : {false, true}) fuzz::check_response(text, promises_iss);

  const auto pasted = oauth::query_of_pasted(text);
  if (!pasted) return 0;
  fuzz::check(pasted->find_first_of(" \t\r\n#") == std::string::npos, "a paste is one plain query");
  fuzz::check_response(*pasted, false);
  return 0;
}
