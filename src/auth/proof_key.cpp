// SPDX-License-Identifier: MIT
#include "auth/proof_key.h"

#include <algorithm>
#include <utility>

#include "codec/json_document.h"
#include "crypto/random.h"
#include "oauth/dpop.h"
#include "store/server_key.h"

namespace mcpio::auth {
namespace {

constexpr std::string_view kProofKeys = "dpop";
constexpr std::size_t kNonceBytes = 4096;

// RFC 9449, section 8.1: NQCHAR.
bool is_nonce(std::string_view text) {
  const auto is_good = [](char c) { return c > ' ' && c <= '~' && c != '"' && c != '\\'; };
  return !text.empty() && text.size() <= kNonceBytes && std::ranges::all_of(text, is_good);
}

}  // namespace

std::shared_ptr<ProofKey> ProofKey::make(const ProofKey* before) {
  std::shared_ptr<ProofKey> made(new ProofKey(crypto::SigningKey::generate()));
  if (before != nullptr) made->nonces_ = before->nonces_;
  return made;
}

std::shared_ptr<ProofKey> ProofKey::load(store::State& state, const codec::Url& server) {
  const auto kept = state.find(kProofKeys, store::server_key(codec::to_string(server)));
  if (!kept || !*kept) return nullptr;
  auto key = crypto::SigningKey::from_jwk(Secret((*kept)->text("jwk").value_or("")));
  if (!key || !key->can(crypto::Algorithm::es256)) return nullptr;
  std::shared_ptr<ProofKey> made(new ProofKey(*std::move(key)));
  if (const auto nonces = (*kept)->object("nonces"))
    for (const std::string& origin : nonces->keys()) {
      auto nonce = nonces->string(origin).value_or("");
      if (is_nonce(nonce)) made->nonces_.emplace(origin, std::move(nonce));
    }
  return made;
}

Result<void> ProofKey::save(store::State& state, const codec::Url& server) const {
  codec::JsonWriter nonces, kept;
  for (const auto& [origin, nonce] : nonces_) nonces.add(origin, nonce);
  kept.add_json("jwk", key_.private_jwk().reveal()).add_json("nonces", nonces.text());
  return state.put(kProofKeys, store::server_key(codec::to_string(server)), kept.text());
}

Result<void> ProofKey::remove(store::State& state, const codec::Url& server) {
  return state.remove(kProofKeys, store::server_key(codec::to_string(server)));
}

Result<std::string> ProofKey::proof(const std::string& method, const codec::Url& url,
                                    const Secret& access_token, WallTime now) const {
  const auto nonce = nonces_.find(codec::origin_of(url));
  const oauth::DpopRequest request{.method = method,
                                   .url = codec::to_string(url),
                                   .access_token = access_token,
                                   .nonce = nonce == nonces_.end() ? std::string() : nonce->second,
                                   .jti = crypto::random_token(),
                                   .now = now};
  return oauth::dpop_proof(key_, request);
}

bool ProofKey::take_nonce(const codec::Url& url, const http::Head& answer) {
  const auto nonce = answer.fields.find("dpop-nonce");
  if (!nonce || !is_nonce(*nonce)) return false;
  nonces_.insert_or_assign(codec::origin_of(url), std::string(*nonce));
  return true;
}

}  // namespace mcpio::auth
