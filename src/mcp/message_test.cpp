// SPDX-License-Identifier: MIT
#include "mcp/message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

#include "codec/json_scanner.h"
#include "codec/json_view.h"
#include "support/result_matchers.h"

namespace mcpio::mcp {
namespace {

using namespace std::string_view_literals;
using test::FailsWith;
using test::IsOk;
using testing::Eq;
using testing::Optional;

codec::JsonText scanned(std::string_view json) {
  codec::JsonScanner scanner(1024 * 1024);
  EXPECT_THAT(scanner.feed(json), IsOk());
  auto text = scanner.finish();
  EXPECT_THAT(text, IsOk());
  return *std::move(text);
}

Result<Message> parse(std::string_view json) { return Message::from(scanned(json)); }

// ---- Kinds --------------------------------------------------------------------------------------

TEST(Message, WithAMethodAndAnIdIsARequest) {
  const Message message = Message::of(R"({"jsonrpc":"2.0","id":1,"method":"ping"})");
  EXPECT_EQ(message.kind(), Kind::request);
  EXPECT_TRUE(message.is_request());
  EXPECT_TRUE(message.is_request("ping"));
  EXPECT_FALSE(message.is_request("pin"));
  EXPECT_FALSE(message.is_notification());
  EXPECT_FALSE(message.is_notification("ping"));
  EXPECT_FALSE(message.is_response());
  EXPECT_EQ(message.method(), "ping");
  EXPECT_EQ(message.id(), "1");
  EXPECT_EQ(message.params(), std::nullopt);
}

TEST(Message, WithAMethodAndNoIdIsANotification) {
  const Message message =
      Message::of(R"({"jsonrpc":"2.0","method":"notifications/initialized","params":{"a":1}})");
  EXPECT_TRUE(message.is_notification("notifications/initialized"));
  EXPECT_FALSE(message.is_request());
  EXPECT_FALSE(message.is_response());
  EXPECT_EQ(message.id(), "");
  EXPECT_THAT(message.params(), Optional(R"({"a":1})"sv));
}

TEST(Message, WithAResultIsAResponse) {
  const Message message = Message::of(R"({"jsonrpc":"2.0","id":"a","result":{"x":[1]}})");
  EXPECT_TRUE(message.is_response());
  EXPECT_EQ(message.id(), R"("a")");
  EXPECT_EQ(message.method(), "");
  EXPECT_THAT(message.result(), Optional(R"({"x":[1]})"sv));
  EXPECT_EQ(message.error(), std::nullopt);
}

TEST(Message, WithAnErrorIsAResponse) {
  const Message message =
      Message::of(R"({"jsonrpc":"2.0","id":7,"error":{"code":-32601,"message":"no"}})");
  EXPECT_TRUE(message.is_response());
  EXPECT_EQ(message.id(), "7");
  EXPECT_EQ(message.result(), std::nullopt);
  EXPECT_THAT(message.error(), Optional(R"({"code":-32601,"message":"no"})"sv));
}

// JSON-RPC 2.0, section 5: the id of an error may be unknown. Some peers then leave it out.
TEST(Message, WithAnErrorNeedsNoId) {
  const Message none = Message::of(R"({"jsonrpc":"2.0","error":{"code":-32700,"message":"no"}})");
  EXPECT_TRUE(none.is_response());
  EXPECT_EQ(none.id(), "");
  const Message null =
      Message::of(R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"no"}})");
  EXPECT_TRUE(null.is_response());
  EXPECT_EQ(null.id(), "null");
}

TEST(Message, MayHaveAResultOfAnyKind) {
  for (const auto result : {"null"sv, "0"sv, "[]"sv, R"("x")"sv, "true"sv}) {
    const Message message =
        Message::of(R"({"jsonrpc":"2.0","id":1,"result":)" + std::string(result) + "}");
    EXPECT_TRUE(message.is_response());
    EXPECT_THAT(message.result(), Optional(result));
  }
}

TEST(Message, MayHaveItsMembersInAnyOrderAndUnknownOnes) {
  const Message message = Message::of(
      R"({ "params" : {"a":1} , "x":{"id":9,"method":"no"}, "method":"a/b", "id" : 3 ,"jsonrpc":"2.0"})");
  EXPECT_TRUE(message.is_request("a/b"));
  EXPECT_EQ(message.id(), "3");
  EXPECT_THAT(message.params(), Optional(R"({"a":1})"sv));
}

