// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "bridge/argument_normalizer.h"
#include "bridge/list_merger.h"
#include "bridge/tool_filter.h"
#include "codec/json_view.h"
#include "support/fake_upstream.h"
#include "support/result_matchers.h"
#include "support/run.h"

namespace mcpio::bridge {
namespace {

using test::FailsWith;
using test::HoldsOk;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

MATCHER_P(Reads, text, "is the message " + testing::PrintToString(text)) {
  *result_listener << arg.text();
  return arg.text() == text;
}

// A layer on top of a server that gives the answers it was told, one per call.
class LayerFixture : public testing::Test {
 protected:
  template <class L, class... Args>
  std::unique_ptr<Upstream> layer(Args&&... args) {
    auto end = std::make_unique<test::FakeUpstream>(loop_.get_executor());
    server_ = end.get();
    server_->answers([this](const Message& asked) -> Result<Message> {
      if (next_.empty())
        return fail(ErrorKind::protocol, "asked too often: " + std::string(asked.text()));
      Result<Message> answer = std::move(next_.front());
      next_.pop_front();
      return answer;
    });
    return std::make_unique<L>(std::move(end), std::forward<Args>(args)...);
  }

  void will_say(std::string_view result) { next_.push_back(mcp::make_result("1", result)); }
  void will_say(Result<Message> answer) { next_.push_back(std::move(answer)); }

  Result<Message> ask(Upstream& top, std::string_view request) {
    Call call(Message::of(request), hearer_, nullptr, nullptr);
    return test::run(loop_, top.call(std::move(call)));
  }
  std::vector<std::string> asked() const {
    std::vector<std::string> texts;
    for (const Call& call : server_->calls()) texts.emplace_back(call.request.text());
    return texts;
  }

  asio::io_context loop_{1};
  std::shared_ptr<test::RecordingHearer> hearer_ = std::make_shared<test::RecordingHearer>();
  test::FakeUpstream* server_ = nullptr;
  std::deque<Result<Message>> next_;
};

std::string result(std::string_view value) {
  return std::string(mcp::make_result("1", value).text());
}

// ---- ListMerger ---------------------------------------------------------------------------------

class ListMergerTest : public LayerFixture {
 protected:
  static constexpr std::size_t kPageLimit = 4096;
  std::unique_ptr<Upstream> top_ = layer<ListMerger>(kPageLimit);
};

constexpr std::string_view kToolsList = R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})";

// Item 164.
TEST_F(ListMergerTest, MergesEachOfTheFourLists) {
  for (const auto& [method, member] :
       {std::pair("tools/list", "tools"), std::pair("resources/list", "resources"),
        std::pair("resources/templates/list", "resourceTemplates"),
        std::pair("prompts/list", "prompts")}) {
    const std::string name = "{\"" + std::string(member) + "\":";
    will_say(name + R"([{"name":"a"}],"nextCursor":"2"})");
    will_say(name + R"([{"name":"b"}],"nextCursor":"3"})");
    will_say(name + R"([{"name":"c"}]})");
    EXPECT_THAT(ask(*top_, mcp::make_request("1", method).text()),
                HoldsOk(Reads(result(name + R"([{"name":"a"},{"name":"b"},{"name":"c"}]})"))));
  }
}

TEST_F(ListMergerTest, AsksForEachPageWithTheClientsOwnRequest) {
  will_say(R"({"tools":[1],"nextCursor":"b\u0062"})");
  will_say(R"({"tools":[2],"nextCursor":{"odd":1}})");
  will_say(R"({"tools":[3]})");
  EXPECT_THAT(
      ask(*top_,
          R"({"id":1,"jsonrpc":"2.0","params":{"_meta":{"progressToken":7}},"method":"tools/list"})"),
      test::IsOk());
  EXPECT_THAT(
      asked(),
      ElementsAre(
          R"({"id":1,"jsonrpc":"2.0","params":{"_meta":{"progressToken":7}},"method":"tools/list"})",
          R"({"id":1,"jsonrpc":"2.0","params":{"_meta":{"progressToken":7},"cursor":"b\u0062"},"method":"tools/list"})",
          R"({"id":1,"jsonrpc":"2.0","params":{"_meta":{"progressToken":7},"cursor":{"odd":1}},"method":"tools/list"})"));
}

