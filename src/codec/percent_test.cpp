// SPDX-License-Identifier: MIT
#include "codec/percent.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/result_matchers.h"

namespace mcpio::codec {
namespace {

using test::FailsWith;
using test::HoldsOk;
using testing::ElementsAre;
using testing::IsEmpty;

std::string every_byte() {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  return bytes;
}

// RFC 3986, section 2.3.
TEST(PercentEncode, KeepsTheUnreservedCharactersOnly) {
  const std::string unreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  EXPECT_EQ(percent_encode(unreserved), unreserved);
  EXPECT_EQ(percent_encode(":/?#[]@!$&'()*+,;= %"),
            "%3A%2F%3F%23%5B%5D%40%21%24%26%27%28%29%2A%2B%2C%3B%3D%20%25");
  EXPECT_EQ(percent_encode("\xC3\xA9\n"), "%C3%A9%0A");
}

TEST(PercentDecode, UndoesTheEncodingOfEveryByte) {
  EXPECT_THAT(percent_decode(percent_encode(every_byte())), HoldsOk(every_byte()));
}

TEST(PercentDecode, TakesEitherCaseAndLeavesAPlus) {
  EXPECT_THAT(percent_decode("%2f%2F+a"), HoldsOk("//+a"));
}

TEST(PercentDecode, RefusesWhatIsNoCode) {
  for (const std::string_view bad : {"%", "a%", "%2", "%%20", "%2g", "%g2", "%+1", "% 1", "%-1"}) {
    EXPECT_THAT(percent_decode(bad), FailsWith(ErrorKind::protocol, "hexadecimal")) << bad;
    EXPECT_FALSE(is_percent_encoded(bad)) << bad;
  }
  EXPECT_TRUE(is_percent_encoded("a%20b%2F"));
  EXPECT_TRUE(is_percent_encoded(""));
}

// WHATWG URL, section 5.2.
TEST(FormEncode, FollowsTheStandardsTable) {
  EXPECT_EQ(form_encode("aZ0*-._"), "aZ0*-._");
  EXPECT_EQ(form_encode("a b+c~&="), "a+b%2Bc%7E%26%3D");
}

// RFC 6749, appendix B: the text is U+0020, U+0025, U+0026, U+002B, U+00A3, U+20AC.
TEST(FormEncode, GivesTheExampleOfRfc6749) {
  EXPECT_EQ(form_encode(" %&+\xC2\xA3\xE2\x82\xAC"), "+%25%26%2B%C2%A3%E2%82%AC");
}

TEST(Form, IsDecodedToWhatWasEncoded) {
  const std::vector<FormField> fields = {
      {"grant_type", "authorization_code"}, {"a b", every_byte()}, {"", "x"}, {"empty", ""}};
  EXPECT_EQ(decode_form(encode_form(fields)), fields);
}

TEST(Form, KeepsOrderAndDuplicates) {
  EXPECT_THAT(decode_form("b=1&a=2&b=3"),
              ElementsAre(FormField{"b", "1"}, FormField{"a", "2"}, FormField{"b", "3"}));
}

// WHATWG URL, section 5.1.
TEST(Form, IsReadAsLeniently) {
  EXPECT_THAT(decode_form(""), IsEmpty());
  EXPECT_THAT(decode_form("&&"), IsEmpty());
  EXPECT_THAT(decode_form("a&b=&=c&d=e=f"), ElementsAre(FormField{"a", ""}, FormField{"b", ""},
                                                        FormField{"", "c"}, FormField{"d", "e=f"}));
  EXPECT_THAT(decode_form("a=%&b=%4&c=%zz&d=%41%"),
              ElementsAre(FormField{"a", "%"}, FormField{"b", "%4"}, FormField{"c", "%zz"},
                          FormField{"d", "A%"}));
  EXPECT_THAT(decode_form("a+b=c+d%2B"), ElementsAre(FormField{"a b", "c d+"}));
}

}  // namespace
}  // namespace mcpio::codec
