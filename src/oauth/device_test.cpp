// SPDX-License-Identifier: MIT
#include "oauth/device.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <variant>

#include "support/result_matchers.h"

namespace mcpio::oauth {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::FailsWith;
using testing::HasSubstr;

std::string answer(std::string_view more) {
  return R"({"device_code":"dc","user_code":"WDJB-MJHT","verification_uri":"https://as.example/d")" +
         std::string(more) + "}";
}

// The code, where the answer is no refusal.
Result<DeviceAuthorization> read_code(int status, std::string_view body) {
  auto answer = read_device_authorization(status, body);
  if (!answer) return propagate(answer);
  auto* const code = std::get_if<DeviceAuthorization>(&*answer);
  if (code == nullptr) return fail(ErrorKind::rejected, "refused");
  return std::move(*code);
}

// -- The answer ----------------------------------------------------------------------------------

// RFC 8628, section 3.2.
TEST(DeviceAnswer, IsTheExampleOfRfc8628) {
  const auto device = read_code(200, R"({
      "device_code": "GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS",
      "user_code": "WDJB-MJHT",
      "verification_uri": "https://example.com/device",
      "verification_uri_complete": "https://example.com/device?user_code=WDJB-MJHT",
      "expires_in": 1800,
      "interval": 5
    })");
  ASSERT_TRUE(device);
  EXPECT_EQ(device->device_code.reveal(), "GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS");
  EXPECT_EQ(device->user_code, "WDJB-MJHT");
  EXPECT_EQ(device->verification_uri, "https://example.com/device");
  EXPECT_EQ(device->complete_uri, "https://example.com/device?user_code=WDJB-MJHT");
  EXPECT_EQ(device->life, seconds(1800));
  EXPECT_EQ(device->interval, seconds(5));
}