// Item 167: no params, empty ones, or none that are an object.
TEST_F(ListMergerTest, AddsTheCursorToParamsOfAnyKind) {
  for (const auto& [params, with_cursor] :
       {std::pair("", R"({"cursor":"b"})"), std::pair(R"(,"params":{})", R"({"cursor":"b"})"),
        std::pair(R"(,"params":{ })", R"({ "cursor":"b"})"),
        std::pair(R"(,"params":null)", R"({"cursor":"b"})"),
        std::pair(R"(,"params":{"x":{}})", R"({"x":{},"cursor":"b"})")}) {
    will_say(R"({"tools":[1],"nextCursor":"b"})");
    will_say(R"({"tools":[2]})");
    EXPECT_THAT(
        ask(*top_, R"({"jsonrpc":"2.0","id":1,"method":"tools/list")" + std::string(params) + "}"),
        HoldsOk(Reads(result(R"({"tools":[1,2]})"))));
    EXPECT_THAT(server_->calls().back().request.params(),
                testing::Optional(testing::Eq(std::string_view(with_cursor))));
  }
}

// Item 165.
TEST_F(ListMergerTest, LeavesASinglePageAsItIs) {
  constexpr std::string_view kPage =
      R"({ "jsonrpc":"2.0","x":1, "result" : {"z":1, "tools":[ {"a":1.10} ],"nextCursor":null},"id":1})";
  will_say(Message::of(kPage));
  EXPECT_THAT(ask(*top_, kToolsList), HoldsOk(Reads(kPage)));
  EXPECT_THAT(asked(), SizeIs(1));
}

TEST_F(ListMergerTest, KeepsTheRestOfTheFirstAnswer) {
  will_say(
      Message::of(R"({"jsonrpc":"2.0","x":1,"result":{"tools":[1],"nextCursor":"b"},"id":1})"));
  will_say(R"({"tools":[2]})");
  EXPECT_THAT(ask(*top_, kToolsList),
              HoldsOk(Reads(R"({"jsonrpc":"2.0","x":1,"result":{"tools":[1,2]},"id":1})")));
}

// Item 166: a client that pages for itself.
TEST_F(ListMergerTest, LeavesAClientWithACursorAlone) {
  for (const std::string_view cursor : {R"("b")", R"("")", "null"}) {
    will_say(R"({"tools":[1],"nextCursor":"c"})");
    EXPECT_THAT(ask(*top_, R"({"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"cursor":)" +
                               std::string(cursor) + "}}"),
                HoldsOk(Reads(result(R"({"tools":[1],"nextCursor":"c"})"))));
  }
  EXPECT_THAT(asked(), SizeIs(3));
}

TEST_F(ListMergerTest, LeavesOtherMethodsAlone) {
  for (const std::string_view method : {"tools/call", "roots/list", "tasks/list"}) {
    will_say(R"({"tools":[1],"nextCursor":"c"})");
    EXPECT_THAT(ask(*top_, mcp::make_request("1", method).text()),
                HoldsOk(Reads(result(R"({"tools":[1],"nextCursor":"c"})"))));
  }
}

