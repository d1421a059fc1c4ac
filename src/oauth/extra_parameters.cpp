// SPDX-License-Identifier: MIT
#include "oauth/extra_parameters.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

namespace mcpio::oauth {
namespace {

struct Owned {
  std::string_view name;
  std::string_view option;  // empty: nobody but the login sets it
};

constexpr std::array kOwned = {
    Owned{"client_id", "--client-id"},
    Owned{"client_secret", "--client-secret-file"},
    Owned{"client_assertion", "--client-assertion-file"},
    Owned{"client_assertion_type", "--client-assertion-file"},
    Owned{"scope", "--oauth-scope"},
    Owned{"resource", "--oauth-resource"},
    Owned{"redirect_uri", "--redirect-uri"},
    Owned{"grant_type", "--grant"},
    Owned{"assertion", "--assertion-file"},
    Owned{"subject_token", "--id-token-file"},
    Owned{"dpop_jkt", "--dpop"},
    Owned{"response_type", ""},
    Owned{"response_mode", ""},
    Owned{"state", ""},
    Owned{"code", ""},
    Owned{"code_challenge", ""},
    Owned{"code_challenge_method", ""},
    Owned{"code_verifier", ""},
    Owned{"device_code", ""},
    Owned{"refresh_token", ""},
    Owned{"request", ""},
    Owned{"request_uri", ""},
    Owned{"requested_token_type", ""},
    Owned{"subject_token_type", ""},
};

std::string_view option_of(ParameterPlace place) {
  return place == ParameterPlace::authorization_request ? "--authorize-param" : "--token-param";
}

}  // namespace

Result<codec::FormField> parse_extra_parameter(std::string_view option, ParameterPlace place) {
  const std::size_t equals = option.find('=');
  if (equals == option.npos || equals == 0)
    return fail(ErrorKind::config, fmt::format("{} must be NAME=VALUE", option_of(place)));
  const std::string_view name = option.substr(0, equals);
  const auto owned = std::ranges::find(kOwned, name, &Owned::name);
  if (owned == kOwned.end())
    return codec::FormField{std::string(name), std::string(option.substr(equals + 1))};
  return fail(ErrorKind::config,
              fmt::format("{} cannot set {}{}{}", option_of(place), name,
                          owned->option.empty() ? ", which belongs to the login" : ": use ",
                          owned->option));
}

void add_missing(std::vector<codec::FormField>& fields, const std::vector<codec::FormField>& more) {
  for (const codec::FormField& field : more)
    if (std::ranges::find(fields, field.name, &codec::FormField::name) == fields.end())
      fields.push_back(field);
}

}  // namespace mcpio::oauth
