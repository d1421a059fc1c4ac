// SPDX-License-Identifier: MIT
#include "codec/json_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

#include "base/limits.h"

namespace mcpio::codec {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::array<std::string_view, 3> kKnown{"method", "params", "ok"};

class ClearNames : public testing::TestWithParam<std::string_view> {};

TEST_P(ClearNames, HaveNoProblem) { EXPECT_THAT(name_problem(GetParam(), kKnown), IsEmpty()); }

const std::string_view kClear[] = {
    "{}",
    R"({"a":1,"b":2})",
    R"({"method":1,"params":2,"methods":3,"":4,"aa":5})",
    R"({"Me":1,"Methods":2,"m":3,"Other":4})",  // capital letters as such are fine
    R"({"a":{"x":1,"x":2},"b":[{"\u0061":1}],"c":{"Method":1}})",  // this level only
    R"({"a":"\u0061","b":"a","c":"Method"})",                      // values do not count
    "{\"\u00C9\":1,\"\u00E9\":2}",                                 // no letters of ASCII
    // PHP and Foundation escape each slash, Python whatever is not ASCII.
    R"({"io.modelcontextprotocol\/related-task":{},"a\/c":1,"a\\/c":2,"\u00e9":3})",
    R"({"method":1,"\\u006dethod":2,"method\/":3,"\"ok\"":4})",
    R"([1,1])",
    R"("\u0061")",
    "1",
};
INSTANTIATE_TEST_SUITE_P(JsonNames, ClearNames, testing::ValuesIn(kClear));

struct Problem {
  std::string_view object, words;
};
class ProblematicNames : public testing::TestWithParam<Problem> {};

TEST_P(ProblematicNames, AreSeen) {
  EXPECT_THAT(name_problem(GetParam().object, kKnown), HasSubstr(GetParam().words))
      << GetParam().object;
}

const Problem kProblems[] = {
    {R"({"a":1,"b":2,"a":3})", "twice"},
    {R"({"a":1,"a":1})", "twice"},
    {R"({"":1,"":2})", "twice"},
    {R"({ "a" : 1 , "a" : 2 })", "twice"},
    {R"({"m\u0065thod":1})", "escape"},
    {R"({"x":1,"\u004DETHOD":1})", "escape"},
    {R"({"param\u017f":1})", "escape"},
    // Readers that see through escapes.
    {R"({"a\/b":1,"a/b":2})", "twice"},
    {R"({"\u0061":1,"\u0061":2})", "twice"},
    {R"({"\u0041/":1,"a\/":2})", "two members' names differ only in capital letters"},
    {"{\"\u00E9\":1,\"\\u00e9\":2}", "twice"},
    {R"({"\ud800":1,"\udbff":2})", "twice"},  // both are U+FFFD to those who go on
    // Readers in C, whose names end there.
    {R"({"method\u0000":1})", "NUL"},
    {R"({"x\u0000y":1})", "NUL"},
    // Readers that ignore case (Go's encoding/json, .NET's web defaults).
    {R"({"a":1,"A":2})", "two members' names differ only in capital letters"},
    {R"({"aB":1,"x":2,"Ab":3})", "two members' names differ only in capital letters"},
    {R"({"method":1,"Method":2})", "one of the protocol"},
    {R"({"METHOD":1})", "one of the protocol"},
    {R"({"x":1,"paramS":1})", "one of the protocol"},
    {"{\"param\u017F\":1}", "one of the protocol"},
    {"{\"o\u212A\":1}", "one of the protocol"},
    {"{\"x\u017F\":1,\"xS\":2}", "two members"},
};
INSTANTIATE_TEST_SUITE_P(JsonNames, ProblematicNames, testing::ValuesIn(kProblems));

TEST(NameProblem, ComesOfTooManyMembers) {
  std::string object = "{";
  for (std::size_t i = 0; i < limits::kInspectedMembers; ++i)
    object += "\"" + std::to_string(i) + "\":1,";
  EXPECT_THAT(name_problem(object.substr(0, object.size() - 1) + "}", kKnown), IsEmpty());
  EXPECT_THAT(name_problem(object + "\"x\":1}", kKnown), HasSubstr("too many members"));
}

}  // namespace
}  // namespace mcpio::codec