TEST(Message, DecodesItsMethod) {
  EXPECT_TRUE(Message::of(R"({"jsonrpc":"2.0","id":1,"method":"tools\/c\u0061ll"})")
                  .is_request("tools/call"));
}

// Item 137 and 191 of the relay's list: text inside arguments decides nothing.
TEST(Message, IsNotMisledByTextInItsArguments) {
  const Message message = Message::of(
      R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"arguments":{"method":"initialize","t":"\"method\":\"notifications/cancelled\""}}})");
  EXPECT_TRUE(message.is_request("tools/call"));
}

class UsableId : public testing::TestWithParam<std::string_view> {};

TEST_P(UsableId, IsKeptAsItsText) {
  const Message message =
      Message::of(R"({"jsonrpc":"2.0","id":)" + std::string(GetParam()) + R"(,"method":"ping"})");
  EXPECT_TRUE(message.is_request());
  EXPECT_EQ(message.id(), GetParam());
}

INSTANTIATE_TEST_SUITE_P(Message, UsableId,
                         testing::Values("0", "1", "-1", "1.0", "1e3", "9007199254740993",
                                         "123456789012345678901234567890", R"("")", R"("a")",
                                         R"("\u0061\"\\")", "\"\xC3\xA9\"", "null"));

struct Refused {
  std::string_view name, json;
};
void PrintTo(const Refused& c, std::ostream* out) { *out << c.json; }
class NoMessage : public testing::TestWithParam<Refused> {};

TEST_P(NoMessage, IsRefused) {
  EXPECT_THAT(parse(GetParam().json), FailsWith(ErrorKind::protocol, ""));
}

const Refused kRefused[] = {
    {"Array", "[]"},
    {"Batch", R"([{"jsonrpc":"2.0","id":1,"method":"ping"}])"},
    {"String", R"("a")"},
    {"Number", "1"},
    {"Null", "null"},
    {"Empty", "{}"},
    {"NoVersion", R"({"id":1,"method":"ping"})"},
    {"OtherVersion", R"({"jsonrpc":"1.0","id":1,"method":"ping"})"},
    {"NumberAsVersion", R"({"jsonrpc":2.0,"id":1,"method":"ping"})"},
    {"OnlyVersion", R"({"jsonrpc":"2.0"})"},
    {"OnlyId", R"({"jsonrpc":"2.0","id":1})"},
    {"NumberAsMethod", R"({"jsonrpc":"2.0","id":1,"method":1})"},
    {"NullAsMethod", R"({"jsonrpc":"2.0","id":1,"method":null})"},
    {"EmptyMethod", R"({"jsonrpc":"2.0","id":1,"method":""})"},
    {"ObjectAsId", R"({"jsonrpc":"2.0","id":{},"method":"ping"})"},
    {"ArrayAsId", R"({"jsonrpc":"2.0","id":[1],"method":"ping"})"},
    {"BooleanAsId", R"({"jsonrpc":"2.0","id":true,"method":"ping"})"},
    {"ResultAndError", R"({"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":""}})"},
    {"ResultWithoutId", R"({"jsonrpc":"2.0","result":{}})"},
    {"StringAsError", R"({"jsonrpc":"2.0","id":1,"error":"no"})"},
    {"NullAsError", R"({"jsonrpc":"2.0","id":1,"error":null})"},
};
INSTANTIATE_TEST_SUITE_P(JsonRpc2, NoMessage, testing::ValuesIn(kRefused),
                         [](const auto& test) { return std::string(test.param.name); });

// ---- Bytes --------------------------------------------------------------------------------------

TEST(Message, KeepsItsBytes) {
  constexpr std::string_view kLine =
      R"({ "z":1.10,"jsonrpc":"2.0", "id":18446744073709551616,"method":"x","a":"\/\u00e9" })";
  EXPECT_EQ(Message::of(kLine).text(), kLine);
}

TEST(Message, SharesItsBytesWithItsCopies) {
  const Message message = Message::of(R"({"jsonrpc":"2.0","id":1,"method":"ping"})");
  const Message copy = message;
  EXPECT_EQ(copy.text().data(), message.text().data());
  EXPECT_EQ(copy.bytes(), message.bytes());
}

