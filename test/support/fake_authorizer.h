// SPDX-License-Identifier: MIT
// Credentials that the test hands out.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "http/authorizer.h"

namespace mcpio::test {

// Gives every request "Authorization: <credentials>", or nothing while they are empty.
class FakeAuthorizer final : public http::Authorizer {
 public:
  void set(std::string credentials) { credentials_ = std::move(credentials); }
  // As a field that the user adds to every request that has none of that name.
  void pin(std::string name, std::string value) {
    pinned_.push_back({std::move(name), std::move(value)});
  }
  // authorize() fails from now on.
  void refuse(Error error) { refusal_ = std::move(error); }
  // What the next challenge comes to; true hands out `credentials` from then on. Without any:
  // false.
  void on_challenge(Result<bool> outcome, std::string credentials = {}) {
    outcomes_.emplace_back(std::move(outcome), std::move(credentials));
  }
  int challenges() const { return challenges_; }

  awaitable<Result<int>> authorize(http::Request& request) override {
    if (refusal_) co_return std::unexpected(*refusal_);
    if (!credentials_.empty()) request.fields.set("Authorization", credentials_);
    for (const auto& [name, value] : pinned_)
      if (!request.fields.find(name)) request.fields.add(name, value);
    co_return challenges_;
  }

  awaitable<Result<bool>> challenged(http::Refusal) override {
    ++challenges_;
    if (outcomes_.empty()) co_return false;
    auto [outcome, credentials] = std::move(outcomes_.front());
    outcomes_.pop_front();
    if (outcome && *outcome) credentials_ = credentials;
    co_return outcome;
  }

 private:
  std::string credentials_;
  std::vector<http::Field> pinned_;
  std::optional<Error> refusal_;
  std::deque<std::pair<Result<bool>, std::string>> outcomes_;
  int challenges_ = 0;
};

}  // namespace mcpio::test
