// SPDX-License-Identifier: MIT
// A value that must not be seen: a token, a password, the value of a credential header.
#pragma once

#include <string>
#include <string_view>

namespace mcpio {

// Has no formatter and no stream operator, so that printing one does not compile. The bytes are
// wiped when it goes, and equality takes the same time whatever the values are.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  Secret(const Secret&) = default;
  Secret& operator=(const Secret& other);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  ~Secret() { wipe(); }

  // For the one place that puts it on the wire. Valid until the secret changes or goes.
  std::string_view reveal() const { return value_; }
  bool empty() const { return value_.empty(); }

  friend bool operator==(const Secret& a, const Secret& b);

 private:
  void wipe();

  std::string value_;
};

}  // namespace mcpio