TEST(Message, WithAnotherIdKeepsEveryOtherByte) {
  const Message request = Message::of(
      R"({ "jsonrpc":"2.0", "id" : 1 ,"method":"x", "params":{"id":1,"n":9007199254740993} })");
  const Message other = request.with_id(R"("mcp-stdio/17")");
  EXPECT_EQ(
      other.text(),
      R"({ "jsonrpc":"2.0", "id" : "mcp-stdio/17" ,"method":"x", "params":{"id":1,"n":9007199254740993} })");
  EXPECT_EQ(other.id(), R"("mcp-stdio/17")");
  EXPECT_THAT(other.params(), Optional(R"({"id":1,"n":9007199254740993})"sv));
  EXPECT_TRUE(other.is_request("x"));
  EXPECT_EQ(request.id(), "1") << "the original changes not";
  EXPECT_EQ(other.with_id("1").text(), request.text());
}

TEST(Message, WithAnotherIdKeepsTrackOfMembersBeforeAndBehind) {
  const Message response =
      Message::of(R"({"result":{"a":1},"id":"long enough","jsonrpc":"2.0"})").with_id("2");
  EXPECT_EQ(response.text(), R"({"result":{"a":1},"id":2,"jsonrpc":"2.0"})");
  EXPECT_THAT(response.result(), Optional(R"({"a":1})"sv));
  const Message error =
      Message::of(R"({"jsonrpc":"2.0","id":2,"error":{"code":1,"message":"m"}})").with_id("\"ab\"");
  EXPECT_THAT(error.error(), Optional(R"({"code":1,"message":"m"})"sv));
  EXPECT_EQ(error.id(), "\"ab\"");
}

TEST(Message, WithoutAnIdGetsNone) {
  const Message note = Message::of(R"({"jsonrpc":"2.0","method":"x"})");
  EXPECT_EQ(note.with_id("1").text(), note.text());
}

TEST(Message, WithOtherParamsKeepsEveryOtherByte) {
  const Message request =
      Message::of(R"({"jsonrpc":"2.0","params": {"a":1} ,"id":1,"method":"x","z":0})");
  const Message other = request.with_params(R"({"b":[2,3]})");
  EXPECT_EQ(other.text(), R"({"jsonrpc":"2.0","params": {"b":[2,3]} ,"id":1,"method":"x","z":0})");
  EXPECT_THAT(other.params(), Optional(R"({"b":[2,3]})"sv));
  EXPECT_EQ(other.id(), "1");
}

TEST(Message, WithParamsGetsThemWhereThereWereNone) {
  const Message request = Message::of(R"({"jsonrpc":"2.0","id":1,"method":"tools/list" })");
  const Message other = request.with_params(R"({"cursor":"}"})");
  EXPECT_EQ(codec::find_member(other.text(), "params"), R"({"cursor":"}"})");
  EXPECT_THAT(other.params(), Optional(R"({"cursor":"}"})"sv));
  EXPECT_EQ(other.id(), "1");
  EXPECT_TRUE(parse(other.text())->is_request("tools/list"));
  EXPECT_THAT(other.with_params("{}").params(), Optional("{}"sv));
}

TEST(Message, WithAnotherResultKeepsEveryOtherByte) {
  const Message response = Message::of(R"({"jsonrpc":"2.0","result":{"a":1},"x":1,"id":"r"})");
  const Message other = response.with_result(std::array{R"({"tools")"sv, ":[]}"sv});
  EXPECT_EQ(other.text(), R"({"jsonrpc":"2.0","result":{"tools":[]},"x":1,"id":"r"})");
  EXPECT_THAT(other.result(), Optional(R"({"tools":[]})"sv));
  EXPECT_EQ(other.id(), R"("r")");
}

// ---- Names that readers disagree on -------------------------------------------------------------

struct Names {
  std::string_view name, json;
  bool is_ambiguous;
};
void PrintTo(const Names& c, std::ostream* out) { *out << c.json; }
class AmbiguousMessage : public testing::TestWithParam<Names> {};

TEST_P(AmbiguousMessage, IsRecognised) {
  auto message = parse(GetParam().json);
  ASSERT_THAT(message, IsOk());
  EXPECT_EQ(!message->ambiguity().empty(), GetParam().is_ambiguous) << message->ambiguity();
}

