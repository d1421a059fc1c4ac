// SPDX-License-Identifier: MIT
#include "auth/refresh_scope.h"

#include "base/log.h"
#include "codec/base64.h"
#include "crypto/sha256.h"
#include "store/server_key.h"

namespace mcpio::auth {
namespace {

constexpr std::string_view kScopes = "refresh_scopes";

std::string name_of_token(const Secret& refresh_token) {
  return codec::base64url(crypto::sha256(refresh_token.reveal()));
}

}  // namespace

RefreshScope::RefreshScope(store::State& state, std::string_view server)
    : state_(state), key_(store::server_key(server)) {}

void RefreshScope::remember(const Secret& refresh_token, std::string_view scope) {
  codec::JsonWriter json;
  json.add("digest", name_of_token(refresh_token)).add("scope", scope);
  auto put = state_.put(kScopes, key_, json.text());
  if (!put) log::debug("{}", put.error().message);
}

std::optional<std::string> RefreshScope::of(const Secret& refresh_token) {
  auto kept = state_.find(kScopes, key_);
  if (!kept || !*kept || (*kept)->string("digest") != name_of_token(refresh_token))
    return std::nullopt;
  return (*kept)->string("scope");
}

}  // namespace mcpio::auth
