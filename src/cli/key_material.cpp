// SPDX-License-Identifier: MIT
#include "cli/key_material.h"

#include <fmt/core.h>

#include <utility>

#include "base/log.h"
#include "cli/private_file.h"
#include "oauth/client_key.h"

namespace mcpio::cli {
namespace {

class KeyReader {
 public:
  explicit KeyReader(KeyFindings& findings) : findings_(findings) {}

  // Empty: there is none, or a mistake was noted.
  Secret secret(std::string_view option, const std::string& path) {
    std::string text = file(option, path, true);
    while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
    if (text.empty() && !path.empty() && findings_.mistakes.empty())
      findings_.mistakes.push_back(fmt::format("{}: '{}' is empty", option, path));
    Secret secret(std::move(text));
    if (!secret.empty()) log::hide(secret);
    return secret;
  }

  std::string certificate(const std::string& path) {
    return file("--client-key-cert", path, false);
  }

  // TLS will read the files itself; here they are read so that what is wrong is said now.
  std::optional<auth::ClientCertificate> tls_certificate(const std::string& path,
                                                         const std::string& key_path) {
    if (path.empty()) return std::nullopt;
    const bool holds_key = key_path.empty();
    const std::string text = file("--oauth-client-cert", path, holds_key);
    const Secret key(holds_key ? text : file("--oauth-client-cert-key", key_path, true));
    if (text.empty() || key.empty()) return std::nullopt;
    auto read = auth::read_client_certificate({.file = path, .key_file = key_path}, text, key);
    if (read) return *std::move(read);
    findings_.mistakes.push_back(
        fmt::format("--oauth-client-cert: {}: {}", path, read.error().message));
    return std::nullopt;
  }

  std::optional<oauth::ClientKey> key(std::string_view option, const std::string& path,
                                      oauth::ClientKeyTexts texts) {
    if (path.empty()) return std::nullopt;
    texts.key = Secret(file(option, path, true));
    if (texts.key.empty()) return std::nullopt;
    auto key = oauth::read_client_key(texts);
    if (key) return *std::move(key);
    findings_.mistakes.push_back(fmt::format("{}: {}: {}", option, path, key.error().message));
    return std::nullopt;
  }

 private:
  std::string file(std::string_view option, const std::string& path, bool is_secret) {
    if (path.empty()) return {};
    auto read = read_private_file(path);
    if (!read) {
      findings_.mistakes.push_back(fmt::format("{}: {}", option, read.error().message));
      return {};
    }
    if (auto warning = warning_about(*read, path, is_secret); !warning.empty())
      findings_.warnings.push_back(std::move(warning));
    return std::move(read->text);
  }

  KeyFindings& findings_;
};

void check_combinations(const KeyMaterial& files, const auth::OAuthSettings& settings,
                        KeyFindings& findings) {
  const bool speaks_of_key = !files.passphrase_file.empty() || !files.certificate_file.empty() ||
                             !files.key_algorithm.empty() || !files.key_id.empty();
  if (files.key_file.empty() && speaks_of_key)
    findings.mistakes.emplace_back(
        "--client-key-alg, --client-key-id, --client-key-cert and --client-key-passphrase-file "
        "speak of a key, add --client-key FILE");
  if (files.tls_certificate_file.empty() && !files.tls_key_file.empty())
    findings.mistakes.emplace_back(
        "--oauth-client-cert-key needs the certificate too, add --oauth-client-cert FILE");
  if (!files.key_file.empty() && settings.client_assertion)
    findings.mistakes.emplace_back(
        "--client-key and a client assertion exclude each other, give only one of them");
}

}  // namespace

KeyFindings read_key_material(const KeyMaterial& files, auth::OAuthSettings& settings) {
  KeyFindings findings;
  check_combinations(files, settings, findings);
  if (!findings.mistakes.empty()) return findings;
  KeyReader reader(findings);
  if (!files.key_file.empty()) {
    oauth::ClientKeyTexts texts;
    texts.passphrase = reader.secret("--client-key-passphrase-file", files.passphrase_file);
    texts.certificate = reader.certificate(files.certificate_file);
    texts.algorithm = files.key_algorithm;
    texts.id = files.key_id;
    settings.key = reader.key("--client-key", files.key_file, std::move(texts));
  }
  settings.certificate = reader.tls_certificate(files.tls_certificate_file, files.tls_key_file);
  settings.idp.client_secret = reader.secret("--idp-client-secret-file", files.idp_secret_file);
  oauth::ClientKeyTexts plain;
  settings.idp.key = reader.key("--idp-client-key", files.idp_key_file, std::move(plain));
  return findings;
}

}  // namespace mcpio::cli