const Names kNames[] = {
    {"Plain", R"({"jsonrpc":"2.0","id":1,"method":"x","params":{"a":1,"_meta":{"b":1}}})", false},
    {"NoParams", R"({"jsonrpc":"2.0","id":1,"method":"x"})", false},
    {"ArrayAsParams", R"({"jsonrpc":"2.0","id":1,"method":"x","params":[1,1]})", false},
    {"DeepInside", R"({"jsonrpc":"2.0","id":1,"method":"x","params":{"arguments":{"a":1,"a":2}}})",
     false},
    {"EscapesInValues", R"({"jsonrpc":"2.0","id":"\u0031","method":"\u0078"})", false},
    {"MethodTwice", R"({"jsonrpc":"2.0","id":1,"method":"x","method":"y"})", true},
    {"IdTwice", R"({"jsonrpc":"2.0","id":1,"method":"x","id":2})", true},
    {"ParamsTwice", R"({"jsonrpc":"2.0","id":1,"method":"x","params":{},"params":{}})", true},
    {"UnknownTwice", R"({"jsonrpc":"2.0","id":1,"method":"x","y":1,"y":2})", true},
    {"EscapedMethod", R"({"jsonrpc":"2.0","id":1,"method":"x","m\u0065thod":"y"})", true},
    {"EscapedUnknown", R"({"jsonrpc":"2.0","id":1,"method":"x","a\/b":1})", false},
    {"EscapedUnknownTwice", R"({"jsonrpc":"2.0","id":1,"method":"x","a/b":1,"a\/b":2})", true},
    {"NameTwiceInParams", R"({"jsonrpc":"2.0","id":1,"method":"x","params":{"name":1,"name":2}})",
     true},
    {"EscapedInParams",
     R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"n\u0061me":1}})", true},
    {"EscapedWhereNobodyLooks",
     R"({"jsonrpc":"2.0","id":1,"method":"x","params":{"n\u0061me":1,"a\/b":2}})", false},
    {"EscapedMeta", R"({"jsonrpc":"2.0","id":1,"method":"x","params":{"\u005fmeta":{}}})", true},
    {"TwiceInMeta",
     R"({"jsonrpc":"2.0","id":1,"method":"x","params":{"_meta":{"progressToken":1,"progressToken":2}}})",
     true},
    {"EscapedInMeta",
     R"({"jsonrpc":"2.0","id":1,"method":"x","params":{"_meta":{"io.modelcontextprotocol\/related-task":{}}}})",
     false},
    {"EscapedInMetaTwice",
     R"({"jsonrpc":"2.0","id":1,"method":"x","params":{"_meta":{"p":1,"\u0070":2}}})", true},
    {"MethodInCapitals", R"({"jsonrpc":"2.0","id":1,"method":"x","Method":"y"})", true},
    {"ResultInCapitals", R"({"jsonrpc":"2.0","id":1,"method":"x","RESULT":{}})", true},
    {"ParamsWithALongS", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"x\",\"param\u017F\":{}}",
     true},
    {"MethodInAResponse", R"({"jsonrpc":"2.0","id":1,"result":{},"Method":"x","params":{}})", true},
    {"UnknownInCapitals", R"({"jsonrpc":"2.0","id":1,"method":"x","Xyz":1})", false},
    {"NameInCapitals", R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"Name":1}})",
     true},
    {"CursorInCapitals", R"({"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"Cursor":1}})",
     true},
    {"NameInCapitalsWhereNobodyLooks",
     R"({"jsonrpc":"2.0","id":1,"method":"x","params":{"Name":1,"Uri":2,"cursor":3}})", false},
    {"MetaInCapitals", R"({"jsonrpc":"2.0","id":1,"method":"x","params":{"_META":{}}})", true},
    {"CapitalsInMeta", R"({"jsonrpc":"2.0","id":1,"method":"x","params":{"_meta":{"Aa":1}}})",
     false},
    {"CapitalsInMetaTwice",
     R"({"jsonrpc":"2.0","id":1,"method":"x","params":{"_meta":{"a":1,"A":2}}})", true},
    {"InANotification", R"({"jsonrpc":"2.0","method":"x","params":{"a":1,"a":1}})", true},
};
INSTANTIATE_TEST_SUITE_P(Invariant8, AmbiguousMessage, testing::ValuesIn(kNames),
                         [](const auto& test) { return std::string(test.param.name); });

// ---- Ids ----------------------------------------------------------------------------------------

TEST(UsableIdOf, IsTheIdIfItIsAStringOrANumber) {
  EXPECT_EQ(usable_id(scanned(R"({"id":17,"method":1})")), "17");
  EXPECT_EQ(usable_id(scanned(R"({"x":1,"id":"a"})")), R"("a")");
  EXPECT_EQ(usable_id(scanned(R"({"id":-1.5})")), "-1.5");
}

