// SPDX-License-Identifier: MIT
// Is this the authorization server that was asked for? (RFC 8414, section 3.3)
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "oauth/known_providers.h"

namespace mcpio::oauth {

// The same but for one trailing slash, or a pair that its provider is known to confuse.
bool is_same_issuer(std::string_view expected, std::string_view stated,
                    const KnownProviders& providers);

struct IssuerRule {
  std::string expected;                // what the metadata's address was made from
  std::optional<std::string> trusted;  // --oauth-issuer: no other is accepted
  KnownProviders providers{true};
};

struct IssuerFinding {
  std::string issuer;   // as the document has it: to be recorded, stored and compared with `iss`
  std::string warning;  // empty: nothing to say
  // It is the trusted issuer by name, in a document from another address. Whoever wrote that may
  // want a code that is for the trusted one: the issuer itself has to be asked.
  bool is_hearsay = false;
};

// Is `stated`, the issuer that a document names, the expected one? Identical, but for one trailing
// slash (which is warned of), the known confusions, and the user's exception. Fails with
// untrusted; the text of the error holds the option that accepts the document, if its issuer is one
// that can be typed.
Result<IssuerFinding> check_issuer(const IssuerRule& rule, std::string_view stated);

}  // namespace mcpio::oauth
