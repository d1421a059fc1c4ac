// SPDX-License-Identifier: MIT
#include "upstream_answers.h"

#include <fmt/format.h>

#include <charconv>
#include <cstddef>
#include <iterator>
#include <map>
#include <utility>

namespace bench {
namespace {

constexpr std::string_view kSession = "Mcp-Session-Id: 5ca1ab1e-bench\r\n";
constexpr std::string_view kTools =
    R"({"tools":[{"name":"echo","description":"Says the text again","inputSchema":{"type":"object","properties":{"text":{"type":"string"},"sse":{"type":"boolean"}}}},)"
    R"({"name":"sleep","description":"Answers after 100 ms","inputSchema":{"type":"object"}},)"
    R"({"name":"big","description":"One large result","inputSchema":{"type":"object","properties":{"megabytes":{"type":"integer"},"rich":{"type":"boolean"},"sse":{"type":"boolean"}}}},)"
    R"({"name":"notify","description":"Many log messages, then the answer","inputSchema":{"type":"object","properties":{"count":{"type":"integer"}}}}]})";

// The raw value of the first member with this name: a whole string with its quotes, or the
// characters of a number or literal. Enough for what the driver and the bridges send.
std::string_view member(std::string_view json, std::string_view name) {
  const auto key = fmt::format("\"{}\":", name);
  const auto found = json.find(key);
  if (found == json.npos) return {};
  json.remove_prefix(found + key.size());
  const auto end = json.starts_with('"') ? json.find('"', 1) + 1 : json.find_first_of(",}");
  return json.substr(0, end);
}

std::size_t number(std::string_view digits) {
  std::size_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

// A result of about this many bytes: one long text, as when a file is read.
std::string long_text(std::size_t bytes) {
  std::string result = R"({"content":[{"type":"text","text":")";
  result.reserve(bytes + 128);
  for (int line = 0; result.size() < bytes; ++line)
    fmt::format_to(std::back_inserter(result),
                   R"(line {:07}: the quick brown fox jumps over the lazy dog, again and again\n)",
                   line);
  return result += R"("}]})";
}

// The same size made of many small values, as when a table is read.
std::string many_values(std::size_t bytes) {
  std::string result =
      R"({"content":[{"type":"text","text":"a table"}],"structuredContent":{"rows":[)";
  result.reserve(bytes + 256);
  for (int row = 0; result.size() < bytes; ++row)
    fmt::format_to(
        std::back_inserter(result),
        R"({}{{"key":{},"name":"row {}","tags":["a","b"],"size":{{"w":{},"h":3.5}},"ok":true,"note":null}})",
        row == 0 ? "" : ",", row, row, row % 97);
  return result += "]}}";
}

std::string_view large_result(std::size_t megabytes, bool rich) {
  static std::map<std::pair<std::size_t, bool>, std::string> made;
  auto& result = made[{megabytes, rich}];
  if (result.empty())
    result = rich ? many_values(megabytes * 1'000'000) : long_text(megabytes * 1'000'000);
  return result;
}

std::string chunk(std::string_view bytes) {
  return fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes);
}

// Log messages, each an event and a chunk of its own, as servers write them.
std::string log_stream(std::size_t count) {
  std::string stream;
  for (std::size_t i = 0; i < count; ++i)
    stream += chunk(fmt::format(
        "event: message\ndata: {{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\","
        "\"params\":{{\"level\":\"info\",\"logger\":\"bench\",\"data\":\"step {:05} is "
        "done\"}}}}\n\n",
        i));
  return stream;
}

std::string_view log_messages(std::size_t count) {
  static std::map<std::size_t, std::string> made;
  auto& stream = made[count];
  if (stream.empty()) stream = log_stream(count);
  return stream;
}

std::string head_of(std::string_view status, std::string_view fields) {
  return fmt::format("HTTP/1.1 {}\r\n{}{}\r\n", status, kSession, fields);
}

constexpr std::string_view kEventStream =
    "Content-Type: text/event-stream\r\nCache-Control: no-cache\r\nTransfer-Encoding: chunked\r\n";

// A response around `result`, as a JSON body or as the one event of a stream.
Answer response(std::string_view id, std::string_view result, bool sse) {
  auto before = fmt::format(R"({{"jsonrpc":"2.0","id":{},"result":)", id);
  if (!sse) {
    const auto length = before.size() + result.size() + 1;
    auto fields = fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n", length);
    return {.head = head_of("200 OK", fields) + before, .payload = result, .tail = "}"};
  }
  before.insert(0, "event: message\ndata: ");
  const std::string_view after = "}\n\n";
  const auto size = before.size() + result.size() + after.size();
  return {.head = head_of("200 OK", kEventStream) + fmt::format("{:x}\r\n", size) + before,
          .payload = result,
          .tail = std::string(after) + "\r\n0\r\n\r\n"};
}

Answer small_response(std::string_view id, std::string_view result, bool sse) {
  auto answer = response(id, result, sse);
  answer.head += answer.payload;
  answer.head += std::exchange(answer.tail, {});
  answer.payload = {};
  return answer;
}

Answer log_messages_then_response(std::string_view id, std::size_t count) {
  auto last = fmt::format(
      "event: message\ndata: {{\"jsonrpc\":\"2.0\",\"id\":{},\"result\":{{\"content\":[]}}}}\n\n",
      id);
  return {.head = head_of("200 OK", kEventStream),
          .payload = log_messages(count),
          .tail = chunk(last) + "0\r\n\r\n"};
}

Answer call_tool(std::string_view id, std::string_view body) {
  const bool sse = member(body, "sse") == "true";
  const auto tool = member(body, "name");
  if (tool == R"("big")") {
    const auto megabytes = number(member(body, "megabytes"));
    return response(id, large_result(megabytes, member(body, "rich") == "true"), sse);
  }
  if (tool == R"("notify")") return log_messages_then_response(id, number(member(body, "count")));

  const auto text = tool == R"("echo")" ? member(body, "text") : R"("awake")";
  auto answer =
      small_response(id, fmt::format(R"({{"content":[{{"type":"text","text":{}}}]}})", text), sse);
  if (tool == R"("sleep")") answer.delay = std::chrono::milliseconds(100);
  return answer;
}

Answer initialized(std::string_view id, std::string_view revision) {
  auto result = fmt::format(
      R"({{"protocolVersion":{},"capabilities":{{"tools":{{}},"logging":{{}}}},"serverInfo":{{"name":"bench","version":"1"}}}})",
      revision);
  return small_response(id, result, false);
}

Answer answer_to_message(std::string_view body) {
  const auto method = member(body, "method");
  const auto id = member(body, "id");
  if (method.empty() || id.empty())
    return {.head = head_of("202 Accepted", "Content-Length: 0\r\n"), .payload = {}, .tail = {}};
  if (method == R"("tools/call")") return call_tool(id, body);
  if (method == R"("initialize")") return initialized(id, member(body, "protocolVersion"));
  return small_response(id, method == R"("tools/list")" ? kTools : "{}", false);
}

}  // namespace

Answer answer_to(std::string_view http_method, std::string_view body) {
  if (http_method == "POST") return answer_to_message(body);
  // The stream for what the server says unasked: open, and silent.
  if (http_method == "GET")
    return {.head = head_of("200 OK", kEventStream), .payload = {}, .tail = {}};
  return {.head = head_of("200 OK", "Content-Length: 0\r\n"), .payload = {}, .tail = {}};
}

}  // namespace bench