// Item 169.
TEST_F(ListMergerTest, StopsAtTheLastPageAllowedAndSaysWhereToGoOn) {
  for (int page = 1; page <= limits::kListPages + 5; ++page)
    will_say("{\"tools\":[" + std::to_string(page) + "],\"nextCursor\":\"" + std::to_string(page) +
             "\"}");
  auto answer = ask(*top_, kToolsList);
  ASSERT_THAT(answer, test::IsOk());
  EXPECT_THAT(asked(), SizeIs(limits::kListPages));
  EXPECT_EQ(codec::find_member(*answer->result(), "nextCursor"),
            '"' + std::to_string(limits::kListPages) + '"');
  std::string all = "1";
  for (int page = 2; page <= limits::kListPages; ++page) all += "," + std::to_string(page);
  EXPECT_EQ(codec::find_member(*answer->result(), "tools"), "[" + all + "]");
}

// Item 170: whatever happens to a later page, there is one answer with what was read until then.
TEST_F(ListMergerTest, GivesWhatItHasWhenALaterPageCannotBeHad) {
  const std::vector<Result<Message>> failures = {
      fail(ErrorKind::network, "broken"),    fail(ErrorKind::rejected, "HTTP 500"),
      fail(ErrorKind::protocol, "not JSON"), mcp::make_error("1", -32602, "bad cursor"),
      mcp::make_result("1", "[]"),           mcp::make_result("1", "null")};
  for (const Result<Message>& failure : failures) {
    next_.clear();
    will_say(R"({"tools":[1],"nextCursor":"b"})");
    will_say(R"({"tools":[2],"nextCursor":"c"})");
    will_say(failure);
    EXPECT_THAT(ask(*top_, kToolsList),
                HoldsOk(Reads(result(R"({"tools":[1,2],"nextCursor":"c"})"))));
  }
}

TEST_F(ListMergerTest, GivesTheFirstPageAsItIsWhenItHasNoOther) {
  constexpr std::string_view kPage =
      R"({"jsonrpc":"2.0","id":1,"result":{ "z":1, "tools":[1], "nextCursor":"b"}})";
  will_say(Message::of(kPage));
  will_say(fail(ErrorKind::network, "broken"));
  EXPECT_THAT(ask(*top_, kToolsList), HoldsOk(Reads(kPage)));
}

// A list is one answer, and no larger than one message.
TEST_F(ListMergerTest, StopsBeforeTheListGetsLargerThanAMessage) {
  const std::string item = "\"" + std::string(kPageLimit / 2, 'x') + "\"";
  will_say(R"({"tools":[)" + item + R"(],"nextCursor":"b"})");
  will_say(R"({"tools":[2],"nextCursor":"c"})");
  will_say(R"({"tools":[)" + item + R"(],"nextCursor":"d"})");
  EXPECT_THAT(ask(*top_, kToolsList),
              HoldsOk(Reads(result(R"({"tools":[)" + item + R"(,2],"nextCursor":"c"})"))));
  EXPECT_THAT(asked(), SizeIs(3));
}

