// SPDX-License-Identifier: MIT
#include "base/secret.h"

#include <cstring>
#include <utility>

namespace mcpio {

Secret& Secret::operator=(const Secret& other) {
  if (this != &other) {
    wipe();
    value_ = other.value_;
  }
  return *this;
}

// A short string lives inside the object, so that moving it leaves its bytes behind.
Secret::Secret(Secret&& other) noexcept : value_(other.value_) { other.wipe(); }

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe();
    value_ = other.value_;
    other.wipe();
  }
  return *this;
}

void Secret::wipe() {
  if (!value_.empty()) explicit_bzero(value_.data(), value_.size());
  value_.clear();
}

bool operator==(const Secret& a, const Secret& b) {
  if (a.value_.size() != b.value_.size()) return false;
  unsigned char differs = 0;
  for (std::size_t i = 0; i < a.value_.size(); ++i)
    differs |= static_cast<unsigned char>(a.value_[i] ^ b.value_[i]);
  return differs == 0;
}

}  // namespace mcpio
