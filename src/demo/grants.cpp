// SPDX-License-Identifier: MIT
#include "demo/grants.h"

#include <algorithm>
#include <utility>

#include "crypto/pkce.h"
#include "crypto/random.h"

namespace mcpio::demo {
namespace {

constexpr std::size_t kEntries = 256;  // of each kind

// A demo ends before that happens to anything that is still good.
template <class Map>
void make_room(Map& map) {
  if (map.size() >= kEntries) map.clear();
}

}  // namespace

std::optional<RegisteredClient> Grants::add_client(std::string redirect_uri) {
  if (clients_.size() >= kEntries) return std::nullopt;
  RegisteredClient client{.id = crypto::random_token(12),
                          .secret = crypto::random_token(),
                          .redirect_uri = std::move(redirect_uri)};
  clients_.emplace(client.id, client);
  return client;
}

const RegisteredClient* Grants::client(std::string_view id) const {
  const auto found = clients_.find(id);
  return found == clients_.end() ? nullptr : &found->second;
}

std::string Grants::code_for(Consent consent) {
  make_room(codes_);
  std::string code = crypto::random_token();
  codes_.emplace(code, std::move(consent));
  return code;
}

std::optional<Tokens> Grants::redeem(std::string_view code, std::string_view client_id,
                                     std::string_view redirect_uri, std::string_view verifier) {
  auto found = codes_.extract(std::string(code));
  if (found.empty()) return std::nullopt;
  const Consent& consent = found.mapped();
  if (consent.client_id != client_id || consent.redirect_uri != redirect_uri ||
      consent.code_challenge != crypto::s256_challenge(verifier))
    return std::nullopt;
  make_room(grants_);
  return issue(grants_.emplace(found.key(), Grant{.consent = consent, .current = {}}).first);
}

std::optional<Tokens> Grants::rotate(std::string_view refresh_token, std::string_view client_id) {
  const auto known = refreshes_.find(refresh_token);
  const auto grant = known == refreshes_.end() ? grants_.end() : grants_.find(known->second);
  if (grant == grants_.end() || grant->second.consent.client_id != client_id) return std::nullopt;
  if (grant->second.current.refresh == refresh_token) return issue(grant);
  grants_.erase(grant);
  return std::nullopt;
}

Tokens Grants::issue(GrantMap::iterator grant) {
  make_room(refreshes_);
  Tokens& tokens = grant->second.current;
  tokens = Tokens{.access = crypto::random_token(), .refresh = crypto::random_token()};
  refreshes_.emplace(tokens.refresh, grant->first);
  return tokens;
}

bool Grants::is_good(std::string_view access_token, std::string_view resource) const {
  return std::ranges::any_of(grants_, [&](const auto& entry) {
    const Grant& grant = entry.second;
    return !access_token.empty() && grant.current.access == access_token &&
           grant.consent.resource == resource;
  });
}

void Grants::expire_access_tokens() {
  for (auto& [code, grant] : grants_) grant.current.access.clear();
}

}  // namespace mcpio::demo
