// SPDX-License-Identifier: MIT
#include "codec/base64.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "support/result_matchers.h"

namespace mcpio::codec {
namespace {

using namespace std::string_view_literals;
using test::FailsWith;
using test::HoldsOk;
using testing::Not;

struct Vector {
  std::string_view bytes, text, url;
};

const Vector kVectors[] = {
    // RFC 4648, section 10.
    {"", "", ""},
    {"f", "Zg==", "Zg"},
    {"fo", "Zm8=", "Zm8"},
    {"foo", "Zm9v", "Zm9v"},
    {"foob", "Zm9vYg==", "Zm9vYg"},
    {"fooba", "Zm9vYmE=", "Zm9vYmE"},
    {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
    // RFC 7515, appendix C.
    {"\x03\xEC\xFF\xE0\xC1", "A+z/4ME=", "A-z_4ME"},
    {"\0\0\0"sv, "AAAA", "AAAA"},
};

TEST(Base64, GivesTheExamplesOfTheStandards) {
  for (const Vector& vector : kVectors) {
    EXPECT_EQ(base64(vector.bytes), vector.text);
    EXPECT_EQ(base64url(vector.bytes), vector.url);
    EXPECT_THAT(decode_base64(vector.text), HoldsOk(vector.bytes)) << vector.text;
    EXPECT_THAT(decode_base64url(vector.url), HoldsOk(vector.bytes)) << vector.url;
  }
}

TEST(Base64, UndoesTheEncodingOfEveryByteAtEveryPlace) {
  std::string bytes;
  for (int i = 0; i < 260; ++i) {
    EXPECT_THAT(decode_base64(base64(bytes)), HoldsOk(bytes));
    EXPECT_THAT(decode_base64url(base64url(bytes)), HoldsOk(bytes));
    bytes += static_cast<char>(i);
  }
}

struct Bad {
  std::string_view text, story;
};

TEST(DecodeBase64, RefusesWhatTheEncoderDoesNotWrite) {
  const Bad bad[] = {
      {"Zg", "padding"},
      {"Zg=", "padding"},
      {"Zm8", "padding"},
      {"=", "padding"},
      {"Zm9vYg=", "padding"},
      {"====", "does not have"},
      {"Z===", "does not have"},
      {"Zg==Zg==", "does not have"},
      {"Zm=v", "does not have"},
      {"Zm9v====", "does not have"},
      {"A-z_", "does not have"},
      {"Zm9\n", "does not have"},
      {" Zm9", "does not have"},
      {"Zm9\0"sv, "does not have"},
      {"Zm9\xFF", "does not have"},
      {"Zh==", "ends within"},
      {"Zm9=", "ends within"},
  };
  for (const Bad& row : bad)
    EXPECT_THAT(decode_base64(row.text), FailsWith(ErrorKind::protocol, row.story)) << row.text;
}

TEST(DecodeBase64Url, RefusesWhatTheEncoderDoesNotWrite) {
  const Bad bad[] = {
      {"Zg==", "does not have"},      {"Zm8=", "does not have"},   {"A+z/", "does not have"},
      {"Zm9v Zm9v", "does not have"}, {"Zm9v\n", "does not have"}, {"Zm9v.", "does not have"},
      {"Z", "ends within"},           {"Zm9vZ", "ends within"},    {"A", "ends within"},
      {"Zh", "ends within"},          {"Zm9", "ends within"},
  };
  for (const Bad& row : bad)
    EXPECT_THAT(decode_base64url(row.text), FailsWith(ErrorKind::protocol, row.story)) << row.text;
}

// It may be a secret.
TEST(DecodeBase64Url, NeverQuotesItsInput) {
  EXPECT_THAT(decode_base64url("s3cret!"), Not(FailsWith(ErrorKind::protocol, "s3cret")));
}

}  // namespace
}  // namespace mcpio::codec
