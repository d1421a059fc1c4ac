// SPDX-License-Identifier: MIT
#include "upstream/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/limits.h"

namespace mcpio::upstream {
namespace {

using mcp::Message;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

http::Head head_with(std::string_view id) {
  http::Head head{.status = 200};
  if (!id.empty()) head.fields.add("mcp-session-id", id);
  return head;
}

Message initialize_answer(std::string_view result) { return mcp::make_result("0", result); }

std::vector<std::string> texts_of(const std::vector<Message>& messages) {
  std::vector<std::string> texts;
  for (const Message& message : messages) texts.emplace_back(message.text());
  return texts;
}

class SessionTest : public testing::Test {
 protected:
  void open(std::string_view result = R"({"protocolVersion":"2025-06-18"})",
            std::string_view id = "s-1") {
    session_.opened(mcp::make_request("0", "initialize", R"({"mine":1})"),
                    initialize_answer(result), head_with(id));
  }
  std::string header(std::string_view name) const {
    http::Fields fields;
    session_.add_to(fields);
    return std::string(fields.find(name).value_or("(none)"));
  }
  void succeeded(std::string_view method, std::string_view params) {
    session_.succeeded(mcp::make_request("7", method, params));
  }

  Session session_;
};

TEST_F(SessionTest, HasNothingToSayBeforeItIsOpened) {
  EXPECT_FALSE(session_.has_id());
  EXPECT_EQ(header("Mcp-Session-Id"), "(none)");
  EXPECT_EQ(header("MCP-Protocol-Version"), "(none)");
  EXPECT_FALSE(session_.initialize());
}

TEST_F(SessionTest, NamesItsIdAndVersionOnceOpened) {
  open();
  EXPECT_EQ(header("Mcp-Session-Id"), "s-1");
  EXPECT_EQ(header("MCP-Protocol-Version"), "2025-06-18");
  EXPECT_EQ(session_.initialize()->params(), R"({"mine":1})");
}

// C.9: the version comes out of a peer's JSON and must not break a header (item 136).
TEST_F(SessionTest, AVersionThatNoHeaderMayHoldIsNotSent) {
  for (const std::string_view result :
       {R"({})", R"({"protocolVersion":1})", R"({"protocolVersion":""})",
        R"({"protocolVersion":"a b"})", R"({"protocolVersion":"a\r\nX: y"})",
        R"({"protocolVersion":"a\u0000"})", R"({"protocolVersion":"\u00e9"})"}) {
    open(result);
    EXPECT_EQ(header("MCP-Protocol-Version"), "(none)") << result;
  }
}

TEST_F(SessionTest, AnUnknownVersionIsTreatedAsTheNewest) {
  open(R"({"protocolVersion":"2031-01-01"})");
  EXPECT_EQ(header("MCP-Protocol-Version"), "2031-01-01");
  EXPECT_EQ(session_.version().name, mcp::kNewestHandshake);
}

TEST_F(SessionTest, AnIdThatNoHeaderMayHoldIsNotAdopted) {
  open();
  session_.adopt_id(head_with("a b"));
  session_.adopt_id(head_with(""));
  EXPECT_EQ(session_.id(), "s-1");
  session_.adopt_id(head_with("s-2"));
  EXPECT_EQ(session_.id(), "s-2");
}

// They are repeated in every header.
TEST_F(SessionTest, AnIdOrAVersionThatIsTooLongIsNotAdopted) {
  const std::string longest(limits::kSessionIdBytes, 's');
  session_.adopt_id(head_with(longest));
  EXPECT_EQ(session_.id(), longest);
  session_.adopt_id(head_with(longest + "s"));
  EXPECT_EQ(session_.id(), longest);
  const std::string version(limits::kProtocolVersionBytes, 'v');
  open(R"({"protocolVersion":")" + version + "\"}");
  EXPECT_EQ(header("MCP-Protocol-Version"), version);
  open(R"({"protocolVersion":"v)" + version + "\"}");
  EXPECT_EQ(header("MCP-Protocol-Version"), "(none)");
}

TEST_F(SessionTest, TheEpochTellsSessionsApart) {
  const int before = session_.epoch();
  open();
  EXPECT_NE(session_.epoch(), before);
  const int first = session_.epoch();
  session_.adopt_id(head_with("s-2"));
  EXPECT_EQ(session_.epoch(), first);
  session_.reopened(initialize_answer("{}"), head_with("s-3"));
  EXPECT_NE(session_.epoch(), first);
}

