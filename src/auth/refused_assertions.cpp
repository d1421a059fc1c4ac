// SPDX-License-Identifier: MIT
#include "auth/refused_assertions.h"

#include <fmt/core.h>

#include "base/log.h"
#include "codec/base64.h"
#include "crypto/sha256.h"
#include "store/server_key.h"

namespace mcpio::auth {
namespace {

constexpr std::string_view kRefused = "refused_assertions";

std::string digest_of(const Secret& assertion) {
  return codec::base64url(crypto::sha256(assertion.reveal()));
}

}  // namespace

RefusedAssertions::RefusedAssertions(store::State& state, std::string_view server)
    : state_(state), key_(store::server_key(server)) {}

Result<void> RefusedAssertions::check(const Secret& assertion, const std::string& source) {
  auto kept = state_.find(kRefused, key_);
  if (!kept || !*kept || (*kept)->string("digest") != digest_of(assertion)) return ok();
  return fail(ErrorKind::config,
              fmt::format("the token of {} was refused before and has not changed; it is not "
                          "presented again: have a new one made",
                          source));
}

void RefusedAssertions::remember(const Secret& assertion) {
  auto put =
      state_.put(kRefused, key_, codec::JsonWriter().add("digest", digest_of(assertion)).text());
  if (!put) log::debug("{}", put.error().message);
}

}  // namespace mcpio::auth
