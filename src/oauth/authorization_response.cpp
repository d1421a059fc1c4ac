// SPDX-License-Identifier: MIT
#include "oauth/authorization_response.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "codec/percent.h"
#include "oauth/peer_text.h"
#include "oauth/refusal_advice.h"
#include "oauth/token_error.h"

namespace mcpio::oauth {
namespace {

using codec::FormField;

class Parameters {
 public:
  explicit Parameters(std::string_view query) : fields_(codec::decode_form(query)) {}

  std::optional<std::string> find(std::string_view name) const {
    const auto found = std::ranges::find(fields_, name, &FormField::name);
    return found == fields_.end() ? std::nullopt : std::optional(found->value);
  }
  // RFC 6749, section 3.1: no parameter more than once.
  bool repeats(std::string_view name) const {
    return std::ranges::count(fields_, name, &FormField::name) > 1;
  }

 private:
  const std::vector<FormField> fields_;
};

bool is_ours(const Parameters& parameters, const ExpectedResponse& expected) {
  const auto state = parameters.find("state");
  return state && !parameters.repeats("state") && !expected.state.empty() &&
         Secret(*state) == expected.state;
}

// RFC 9207, section 2.4, as MCP 2026-07-28 has it: an `iss` that is there is compared, promised or
// not; a promised one must be there.
bool is_from_issuer(const Parameters& parameters, const ExpectedResponse& expected) {
  if (parameters.repeats("iss")) return false;
  const auto issuer = parameters.find("iss");
  return issuer ? *issuer == expected.issuer : !expected.promises_iss;
}

LoginEnded ended(ErrorKind kind, std::string message) {
  return {.kind = kind, .message = std::move(message)};
}

LoginEnded refusal(const Parameters& parameters, const ExpectedResponse& expected) {
  const std::string error = parameters.find("error").value_or("");
  const std::string description = parameters.find("error_description").value_or("");
  std::string text =
      fmt::format("the authorization server {} answered {}", expected.issuer, shown(error));
  if (!description.empty()) text += ": " + shown(description);
  const auto advice = advice_for(make_token_error(0, error, description));
  if (!advice.empty()) text.append("; ").append(advice);
  return ended(ErrorKind::rejected, std::move(text));
}

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

}  // namespace

AuthorizationResponse read_authorization_response(std::string_view query,
                                                  const ExpectedResponse& expected) {
  const Parameters parameters(query);
  if (!is_ours(parameters, expected)) return ForeignResponse();
  if (!is_from_issuer(parameters, expected))
    return ended(
        ErrorKind::untrusted,
        fmt::format("the answer to the login does not come from {}, which was asked: it is "
                    "not used; do not log in to this server again unless you know why",
                    expected.issuer));
  if (parameters.find("error")) return refusal(parameters, expected);
  auto code = parameters.find("code");
  if (!code || code->empty() || parameters.repeats("code"))
    return ended(ErrorKind::protocol,
                 fmt::format("the authorization server {} answered without a code: log in again",
                             expected.issuer));
  return CodeGranted{Secret(*std::move(code))};
}

Result<std::string> query_of_pasted(std::string_view text) {
  std::string query(text);
  std::erase_if(query, is_space);
  // A question mark behind the first parameter belongs to a value.
  if (const std::size_t mark = query.find('?'); mark < query.find('=')) query.erase(0, mark + 1);
  query.erase(std::min(query.find('#'), query.size()));
  if (!Parameters(query).find("state"))
    return fail(
        ErrorKind::config,
        "paste the whole address of the last page, from http to the end: a code alone could "
        "be anybody's");
  return query;
}

}  // namespace mcpio::oauth