TEST_F(SessionTest, ReplaysTheLastLogLevelAndTheSubscriptionsThatAreLeft) {
  open();
  succeeded("logging/setLevel", R"({"level":"info"})");
  succeeded("logging/setLevel", R"({"level":"debug"})");
  succeeded("resources/subscribe", R"({"uri":"a:1"})");
  succeeded("resources/subscribe", R"({"uri":"a:2"})");
  succeeded("resources/unsubscribe", R"({"uri":"a:1"})");
  succeeded("resources/read", R"({"uri":"a:3"})");
  succeeded("tools/call", R"({"uri":"a:4"})");
  EXPECT_THAT(texts_of(session_.replay()), ElementsAre(HasSubstr("debug"), HasSubstr("a:2")));
}

TEST_F(SessionTest, AHandshakeOfTheClientForgetsAllThatAndARenewalKeepsIt) {
  open();
  succeeded("resources/subscribe", R"({"uri":"a:1"})");
  session_.reopened(initialize_answer("{}"), head_with("s-2"));
  EXPECT_EQ(session_.replay().size(), 1U);
  open();
  EXPECT_THAT(session_.replay(), IsEmpty());
}

TEST_F(SessionTest, AnnouncesTheListsTheServerHas) {
  open(R"({"capabilities":{"tools":{},"resources":{"subscribe":true},"logging":{}}})");
  EXPECT_THAT(texts_of(session_.list_changes()),
              UnorderedElementsAre(HasSubstr("notifications/tools/list_changed"),
                                   HasSubstr("notifications/resources/list_changed")));
  open("{}");
  EXPECT_THAT(session_.list_changes(), IsEmpty());
}

// ---- The server's questions

Message question(std::string_view id) { return mcp::make_request(id, "roots/list"); }

TEST_F(SessionTest, AQuestionIsAnsweredOnce) {
  EXPECT_TRUE(session_.heard(question(R"("q")")));
  EXPECT_FALSE(session_.answered(mcp::make_result("\"other\"", "{}")));
  EXPECT_TRUE(session_.answered(mcp::make_result(R"("\u0071")", "{}")));
  EXPECT_FALSE(session_.answered(mcp::make_result(R"("q")", "{}")));
}

TEST_F(SessionTest, AQuestionThatTheServerTakesBackIsOpenNoMore) {
  EXPECT_TRUE(session_.heard(question("1")));
  EXPECT_TRUE(
      session_.heard(mcp::make_notification("notifications/cancelled", R"({"requestId":1})")));
  EXPECT_FALSE(session_.answered(mcp::make_result("1", "{}")));
}

TEST_F(SessionTest, OpenQuestionsAreWithdrawnUnderTheirOwnIds) {
  session_.heard(question("1.0"));
  session_.heard(question(R"("\u0071")"));
  EXPECT_THAT(texts_of(session_.withdraw_questions()),
              UnorderedElementsAre(
                  AllOf(HasSubstr("notifications/cancelled"), HasSubstr(R"("requestId":1.0)")),
                  HasSubstr(R"("requestId":"\u0071")")));
  EXPECT_THAT(session_.withdraw_questions(), IsEmpty());
}

TEST_F(SessionTest, AQuestionWhoseIdIsTooLongIsNotKept) {
  const std::string longest = '"' + std::string(limits::kQuestionIdBytes - 2, 'q') + '"';
  EXPECT_TRUE(session_.heard(question(longest)));
  const Message too_long = question("\"q" + longest.substr(1));
  EXPECT_FALSE(session_.heard(too_long));
  EXPECT_FALSE(Session::refusal_of(too_long));
}

TEST_F(SessionTest, OpenQuestionsHaveABound) {
  for (std::size_t n = 0; n < limits::kOpenQuestions; ++n)
    ASSERT_TRUE(session_.heard(question(std::to_string(n))));
  EXPECT_FALSE(session_.heard(question("-1")));
  EXPECT_THAT(std::string(Session::refusal_of(question("-1"))->text()),
              AllOf(HasSubstr(R"("id":-1)"), HasSubstr("-32603"), HasSubstr("too many")));
  EXPECT_TRUE(session_.heard(mcp::make_notification("notifications/message")));
  EXPECT_TRUE(session_.answered(mcp::make_result("0", "{}")));
  EXPECT_TRUE(session_.heard(question("-1")));
}

}  // namespace
}  // namespace mcpio::upstream
