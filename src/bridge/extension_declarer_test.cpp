// SPDX-License-Identifier: MIT
#include "bridge/extension_declarer.h"

#include <gmock/gmock.h>

#include <boost/asio/io_context.hpp>

#include "support/fake_upstream.h"
#include "support/result_matchers.h"
#include "support/run.h"

namespace mcpio::bridge {
namespace {

class ExtensionDeclarerTest : public testing::Test {
 protected:
  ExtensionDeclarerTest() {
    auto end = std::make_unique<test::FakeUpstream>(loop_.get_executor());
    server_ = end.get();
    server_->answers(
        [](const Message& asked) { return Result<Message>(mcp::make_result(asked.id(), "{}")); });
    top_ = std::make_unique<ExtensionDeclarer>(std::move(end), "org.example/sso");
  }

  // The params of the request that the server gets when the client sends these.
  std::string passed_on(std::string_view params, std::string_view method = "initialize") {
    Call call(mcp::make_request("1", method, params), nullptr, nullptr, nullptr);
    EXPECT_THAT(test::run(loop_, top_->call(std::move(call))), test::IsOk());
    return std::string(server_->calls().back().request.params().value_or(""));
  }

 private:
  asio::io_context loop_{1};
  test::FakeUpstream* server_ = nullptr;
  std::unique_ptr<Upstream> top_;
};

TEST_F(ExtensionDeclarerTest, AddsOneMemberAndLeavesEveryOtherByte) {
  EXPECT_EQ(passed_on(R"({"n" : 1.0,"capabilities":{ },"x":null})"),
            R"({"n" : 1.0,"capabilities":{"extensions":{"org.example/sso":{}} },"x":null})");
  EXPECT_EQ(passed_on(R"({"capabilities":{"roots":{}}})"),
            R"({"capabilities":{"extensions":{"org.example/sso":{}},"roots":{}}})");
  EXPECT_EQ(
      passed_on(R"({"capabilities":{"extensions":{ "a/b":{"c":[1]}},"roots":{}}})"),
      R"({"capabilities":{"extensions":{"org.example/sso":{}, "a/b":{"c":[1]}},"roots":{}}})");
  EXPECT_EQ(
      passed_on(R"({"protocolVersion":"2025-11-25"})"),
      R"({"capabilities":{"extensions":{"org.example/sso":{}}},"protocolVersion":"2025-11-25"})");
}

TEST_F(ExtensionDeclarerTest, LeavesWhatItDoesNotUnderstand) {
  for (const std::string_view params :
       {R"({"capabilities":{"extensions":{"org.example/sso":{"the":"client's own"}}}})",
        R"({"capabilities":null})", R"({"capabilities":{"extensions":[]}})",
        R"([{"capabilities":{}}])"})
    EXPECT_EQ(passed_on(params), params);
  EXPECT_EQ(passed_on("", "initialize"), "");
  EXPECT_EQ(passed_on(R"({"capabilities":{}})", "tools/list"), R"({"capabilities":{}})");
}

}  // namespace
}  // namespace mcpio::bridge
