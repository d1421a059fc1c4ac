// SPDX-License-Identifier: MIT
// gMock matchers for Result: IsOk(), HoldsOk(inner), FailsWith(kind, substring).
//
// There is no "fails somehow": a test says which kind of failure it expects and part of its story.
#pragma once

#include <gmock/gmock.h>

#include <ostream>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/result.h"

namespace mcpio {

inline std::string_view kind_name(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::cancelled:
      return "cancelled";
    case ErrorKind::timed_out:
      return "timed_out";
    case ErrorKind::unreachable:
      return "unreachable";
    case ErrorKind::untrusted:
      return "untrusted";
    case ErrorKind::network:
      return "network";
    case ErrorKind::protocol:
      return "protocol";
    case ErrorKind::too_large:
      return "too_large";
    case ErrorKind::unauthorized:
      return "unauthorized";
    case ErrorKind::no_credentials:
      return "no_credentials";
    case ErrorKind::no_sign_in:
      return "no_sign_in";
    case ErrorKind::sign_in_pending:
      return "sign_in_pending";
    case ErrorKind::rejected:
      return "rejected";
    case ErrorKind::session_lost:
      return "session_lost";
    case ErrorKind::config:
      return "config";
    case ErrorKind::io:
      return "io";
  }
  return "(no such kind)";
}

inline void PrintTo(ErrorKind kind, std::ostream* out) { *out << kind_name(kind); }

inline void PrintTo(const Error& error, std::ostream* out) {
  *out << kind_name(error.kind) << ": \"" << error.message << '"';
}

template <class T>
void PrintTo(const Result<T>& result, std::ostream* out) {
  if (!result) return PrintTo(result.error(), out);
  *out << "ok";
  if constexpr (!std::is_void_v<T>) *out << ": " << testing::PrintToString(*result);
}

namespace test {

MATCHER(IsOk, negation ? "fails" : "is ok") { return arg.has_value(); }

MATCHER_P(HoldsOk, inner, negation ? "holds no such value" : "is ok and holds what is wanted") {
  return arg.has_value() && testing::ExplainMatchResult(inner, *arg, result_listener);
}

MATCHER_P2(FailsWith, kind, substring,
           std::string(negation ? "does not fail" : "fails") + " with " +
               std::string(kind_name(kind)) + " and a text containing \"" + std::string(substring) +
               '"') {
  return !arg.has_value() && arg.error().kind == kind &&
         arg.error().message.find(substring) != std::string::npos;
}

}  // namespace test
}  // namespace mcpio
