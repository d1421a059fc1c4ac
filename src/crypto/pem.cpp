// SPDX-License-Identifier: MIT
#include "crypto/pem.h"

#include <fmt/core.h>
#include <openssl/pem.h>

#include <cstring>

namespace mcpio::crypto {
namespace {

struct Question {
  std::string_view passphrase;
  bool was_asked = false;
};

// Without it OpenSSL would ask at the terminal.
int answer(char* buffer, int size, int /*for_writing*/, void* data) {
  auto& question = *static_cast<Question*>(data);
  question.was_asked = true;
  const std::string_view passphrase = question.passphrase;
  if (passphrase.empty() || passphrase.size() > static_cast<std::size_t>(size)) return -1;
  std::memcpy(buffer, passphrase.data(), passphrase.size());
  return static_cast<int>(passphrase.size());
}

struct Mistake {
  std::string_view sign;  // a part of the text
  std::string_view story;
};

// The first one that applies.
constexpr Mistake kMistakes[] = {
    {"-----BEGIN OPENSSH PRIVATE KEY",
     "is in OpenSSH's own form: `ssh-keygen -p -m PKCS8 -f FILE` rewrites it"},
    {"PRIVATE KEY-----", "is damaged: its PEM block cannot be read"},
    {"PUBLIC KEY-----", "is a public key, but a private one is needed"},
    {"-----BEGIN CERTIFICATE", "is a certificate, but a private key is needed"},
    {"", "is not in PEM form: there is no line -----BEGIN PRIVATE KEY-----"},
};

std::string_view mistake_of(std::string_view pem) {
  for (const Mistake& mistake : kMistakes)
    if (pem.contains(mistake.sign)) return mistake.story;
  return {};
}

}  // namespace

Result<Key> key_from_pem(const Secret& pem, const Secret& passphrase) {
  const ForgetErrors forget;
  const Bio in = reader_of(pem.reveal());
  Question question{.passphrase = passphrase.reveal()};
  Key key(PEM_read_bio_PrivateKey(in.get(), nullptr, answer, &question));
  if (key) return key;
  if (question.was_asked && passphrase.empty())
    return fail(ErrorKind::config,
                "the key is encrypted: --client-key-passphrase-file gives its passphrase");
  if (question.was_asked)
    return fail(ErrorKind::config, "the key is encrypted, and not with this passphrase");
  return fail(ErrorKind::config, fmt::format("the key {}", mistake_of(pem.reveal())));
}

}  // namespace mcpio::crypto
