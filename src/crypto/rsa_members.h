// SPDX-License-Identifier: MIT
// The parts of an RSA key by their names in a JWK (RFC 7518, section 6.3) and in OpenSSL.
#pragma once

#include <openssl/core_names.h>

namespace mcpio::crypto {

struct RsaMember {
  const char* name;
  const char* param;
};

constexpr RsaMember kRsaModulus = {"n", OSSL_PKEY_PARAM_RSA_N};
constexpr RsaMember kRsaExponent = {"e", OSSL_PKEY_PARAM_RSA_E};
constexpr RsaMember kRsaPrivate = {"d", OSSL_PKEY_PARAM_RSA_D};
// All of them or none (section 6.3.2).
constexpr RsaMember kRsaFactors[] = {
    {"p", OSSL_PKEY_PARAM_RSA_FACTOR1},       {"q", OSSL_PKEY_PARAM_RSA_FACTOR2},
    {"dp", OSSL_PKEY_PARAM_RSA_EXPONENT1},    {"dq", OSSL_PKEY_PARAM_RSA_EXPONENT2},
    {"qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1},
};

}  // namespace mcpio::crypto