// Nothing about it is remembered, so it costs nothing but the reading.
TEST_F(ListMergerTest, LeavesAPageOfVeryManyMembersAsItIs) {
  std::string page = R"({"tools":[1])";
  for (int i = 0; i < 100'000; ++i) page += ",\"" + std::to_string(i) + "\":0";
  for (const std::string_view end : {"}", R"(,"nextCursor":"b"})"}) {
    will_say(page + std::string(end));
    EXPECT_THAT(ask(*top_, kToolsList), HoldsOk(Reads(result(page + std::string(end)))));
  }
  EXPECT_THAT(asked(), SizeIs(2));
}

TEST_F(ListMergerTest, GivesNothingWhenItIsCancelledInBetween) {
  will_say(R"({"tools":[1],"nextCursor":"b"})");
  will_say(fail(ErrorKind::cancelled, "cancelled"));
  EXPECT_THAT(ask(*top_, kToolsList), FailsWith(ErrorKind::cancelled, ""));
}

// Items 171 to 173.
TEST_F(ListMergerTest, PassesOnWhatIsNoPage) {
  const Message error = mcp::make_error("1", -32601, "no tools");
  will_say(error);
  EXPECT_THAT(ask(*top_, kToolsList), HoldsOk(Reads(error.text())));
  will_say(R"([1])");
  EXPECT_THAT(ask(*top_, kToolsList), HoldsOk(Reads(result("[1]"))));
  will_say(fail(ErrorKind::network, "broken"));
  EXPECT_THAT(ask(*top_, kToolsList), FailsWith(ErrorKind::network, "broken"));
}

// Item 178.
TEST_F(ListMergerTest, MakesAListOfWhatIsNone) {
  will_say(R"({"tools":{"a":1}})");
  EXPECT_THAT(ask(*top_, kToolsList), HoldsOk(Reads(result(R"({"tools":[]})"))));
}

// Item 177: what a page's stream says besides is the request's own.
TEST_F(ListMergerTest, LetsEveryPageSpeakToTheSameHearer) {
  will_say(R"({"tools":[1],"nextCursor":"b"})");
  will_say(R"({"tools":[2]})");
  EXPECT_THAT(ask(*top_, kToolsList), test::IsOk());
  for (const Call& call : server_->calls()) EXPECT_EQ(call.related, hearer_);
}

// ---- ToolFilter ---------------------------------------------------------------------------------

class ToolFilterTest : public LayerFixture {
 protected:
  std::unique_ptr<Upstream> filter(ToolFilter::Rules rules) {
    return layer<ToolFilter>(std::move(rules));
  }
  static std::string call_of(std::string_view name) {
    return R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":)" +
           std::string(name) + R"(,"arguments":{"a":1}}})";
  }
};

TEST_F(ToolFilterTest, HidesWhatIsNotAllowed) {
  auto top = filter({.allow = {"read_*", "echo"}, .ignore = {"read_secret"}});
  will_say(
      R"({"x":1,"tools":[{"name":"read_file"},{"name":"write_file"},{"name":"read_secret"}, {"n":1.0,"name":"echo"}],"nextCursor":"b"})");
  EXPECT_THAT(
      ask(*top, kToolsList),
      HoldsOk(Reads(result(
          R"({"x":1,"tools":[{"name":"read_file"},{"n":1.0,"name":"echo"}],"nextCursor":"b"})"))));
}

TEST_F(ToolFilterTest, LeavesAListAsItIsWhenAllIsAllowed) {
  auto top = filter({.allow = {}, .ignore = {"x"}});
  will_say(R"({ "tools" : [ {"name":"a"} , {"name":"b"} ] })");
  EXPECT_THAT(ask(*top, kToolsList),
              HoldsOk(Reads(result(R"({ "tools" : [ {"name":"a"} , {"name":"b"} ] })"))));
}

TEST_F(ToolFilterTest, MayLeaveNothing) {
  auto top = filter({.allow = {"none"}, .ignore = {}});
  will_say(R"({"tools":[{"name":"a"},{"name":"b"}]})");
  EXPECT_THAT(ask(*top, kToolsList), HoldsOk(Reads(result(R"({"tools":[]})"))));
}

TEST_F(ToolFilterTest, HidesAToolWhoseNameIsWrittenWithEscapes) {
  auto top = filter({.allow = {}, .ignore = {"secret"}});
  will_say(R"({"tools":[{"name":"\u0073ecret"},{"name":"a"}]})");
  EXPECT_THAT(ask(*top, kToolsList), HoldsOk(Reads(result(R"({"tools":[{"name":"a"}]})"))));
}

TEST_F(ToolFilterTest, RefusesToCallWhatItHides) {
  auto top = filter({.allow = {}, .ignore = {"rm*"}});
  auto answer = ask(*top, call_of(R"("rm_all")"));
  ASSERT_THAT(answer, test::IsOk());
  EXPECT_EQ(answer->id(), "1");
  ASSERT_TRUE(answer->error());
  EXPECT_EQ(codec::find_member(*answer->error(), "code"), "-32602");
  EXPECT_THAT(std::string(*answer->error()), HasSubstr("rm_all"));
  EXPECT_THAT(asked(), SizeIs(0));
}

TEST_F(ToolFilterTest, RefusesACallWhoseNameIsWrittenWithEscapes) {
  auto top = filter({.allow = {}, .ignore = {"rm"}});
  auto answer = ask(*top, call_of(R"("\u0072m")"));
  ASSERT_THAT(answer, test::IsOk());
  EXPECT_TRUE(answer->error());
}

// What cannot be held against the rules does not pass, whatever they are.
TEST_F(ToolFilterTest, RefusesACallWithoutAName) {
  for (const ToolFilter::Rules& rules :
       {ToolFilter::Rules{.allow = {"a"}, .ignore = {}}, {.allow = {}, .ignore = {"rm"}}}) {
    auto top = filter(rules);
    for (const std::string_view params :
         {"", R"(,"params":["rm"])", R"(,"params":{})", R"(,"params":{"name":["rm"]})",
          R"(,"params":{"name":17})", R"(,"params":{"name":null})", R"(,"params":"rm")"}) {
      auto answer =
          ask(*top, R"({"jsonrpc":"2.0","id":1,"method":"tools/call")" + std::string(params) + "}");
      ASSERT_THAT(answer, test::IsOk());
      EXPECT_TRUE(answer->error()) << params;
    }
    EXPECT_THAT(asked(), SizeIs(0));
  }
}

TEST_F(ToolFilterTest, RefusesANameThatGoesOnBehindANul) {
  auto top = filter({.allow = {"safe"}, .ignore = {}});
  auto answer = ask(*top, call_of(R"("safe\u0000")"));
  ASSERT_THAT(answer, test::IsOk());
  EXPECT_TRUE(answer->error());
}

// Some servers execute a tools/call without an id.
TEST_F(ToolFilterTest, DropsANotificationThatCallsWhatItHides) {
  auto top = filter({.allow = {}, .ignore = {"rm"}});
  for (const std::string_view params : {R"({"name":"rm"})", R"(["rm"])"})
    EXPECT_THAT(test::run(loop_, top->tell(mcp::make_notification("tools/call", params), nullptr)),
                FailsWith(ErrorKind::rejected, "--ignore-tool"));
  EXPECT_THAT(server_->told(), SizeIs(0));
}

TEST_F(ToolFilterTest, PassesOtherNotificationsOn) {
  auto top = filter({.allow = {}, .ignore = {"rm"}});
  for (const Message& told : {mcp::make_notification("tools/call", R"({"name":"a"})"),
                              mcp::make_notification("notifications/x", R"({"name":"rm"})"),
                              mcp::make_result("1", R"({"name":"rm"})")})
    EXPECT_THAT(test::run(loop_, top->tell(told, nullptr)), test::IsOk());
  EXPECT_THAT(server_->told(), SizeIs(3));
}

TEST_F(ToolFilterTest, HidesAToolWithoutAName) {
  auto top = filter({.allow = {}, .ignore = {"rm"}});
  will_say(R"({"tools":[{"name":17},{"name":"a"},5]})");
  EXPECT_THAT(ask(*top, kToolsList), HoldsOk(Reads(result(R"({"tools":[{"name":"a"}]})"))));
}

TEST_F(ToolFilterTest, PassesACallOfAnAllowedToolOnAsItIs) {
  auto top = filter({.allow = {"a"}, .ignore = {}});
  will_say("{}");
  EXPECT_THAT(ask(*top, call_of(R"("a")")), HoldsOk(Reads(result("{}"))));
  EXPECT_THAT(asked(), ElementsAre(call_of(R"("a")")));
}

TEST_F(ToolFilterTest, LeavesOtherMethodsAlone) {
  auto top = filter({.allow = {"none"}, .ignore = {}});
  will_say(R"({"tools":[{"name":"a"}]})");
  EXPECT_THAT(ask(*top, R"({"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":"a"}})"),
              HoldsOk(Reads(result(R"({"tools":[{"name":"a"}]})"))));
}

TEST_F(ToolFilterTest, PassesErrorsOn) {
  auto top = filter({.allow = {"none"}, .ignore = {}});
  const Message error = mcp::make_error("1", -1, "no");
  will_say(error);
  EXPECT_THAT(ask(*top, kToolsList), HoldsOk(Reads(error.text())));
  will_say(fail(ErrorKind::network, "broken"));
  EXPECT_THAT(ask(*top, kToolsList), FailsWith(ErrorKind::network, "broken"));
  will_say(R"({"tools":17})");
  EXPECT_THAT(ask(*top, kToolsList), test::IsOk());
}

struct Glob {
  std::vector<std::string> allow, ignore;
  std::string tool;
  bool is_allowed;
};
class ToolRules : public testing::TestWithParam<Glob> {};

TEST_P(ToolRules, Decide) {
  const ToolFilter::Rules rules{.allow = GetParam().allow, .ignore = GetParam().ignore};
  EXPECT_EQ(rules.allows(GetParam().tool), GetParam().is_allowed) << GetParam().tool;
}

const Glob kGlobs[] = {
    {{}, {}, "a", true},        {{"a"}, {}, "a", true},        {{"a"}, {}, "ab", false},
    {{"a*"}, {}, "abc", true},  {{"a", "b"}, {}, "b", true},   {{}, {"a"}, "a", false},
    {{}, {"a"}, "b", true},     {{"a*"}, {"ab"}, "ab", false}, {{"a*"}, {"ab"}, "ac", true},
    {{"a"}, {"*"}, "a", false},
};
INSTANTIATE_TEST_SUITE_P(ToolFilter, ToolRules, testing::ValuesIn(kGlobs));

// ---- ArgumentNormalizer -------------------------------------------------------------------------

class ArgumentNormalizerTest : public LayerFixture {
 protected:
  // What the server is asked when the client asks this.
  std::string passed_on(std::string_view request) {
    will_say("{}");
    EXPECT_THAT(ask(*top_, request), test::IsOk());
    return asked().back();
  }
  std::unique_ptr<Upstream> top_ = layer<ArgumentNormalizer>();
};

// Item 197.
TEST_F(ArgumentNormalizerTest, MakesNullAnEmptyObject) {
  EXPECT_EQ(
      passed_on(
          R"({"jsonrpc":"2.0","id":1,"params":{"name":"a", "arguments" : null ,"n":1.0},"method":"tools/call"})"),
      R"({"jsonrpc":"2.0","id":1,"params":{"name":"a", "arguments" : {} ,"n":1.0},"method":"tools/call"})");
}

// Item 198.
TEST_F(ArgumentNormalizerTest, LeavesEverythingElseAlone) {
  for (
      const std::string_view request :
      {R"({"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":"a","arguments":null}})",
       R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":{}}})",
       R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":"null"}})",
       R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":{"t":"\"arguments\":null","arguments":null}}})",
       R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a"}})",
       R"({"jsonrpc":"2.0","id":1,"method":"tools/call"})",
       R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":null})"})
    EXPECT_EQ(passed_on(request), request);
}

// ---- Any layer ----------------------------------------------------------------------------------

TEST_F(LayerFixture, PassesOnWhatItDoesNotChange) {
  auto top = layer<Layer>();
  EXPECT_THAT(test::run(loop_, top->tell(mcp::make_notification("notifications/x"), nullptr)),
              test::IsOk());
  EXPECT_THAT(server_->told(), SizeIs(1));
  test::run(loop_, top->close());
  EXPECT_EQ(server_->closed(), 1);
  EXPECT_THAT(test::run(loop_, top->run(hearer_)), test::IsOk());
  EXPECT_EQ(server_->own(), hearer_);
}

}  // namespace
}  // namespace mcpio::bridge