// Google.
TEST(DeviceAnswer, MayNameTheAddressAsGoogleDoes) {
  const auto device = read_code(
      200,
      R"({"device_code":"d","user_code":"u","verification_url":"https://www.google.com/device"})");
  ASSERT_TRUE(device);
  EXPECT_EQ(device->verification_uri, "https://www.google.com/device");
  EXPECT_EQ(device->complete_uri, std::nullopt);
}

struct NumberCase {
  std::string_view name, json;
  seconds life, interval;
};

class DeviceNumbers : public testing::TestWithParam<NumberCase> {};

TEST_P(DeviceNumbers, StayInTheirBounds) {
  const auto device = read_code(200, answer(GetParam().json));
  ASSERT_TRUE(device);
  EXPECT_EQ(device->life, GetParam().life);
  EXPECT_EQ(device->interval, GetParam().interval);
}

const NumberCase kNumbers[] = {
    {"Absent", "", seconds(1800), seconds(5)},
    {"Given", R"(,"expires_in":600,"interval":10)", seconds(600), seconds(10)},
    {"Strings", R"(,"expires_in":"600","interval":"10")", seconds(600), seconds(10)},
    {"TooLarge", R"(,"expires_in":1e12,"interval":1e12)", seconds(3600), seconds(3600)},
    {"TooSmall", R"(,"expires_in":0.1,"interval":0.1)", seconds(1), seconds(1)},
    {"Zero", R"(,"expires_in":0,"interval":0)", seconds(1800), seconds(5)},
    {"Negative", R"(,"expires_in":-1,"interval":-1)", seconds(1800), seconds(5)},
    {"Garbage", R"(,"expires_in":"soon","interval":{})", seconds(1800), seconds(5)},
    {"Null", R"(,"expires_in":null,"interval":null)", seconds(1800), seconds(5)},
};

INSTANTIATE_TEST_SUITE_P(Each, DeviceNumbers, testing::ValuesIn(kNumbers),
                         [](const auto& test) { return std::string(test.param.name); });

struct BrokenCase {
  std::string_view name, body, problem;
};

class BrokenDeviceAnswer : public testing::TestWithParam<BrokenCase> {};

TEST_P(BrokenDeviceAnswer, IsRefused) {
  EXPECT_THAT(read_code(200, GetParam().body),
              FailsWith(ErrorKind::protocol, std::string(GetParam().problem)));
}

const BrokenCase kBroken[] = {
    {"NotJson", "no", "is not JSON"},
    {"NoObject", "[]", "is not a JSON object"},
    {"NoDeviceCode", R"({"user_code":"u","verification_uri":"https://a.example"})", "device_code"},
    {"NoUserCode", R"({"device_code":"d","verification_uri":"https://a.example"})", "user_code"},
    {"UserCodeNoString",
     R"({"device_code":"d","user_code":1,"verification_uri":"https://a.example"})", "user_code"},
    {"NoAddress", R"({"device_code":"d","user_code":"u"})", "has no verification_uri"},
    {"PlainHttp", R"({"device_code":"d","user_code":"u","verification_uri":"http://a.example"})",
     "not safe to open"},
    {"Script", R"({"device_code":"d","user_code":"u","verification_uri":"javascript:alert"})",
     "not safe to open"},
    {"Password",
     R"({"device_code":"d","user_code":"u","verification_uri":"https://u:p@a.example"})",
     "not safe to open"},
};

INSTANTIATE_TEST_SUITE_P(Each, BrokenDeviceAnswer, testing::ValuesIn(kBroken),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(DeviceAnswer, MayPointAtThisMachine) {
  const auto device = read_code(
      200, R"({"device_code":"d","user_code":"u","verification_uri":"http://127.0.0.1:8/d"})");
  ASSERT_TRUE(device);
  EXPECT_EQ(device->verification_uri, "http://127.0.0.1:8/d");
}

TEST(DeviceAnswer, LosesACompleteAddressThatIsNotSafe) {
  const auto device =
      read_code(200, answer(R"(,"verification_uri_complete":"http://evil.example")"));
  ASSERT_TRUE(device);
  EXPECT_EQ(device->complete_uri, std::nullopt);
}

TEST(DeviceAnswer, ShowsAUserCodeMadeHarmless) {
  const auto device = read_code(
      200,
      R"({"device_code":"d","user_code":"\u001b[2JAB\n","verification_uri":"https://a.example"})");
  ASSERT_TRUE(device);
  EXPECT_EQ(device->user_code, "[2JAB");
}

TEST(DeviceAnswer, MayBeARefusalWithAnyStatus) {
  for (const int status : {200, 401}) {
    const auto answer = read_device_authorization(status, R"({"error":"invalid_client"})");
    ASSERT_TRUE(answer);
    const auto* const refused = std::get_if<TokenError>(&*answer);
    ASSERT_NE(refused, nullptr);
    EXPECT_EQ(to_string(*refused), fmt::format("{} invalid_client", status));
  }
}

// -- Polling -------------------------------------------------------------------------------------

const SteadyTime kStart = SteadyTime(seconds(1000));

DevicePolling polling(seconds life, seconds patience) {
  DeviceAuthorization device;
  device.life = life;
  return DevicePolling(device, kStart, patience);
}

TokenError refusal(std::string_view error, int status = 400) {
  return make_token_error(status, error, "");
}

milliseconds pause_of(const DevicePolling::Step& step) {
  const auto* wait = std::get_if<DevicePolling::Wait>(&step);
  return wait == nullptr ? milliseconds(-1) : wait->pause;
}

Error error_of(const DevicePolling::Step& step) {
  const auto* error = std::get_if<Error>(&step);
  return error == nullptr ? Error{.kind = ErrorKind::io, .message = "no error"} : *error;
}

TEST(DevicePolling, EndsWithTheCodeOrThePatience) {
  EXPECT_EQ(polling(seconds(600), seconds(300)).deadline(), kStart + seconds(300));
  EXPECT_EQ(polling(seconds(100), seconds(300)).deadline(), kStart + seconds(100));
  EXPECT_EQ(polling(seconds(100), seconds(0)).deadline(), kStart + seconds(1));
}

TEST(DevicePolling, WaitsTheIntervalWhilePending) {
  DevicePolling poll = polling(seconds(600), seconds(300));
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(pause_of(poll.after_refusal(refusal("authorization_pending"), kStart)), seconds(5));
}

// RFC 8628, section 3.5: "On encountering a connection timeout, clients MUST unilaterally reduce
// their polling frequency before retrying."
TEST(DevicePolling, WaitsTwiceAsLongEachTimeTheServerIsNotReached) {
  DevicePolling poll = polling(seconds(600), seconds(600));
  EXPECT_EQ(pause_of(poll.after_silence(kStart)), seconds(10));
  EXPECT_EQ(pause_of(poll.after_silence(kStart)), seconds(20));
  EXPECT_EQ(pause_of(poll.after_refusal(refusal("authorization_pending"), kStart)), seconds(20));
  for (int i = 0; i < 9; ++i) (void)poll.after_silence(kStart);
  EXPECT_EQ(pause_of(poll.after_silence(kStart)), seconds(60));
  EXPECT_EQ(pause_of(poll.after_refusal(refusal("slow_down"), kStart)), seconds(65));
  EXPECT_EQ(pause_of(poll.after_silence(kStart)), seconds(65));
}

// RFC 8628, section 3.5: for this and all later requests.
TEST(DevicePolling, AddsFiveSecondsWhenToldToSlowDown) {
  DevicePolling poll = polling(seconds(600), seconds(600));
  EXPECT_EQ(pause_of(poll.after_refusal(refusal("slow_down"), kStart)), seconds(10));
  EXPECT_EQ(pause_of(poll.after_refusal(refusal("authorization_pending"), kStart)), seconds(10));
  for (int i = 0; i < 20; ++i) (void)poll.after_refusal(refusal("slow_down"), kStart);
  EXPECT_EQ(pause_of(poll.after_refusal(refusal("authorization_pending"), kStart)), seconds(110));
}

TEST(DevicePolling, NeverSleepsPastTheDeadline) {
  DevicePolling poll = polling(seconds(100), seconds(300));
  EXPECT_EQ(pause_of(poll.after_silence(kStart + seconds(98))), seconds(2));
  EXPECT_EQ(pause_of(poll.after_silence(kStart + milliseconds(99'500))), milliseconds(500));
  const Error late = error_of(poll.after_silence(kStart + seconds(100)));
  EXPECT_EQ(late.kind, ErrorKind::timed_out);
  EXPECT_THAT(late.message, HasSubstr("--oauth-timeout"));
}

TEST(DevicePolling, StopsAtOnceForAnythingElse) {
  DevicePolling poll = polling(seconds(600), seconds(300));
  EXPECT_EQ(error_of(poll.after_refusal(refusal("expired_token"), kStart)).kind,
            ErrorKind::timed_out);
  for (const char* error : {"access_denied", "invalid_client", "surprise", ""})
    EXPECT_TRUE(
        std::holds_alternative<DevicePolling::Refused>(poll.after_refusal(refusal(error), kStart)))
        << error;
}

}  // namespace
}  // namespace mcpio::oauth
