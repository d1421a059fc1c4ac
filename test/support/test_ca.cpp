// SPDX-License-Identifier: MIT
#include "support/test_ca.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace mcpio::test {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using File = std::unique_ptr<std::FILE, decltype(&std::fclose)>;

Key new_key() { return Key(EVP_EC_gen("P-256"), &EVP_PKEY_free); }

void set_name(X509_NAME* name, const char* common_name) {
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(common_name), -1, -1, 0);
}

void extend(X509* certificate, X509* issuer, int what, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str());
  if (extension == nullptr) throw std::runtime_error("test CA: extension " + value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

Certificate blank_certificate(const char* common_name, long serial, EVP_PKEY* key) {
  Certificate certificate(X509_new(), &X509_free);
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 24 * 3600);
  X509_set_pubkey(certificate.get(), key);
  set_name(X509_get_subject_name(certificate.get()), common_name);
  return certificate;
}

File open_for_writing(const std::string& path) {
  File file(std::fopen(path.c_str(), "w"), &std::fclose);
  if (!file) throw std::runtime_error("test CA: cannot write " + path);
  return file;
}

}  // namespace

TempDir::TempDir() {
  std::string pattern = std::filesystem::temp_directory_path() / "mcpio-test-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make " + pattern);
  path_ = pattern;
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

TestCa::TestCa(const std::string& host) {
  const Key ca_key = new_key(), key = new_key();

  const Certificate ca = blank_certificate("mcp-stdio test CA", 1, ca_key.get());
  X509_set_issuer_name(ca.get(), X509_get_subject_name(ca.get()));
  extend(ca.get(), ca.get(), NID_basic_constraints, "critical,CA:TRUE");
  extend(ca.get(), ca.get(), NID_subject_key_identifier, "hash");
  X509_sign(ca.get(), ca_key.get(), EVP_sha256());

  const Certificate leaf = blank_certificate(host.c_str(), 2, key.get());
  X509_set_issuer_name(leaf.get(), X509_get_subject_name(ca.get()));
  extend(leaf.get(), ca.get(), NID_subject_alt_name, "IP:127.0.0.1,IP:::1,DNS:" + host);
  X509_sign(leaf.get(), ca_key.get(), EVP_sha256());

  PEM_write_X509(open_for_writing(ca_file()).get(), ca.get());
  PEM_write_X509(open_for_writing(certificate_file()).get(), leaf.get());
  PEM_write_PrivateKey(open_for_writing(key_file()).get(), key.get(), nullptr, nullptr, 0, nullptr,
                       nullptr);

  char hash[16];
  std::snprintf(hash, sizeof hash, "%08lx.0", X509_subject_name_hash(ca.get()));
  std::filesystem::create_directory(hashed_directory());
  std::filesystem::copy_file(ca_file(), std::filesystem::path(hashed_directory()) / hash);
}

std::string TestCa::hashed_directory() const { return dir_.file("hashed"); }

}  // namespace mcpio::test
