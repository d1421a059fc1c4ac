// SPDX-License-Identifier: MIT
// What certain providers do against the specifications, in one small table.
//
// Each entry is as narrow as its evidence, which its comment cites. --no-provider-quirks turns the
// table off.
#pragma once

#include <string_view>
#include <vector>

#include "codec/percent.h"
#include "codec/url.h"

namespace mcpio::oauth {

class KnownProviders {
 public:
  explicit KnownProviders(bool enabled) : enabled_(enabled) {}

  // Is it known that the metadata of the issuer `expected` names the issuer `stated`? Byte for
  // byte.
  bool confuse(std::string_view expected, std::string_view stated) const;

  // Does this issuer do PKCE with S256 although its metadata does not say so?
  bool do_pkce_unsaid(const codec::Url& issuer) const;

  // What an authorization request to this issuer needs besides what is specified.
  std::vector<codec::FormField> authorize_parameters(const codec::Url& issuer) const;

 private:
  bool enabled_;
};

}  // namespace mcpio::oauth
