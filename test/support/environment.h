// SPDX-License-Identifier: MIT
// Sets an environment variable for the life of the object, then puts the old value back.
#pragma once

#include <cstdlib>
#include <optional>
#include <string>

namespace mcpio::test {

class EnvironmentVariable {
 public:
  // No value: the variable is not set.
  EnvironmentVariable(std::string name, std::optional<std::string> value) : name_(std::move(name)) {
    if (const char* old = std::getenv(name_.c_str())) old_ = old;
    set(value);
  }
  EnvironmentVariable(const EnvironmentVariable&) = delete;
  EnvironmentVariable& operator=(const EnvironmentVariable&) = delete;
  ~EnvironmentVariable() { set(old_); }

 private:
  void set(const std::optional<std::string>& value) const {
    if (value)
      ::setenv(name_.c_str(), value->c_str(), 1);
    else
      ::unsetenv(name_.c_str());
  }

  std::string name_;
  std::optional<std::string> old_;
};

}  // namespace mcpio::test
