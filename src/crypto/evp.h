// SPDX-License-Identifier: MIT
// OpenSSL's objects with owners, for the files of this folder.
#pragma once

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace mcpio::crypto {

template <auto kFree>
struct Free {
  template <class T>
  void operator()(T* object) const {
    kFree(object);
  }
};

template <class T, auto kFree>
using Owned = std::unique_ptr<T, Free<kFree>>;

using Key = Owned<EVP_PKEY, EVP_PKEY_free>;  // wiped when freed
using Number = Owned<BIGNUM, BN_clear_free>;
using Bio = Owned<BIO, BIO_free>;

// For what fails only if memory is short or a promise of ours is broken.
inline void require(bool done, const char* what) {
  if (!done) throw std::runtime_error(std::string("crypto cannot do this: ") + what);
}

// Errors that we have understood must not be found by whoever asks OpenSSL next, as TLS does.
class ForgetErrors {
 public:
  ForgetErrors() { ERR_set_mark(); }
  ~ForgetErrors() { ERR_pop_to_mark(); }
  ForgetErrors(const ForgetErrors&) = delete;
  ForgetErrors& operator=(const ForgetErrors&) = delete;
};

// Never null, which OpenSSL takes for something else than an empty text.
inline const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.empty() ? "" : text.data());
}
inline unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

// Of a key that has raw ones (Ed25519).
inline std::string raw_public_key(const EVP_PKEY& key, std::size_t size) {
  std::string bytes(size, '\0');
  require(EVP_PKEY_get_raw_public_key(&key, bytes_of(bytes), &size) == 1, "public key");
  return bytes;
}

// Reads the text, which must outlive it.
inline Bio reader_of(std::string_view text) {
  Bio bio(BIO_new_mem_buf(bytes_of(text), static_cast<int>(text.size())));
  require(bio != nullptr, "reader");
  return bio;
}

}  // namespace mcpio::crypto
