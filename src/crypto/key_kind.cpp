// SPDX-License-Identifier: MIT
#include "crypto/key_kind.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace mcpio::crypto {
namespace {

constexpr int kLeastRsaBits = 2048;  // RFC 7518, sections 3.3 and 3.5
constexpr int kMostRsaBits = 16384;  // OpenSSL verifies no signature of a longer one

constexpr Algorithm kRsa[] = {Algorithm::rs256, Algorithm::ps256};
constexpr Algorithm kP256[] = {Algorithm::es256};
constexpr Algorithm kP384[] = {Algorithm::es384};
constexpr Algorithm kEd25519[] = {Algorithm::eddsa};

constexpr KeyKind kKinds[] = {
    {"RSA", "", "RSA", "", 0, kRsa},
    {"EC", "prime256v1", "EC", "P-256", 32, kP256},
    {"EC", "secp384r1", "EC", "P-384", 48, kP384},
    {"ED25519", "", "OKP", "Ed25519", 32, kEd25519},
};

// Empty: it has none, or one that it describes itself.
std::string group_of(const EVP_PKEY& key) {
  std::array<char, 80> name{};
  return EVP_PKEY_get_group_name(&key, name.data(), name.size(), nullptr) == 1 ? name.data() : "";
}

}  // namespace

std::unexpected<Error> unusable(std::string_view what) {
  return fail(ErrorKind::config,
              fmt::format("the key {}; RSA from {} bits, P-256, P-384 and Ed25519 are accepted",
                          what, kLeastRsaBits));
}

Result<const KeyKind*> kind_of(const EVP_PKEY& key) {
  const ForgetErrors forget;
  const char* const type = EVP_PKEY_get0_type_name(&key);
  const std::string_view name = type == nullptr ? "unknown" : type;
  const bool is_curve = name == "EC";
  const std::string group = is_curve ? group_of(key) : "";
  const auto* const kind = std::ranges::find_if(
      kKinds, [&](const KeyKind& row) { return name == row.type && group == row.group; });
  if (kind == std::end(kKinds)) {
    return unusable(is_curve ? fmt::format("is on the curve {}", group.empty() ? "?" : group)
                             : fmt::format("is of the type {}", name));
  }
  const int bits = EVP_PKEY_get_bits(&key);
  if (kind->kty == "RSA" && (bits < kLeastRsaBits || bits > kMostRsaBits))
    return unusable(fmt::format("is RSA of {} bits", bits));
  return kind;
}

const KeyKind* find_kind(std::string_view kty, std::string_view crv) {
  const auto* const kind = std::ranges::find_if(kKinds, [&](const KeyKind& row) {
    return kty == row.kty && (row.crv.empty() || crv == row.crv);
  });
  return kind == std::end(kKinds) ? nullptr : kind;
}

}  // namespace mcpio::crypto
