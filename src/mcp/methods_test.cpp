// SPDX-License-Identifier: MIT
#include "mcp/methods.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string_view>

#include "mcp/message.h"

namespace mcpio::mcp {
namespace {

using testing::Optional;

TEST(ReplaySafe, AreTheQueriesAndWhatSetsTheSameValue) {
  for (const std::string_view method :
       {"initialize", "ping", "server/discover", "tools/list", "prompts/list", "prompts/get",
        "resources/list", "resources/templates/list", "resources/read", "completion/complete",
        "logging/setLevel", "resources/subscribe", "resources/unsubscribe",
        "notifications/initialized", "notifications/cancelled", "notifications/roots/list_changed"})
    EXPECT_TRUE(is_replay_safe(method)) << method;
}

// Invariant 6: what may have been executed already is not sent twice.
TEST(ReplaySafe, IsNothingThatMayActTwice) {
  for (const std::string_view method :
       {"tools/call", "tasks/cancel", "sampling/createMessage", "elicitation/create", "x/custom",
        "notifications/progress", "notifications/x", "", "Tools/list", "tools/list ",
        "tools/listx"})
    EXPECT_FALSE(is_replay_safe(method)) << method;
}

// Whether it has an id makes no difference: who sends tools/call as a notification wants it
// executed.
TEST(ReplaySafe, IsAMessageByItsMethodAndAnyAnswer) {
  EXPECT_TRUE(is_replay_safe(make_request("1", "tools/list")));
  EXPECT_TRUE(is_replay_safe(make_notification("notifications/cancelled")));
  EXPECT_TRUE(is_replay_safe(make_result("1", "{}")));
  EXPECT_FALSE(is_replay_safe(make_request("1", "tools/call")));
  EXPECT_FALSE(is_replay_safe(make_notification("tools/call")));
}

TEST(ListMember, IsKnownForTheFourLists) {
  EXPECT_THAT(list_member("tools/list"), Optional(std::string_view("tools")));
  EXPECT_THAT(list_member("prompts/list"), Optional(std::string_view("prompts")));
  EXPECT_THAT(list_member("resources/list"), Optional(std::string_view("resources")));
  EXPECT_THAT(list_member("resources/templates/list"),
              Optional(std::string_view("resourceTemplates")));
}

TEST(ListMember, IsUnknownForOtherMethods) {
  for (const std::string_view method : {"tools/call", "roots/list", "tasks/list", "", "tools"})
    EXPECT_EQ(list_member(method), std::nullopt) << method;
}

TEST(OperationOf, NamesWhatIsCalled) {
  EXPECT_EQ(operation_of("tools/call", R"({"params":{"arguments":{"name":"x"},"name":"search"}})"),
            "tools/call search");
  EXPECT_EQ(operation_of("prompts/get", R"({"params":{"name":"greet"}})"), "prompts/get greet");
  EXPECT_EQ(operation_of("resources/read", R"({"params":{"uri":"file:///a"}})"),
            "resources/read file:///a");
}

TEST(OperationOf, IsTheMethodWhereNothingIsNamed) {
  EXPECT_EQ(operation_of("tools/list", R"({"params":{"name":"search"}})"), "tools/list");
  EXPECT_EQ(operation_of("tools/call", R"({"params":{"name":7}})"), "tools/call");
  EXPECT_EQ(operation_of("tools/call", "{}"), "tools/call");
  EXPECT_EQ(operation_of("GET", ""), "GET");
  const std::string name(1000, 'x');
  const std::string call = R"({"params":{"name":")" + name + R"("}})";
  EXPECT_EQ(operation_of("tools/call", call), "tools/call " + name.substr(0, kOperationName));
}

// Invariant 8, and no message is refused for the sake of a member nobody decides on.
TEST(ParamsDecidedOn, AreKnownByMethod) {
  using testing::Contains;
  const std::string_view name = "name", cursor = "cursor", meta = "_meta";
  EXPECT_THAT(params_decided_on("tools/call"), Contains(name));
  EXPECT_THAT(params_decided_on("tools/list"), Contains(cursor));
  EXPECT_THAT(params_decided_on("resources/subscribe"), Contains(std::string_view("uri")));
  EXPECT_THAT(params_decided_on("notifications/cancelled"),
              Contains(std::string_view("requestId")));
  EXPECT_THAT(params_decided_on("x"), testing::ElementsAre(meta));
}

}  // namespace
}  // namespace mcpio::mcp
