// SPDX-License-Identifier: MIT
#include "http/tls_trust.h"

#include <cstdlib>
#include <filesystem>
#include <string_view>

namespace mcpio::http {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

// Made by c_rehash: "5ed36f99.0", eight digits and the number among those of the same hash.
bool is_hashed(const std::string& directory) {
  std::error_code error;
  std::filesystem::directory_iterator entry(directory, error), end;
  for (; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename();
    if (name.size() == 10 && name.ends_with(".0") &&
        std::string_view(name).substr(0, 8).find_first_not_of("0123456789abcdef") ==
            std::string_view::npos)
      return true;
  }
  return false;
}

}  // namespace

Trust find_trust(const TlsSettings& settings, const SystemTrust& system) {
  if (!settings.ca_file.empty()) return Trust{.bundle = settings.ca_file, .directory = {}};

  Trust chosen{.bundle = environment("SSL_CERT_FILE"), .directory = environment("SSL_CERT_DIR")};
  if (!chosen.bundle.empty() || !chosen.directory.empty()) return chosen;

  if (!system.directory.empty() && is_hashed(system.directory))
    return Trust{.bundle = {}, .directory = system.directory};
  return Trust{.bundle = system.bundle, .directory = {}};
}

}  // namespace mcpio::http