TEST(UsableIdOf, IsNullOtherwise) {
  for (const auto json : {R"({})"sv, R"({"id":null})"sv, R"({"id":{}})"sv, R"({"id":[1]})"sv,
                          R"({"id":true})"sv, R"({"x":{"id":1}})"sv, R"([{"id":1}])"sv, "1"sv})
    EXPECT_EQ(usable_id(scanned(json)), "null") << json;
}

TEST(CanonicalId, IsOneTextForOneString) {
  EXPECT_EQ(canonical_id(R"("a")"), canonical_id(R"("\u0061")"));
  EXPECT_EQ(canonical_id(R"("a/b")"), canonical_id(R"("a\/b")"));
  EXPECT_EQ(canonical_id(R"("\n")"), canonical_id(R"("\u000A")"));
  EXPECT_EQ(canonical_id("\"\xC3\xA9\""), canonical_id(R"("\u00e9")"));
  EXPECT_EQ(canonical_id("\"\x7f\""), canonical_id(R"("\u007f")"));
  EXPECT_EQ(canonical_id("\"\xF0\x9D\x84\x9E\""), canonical_id(R"("\ud834\udd1e")"));
}

TEST(CanonicalId, KeepsIdsApart) {
  EXPECT_NE(canonical_id(R"("1")"), canonical_id("1"));
  EXPECT_NE(canonical_id(R"("a")"), canonical_id(R"("A")"));
  EXPECT_NE(canonical_id("9007199254740992"), canonical_id("9007199254740993"));
  EXPECT_NE(canonical_id("null"), canonical_id(R"("null")"));
  EXPECT_NE(canonical_id(R"("\\u0061")"), canonical_id(R"("a")"));
}

TEST(Label, NamesMethodAndId) {
  EXPECT_EQ(label(Message::of(R"({"jsonrpc":"2.0","id":7,"method":"tools/call"})")),
            "tools/call 7");
  EXPECT_EQ(label(Message::of(R"({"jsonrpc":"2.0","method":"notifications/x"})")),
            "notifications/x");
  EXPECT_EQ(label(Message::of(R"({"jsonrpc":"2.0","id":"a","result":{}})")), R"(response "a")");
}

TEST(Label, IsBounded) {
  const std::string huge(10'000, 'x');
  EXPECT_LT(label(make_request("\"" + huge + "\"", huge)).size(), 200u);
}

// ---- Messages of our own ------------------------------------------------------------------------

TEST(MakeRequest, IsARequest) {
  const Message plain = make_request("1", "ping");
  EXPECT_TRUE(plain.is_request("ping"));
  EXPECT_EQ(plain.id(), "1");
  EXPECT_EQ(plain.params(), std::nullopt);
  const Message full = make_request(R"("a")", "x\"y", R"({"b":1})");
  EXPECT_TRUE(full.is_request("x\"y"));
  EXPECT_THAT(full.params(), Optional(R"({"b":1})"sv));
}

TEST(MakeNotification, IsANotification) {
  EXPECT_TRUE(make_notification("notifications/x").is_notification("notifications/x"));
  EXPECT_THAT(make_notification("n", R"({"b":1})").params(), Optional(R"({"b":1})"sv));
}

TEST(MakeResult, IsAResponse) {
  const Message message = make_result("null", "{}");
  EXPECT_TRUE(message.is_response());
  EXPECT_EQ(message.id(), "null");
  EXPECT_THAT(message.result(), Optional("{}"sv));
}

TEST(MakeError, HoldsCodeTextAndData) {
  const Message message =
      make_error("3", -32000, "a \"text\"\nof \xFF\xE2\x80\xA8 any kind", R"({"status":500})");
  ASSERT_TRUE(message.error());
  EXPECT_EQ(message.id(), "3");
  EXPECT_EQ(codec::find_member(*message.error(), "code"), "-32000");
  EXPECT_EQ(codec::find_member(*message.error(), "data"), R"({"status":500})");
  EXPECT_THAT(codec::string_value(*codec::find_member(*message.error(), "message")),
              Optional(Eq("a \"text\"\nof \xEF\xBF\xBD\xE2\x80\xA8 any kind")));
  EXPECT_EQ(message.text().find('\n'), std::string_view::npos);
}

TEST(MakeError, NeedsNoData) {
  EXPECT_EQ(codec::find_member(*make_error("null", -32700, "no").error(), "data"), std::nullopt);
}

}  // namespace
}  // namespace mcpio::mcp
