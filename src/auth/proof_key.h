// SPDX-License-Identifier: MIT
// The key that the tokens of one grant are bound to (RFC 9449).
#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "codec/url.h"
#include "crypto/signing_key.h"
#include "http/message.h"
#include "store/state.h"

namespace mcpio::auth {

// Made with the grant, kept as long as it, and used for nothing else. With it go the nonces that
// servers want to see in proofs: one for each origin, the last that it gave (section 8.2).
class ProofKey {
 public:
  // A new one, for ES256. The nonces of the one before it (null: there was none) are good for it
  // too: they are bound to no key.
  static std::shared_ptr<ProofKey> make(const ProofKey* before = nullptr);
  // That of the grant for this server; null: there is none.
  static std::shared_ptr<ProofKey> load(store::State& state, const codec::Url& server);
  Result<void> save(store::State& state, const codec::Url& server) const;
  static Result<void> remove(store::State& state, const codec::Url& server);

  // `dpop_jkt` (section 10).
  std::string thumbprint() const { return key_.thumbprint(); }

  // The DPoP field of a request, good once. `access_token` is empty towards the authorization
  // server.
  Result<std::string> proof(const std::string& method, const codec::Url& url,
                            const Secret& access_token, WallTime now) const;

  // Keeps the DPoP-Nonce of an answer from `url`, if there is one. True: there is one.
  bool take_nonce(const codec::Url& url, const http::Head& answer);

 private:
  explicit ProofKey(crypto::SigningKey key) : key_(std::move(key)) {}

  const crypto::SigningKey key_;
  std::map<std::string, std::string> nonces_;  // by origin: of the MCP server, of the others
};

}  // namespace mcpio::auth
