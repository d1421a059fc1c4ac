// SPDX-License-Identifier: MIT
#include "oauth/challenges.h"

#include <algorithm>
#include <vector>

#include "codec/challenge.h"

namespace mcpio::oauth {
namespace {

using codec::Challenge;
using Challenges = std::vector<Challenge>;

constexpr std::string_view kUseNonce = "use_dpop_nonce";

std::string_view name_of(TokenScheme scheme) {
  return scheme == TokenScheme::dpop ? "dpop" : "bearer";
}

void append_all(Challenges& out, const Challenges& all, TokenScheme scheme) {
  for (const Challenge& challenge : all)
    if (codec::find_challenge({&challenge, 1}, name_of(scheme))) out.push_back(challenge);
}

std::string first_param(std::span<const Challenge> challenges, std::string_view name) {
  for (const Challenge& challenge : challenges)
    if (const auto value = challenge.param(name)) return std::string(*value);
  return "";
}

// At most ten digits: three hundred years.
bool is_max_age(std::string_view text) {
  return text.size() <= 10 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// Of the scheme that was used, or else of the only one there is. A nonce is of use only in a proof.
std::string error_in(std::span<const Challenge> own, std::span<const Challenge> all,
                     TokenScheme used) {
  std::string error = first_param(own.empty() ? all : own, "error");
  return error == kUseNonce && used != TokenScheme::dpop ? "" : error;
}

struct DemandRow {
  int status;
  std::string_view error;
  Demand demand;
};

constexpr DemandRow kDemands[] = {
    {401, "insufficient_user_authentication", Demand::stronger_login},
    {401, kUseNonce, Demand::dpop_nonce},
    {403, "insufficient_scope", Demand::more_scope},
};

}  // namespace

ServerChallenge read_challenges(std::span<const std::string_view> www_authenticate,
                                TokenScheme used) {
  const Challenges written = codec::parse_challenges(www_authenticate);
  const TokenScheme other = used == TokenScheme::dpop ? TokenScheme::bearer : TokenScheme::dpop;
  Challenges all;
  append_all(all, written, used);
  const std::size_t own = all.size();
  append_all(all, written, other);

  ServerChallenge challenge{
      .bearer = codec::find_challenge(all, name_of(TokenScheme::bearer)) != nullptr,
      .dpop = codec::find_challenge(all, name_of(TokenScheme::dpop)) != nullptr,
      .resource_metadata = first_param(all, "resource_metadata"),
      .scope = first_param(all, "scope"),
      .error = error_in(std::span(all).first(own), all, used),
      .acr_values = first_param(all, "acr_values"),
      .max_age = first_param(all, "max_age")};
  if (!is_max_age(challenge.max_age)) challenge.max_age.clear();
  return challenge;
}

Demand demand_of(int status, const ServerChallenge& challenge) {
  const auto row = std::ranges::find_if(kDemands, [&](const DemandRow& candidate) {
    return candidate.status == status && candidate.error == challenge.error;
  });
  if (row != std::end(kDemands)) return row->demand;
  return status == 401 ? Demand::authorization : Demand::none;
}

}  // namespace mcpio::oauth
