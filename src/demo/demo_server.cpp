// SPDX-License-Identifier: MIT
#include "demo/demo_server.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <random>
#include <utility>

#include "codec/sse_writer.h"
#include "demo/reply.h"
#include "io/deadline.h"

namespace mcpio::demo {
namespace {

constexpr std::chrono::seconds kAnswerTime{30};  // for a question to the user
constexpr std::size_t kSessions = 64;
constexpr std::size_t kStreamEvents = 1024;  // of one call, not yet taken by its client

// The error codes of JSON-RPC 2.0, section 5.1.
constexpr int kParseError = -32700, kInvalidRequest = -32600, kMethodNotFound = -32601,
              kInvalidParams = -32602;

struct Refusal {
  int status;
  std::string text;
};

bool accepts(const http::IncomingRequest& request, std::string_view type) {
  return request.fields.find("Accept").value_or("").find(type) != std::string_view::npos;
}

// Revision 2025-11-25, basic/transports: what a server refuses before it looks at the message.
std::optional<Refusal> refusal_of(const http::IncomingRequest& request) {
  if (is_foreign(request)) return Refusal{403, "foreign Origin"};
  if (request.target != "/mcp") return Refusal{404, "the endpoint is /mcp"};
  const auto revision = request.fields.find("MCP-Protocol-Version");
  if (revision && !is_supported(*revision)) return Refusal{400, "unknown MCP-Protocol-Version"};
  const bool posts = request.method == "POST";
  if (!posts && request.method != "GET" && request.method != "DELETE")
    return Refusal{405, "POST, GET or DELETE"};
  if (posts && (!accepts(request, "application/json") || !accepts(request, "text/event-stream")))
    return Refusal{406, "a POST must accept application/json and text/event-stream"};
  if (request.method == "GET" && !accepts(request, "text/event-stream"))
    return Refusal{406, "a GET must accept text/event-stream"};
  const auto type = request.fields.find("Content-Type").value_or("");
  if (posts && http::media_type(type) != "application/json")
    return Refusal{415, "the Content-Type must be application/json"};
  return std::nullopt;
}

std::string event(const Json& message) {
  return codec::sse_event("message", std::nullopt, message.dump());
}

std::string new_session_id() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}{:08x}{:08x}", random(), random(), random(), random());
}

Json tool_response(const Json& id, const std::string& tool, const Json& arguments) {
  const Json& a = member(arguments, "a");
  const Json& b = member(arguments, "b");
  if (tool == "echo") return response(id, text_result(text_of(arguments, "text")));
  if (tool == "add" && a.is_number() && b.is_number())
    return response(id, text_result(fmt::format("{}", a.get<double>() + b.get<double>())));
  if (tool == "big") return response(id, text_result(big_text()));
  return error_response(id, kInvalidParams, fmt::format("no tool '{}' with such arguments", tool));
}

// Everything that is answered at once.
Json response_to(const Json& message) {
  const Json& id = message["id"];
  const std::string method = message["method"];
  const Json& params = member(message, "params");
  if (method == "ping") return response(id, Json::object());
  if (method == "tools/list") return response(id, tools_list());
  if (method == "tools/call")
    return tool_response(id, text_of(params, "name"), member(params, "arguments"));
  if (method == "resources/list") return response(id, resources_list());
  if (method == "resources/read" && text_of(params, "uri") == kResourceUri)
    return response(id, resource());
  if (method == "resources/read") return error_response(id, -32002, "no such resource");
  if (method == "prompts/list") return response(id, prompts_list());
  if (method == "prompts/get" && text_of(params, "name") == "explain")
    return response(id, prompt(text_of(member(params, "arguments"), "topic")));
  if (method == "prompts/get") return error_response(id, kInvalidParams, "no such prompt");
  return error_response(id, kMethodNotFound, "unknown method " + method);
}

// The number to count from, within reason.
int steps_of(const Json& params) {
  const Json& from = member(member(params, "arguments"), "from");
  return from.is_number_integer() ? std::clamp(from.get<int>(), 0, 1'000'000) : 3;
}

std::string greeting_for(const Json& answer) {
  const Json& result = member(answer, "result");
  if (text_of(result, "action") != "accept") return "Never mind.";
  return fmt::format("Hello, {}!", text_of(member(result, "content"), "name"));
}

}  // namespace

DemoServer::DemoServer(asio::any_io_executor executor, std::chrono::milliseconds tick)
    : executor_(executor),
      tick_(tick),
      cancelled_(executor),
      server_(executor, *this, http::ServerLimits()),
      tasks_(executor) {}

Result<std::string> DemoServer::start() {
  auto port = server_.listen("127.0.0.1", 0);
  if (!port) return propagate(port, "starting the demo server");
  return fmt::format("http://127.0.0.1:{}/mcp", *port);
}

awaitable<void> DemoServer::stop() {
  for (auto& [id, session] : std::exchange(sessions_, {})) session->end();
  tasks_.cancel();
  co_await tasks_.join();
  co_await server_.stop(std::chrono::seconds(1));
}

void DemoServer::announce(const Json& message) {
  for (auto& [id, session] : sessions_) session->outbox().try_put(event(message));
}

DemoServer::SessionPtr DemoServer::find(const http::IncomingRequest& request) const {
  const auto id = request.fields.find("Mcp-Session-Id").value_or("");
  const auto found = sessions_.find(std::string(id));
  return found == sessions_.end() ? nullptr : found->second;
}

awaitable<void> DemoServer::answer(http::IncomingRequest request, Reply reply) {
  auto instead = door_ != nullptr ? door_->answer(request) : std::nullopt;
  if (instead) co_return co_await send(reply, *std::move(instead));
  const auto refusal = refusal_of(request);
  if (refusal) {
    Json error = error_response(nullptr, kInvalidRequest, refusal->text);
    co_return co_await send_json(reply, refusal->status, std::move(error));
  }
  if (request.method == "POST") co_return co_await take_post(std::move(request), reply);
  if (request.method == "DELETE") co_return co_await end_session(std::move(request), reply);
  co_await listen(find(request), reply);
}

awaitable<void> DemoServer::take_post(http::IncomingRequest request, Reply reply) {
  Json message = parse(request.body.view());
  if (!message.is_object()) {
    const int code = message.is_discarded() ? kParseError : kInvalidRequest;
    Json error = error_response(nullptr, code, "not a single JSON-RPC message");
    co_return co_await send_json(reply, 400, std::move(error));
  }
  if (text_of(message, "method") == "initialize" && message.contains("id"))
    co_return co_await open_session(std::move(message), reply);

  auto session = find(request);
  if (session) co_return co_await take_message(session, std::move(message), reply);
  const int status = request.fields.find("Mcp-Session-Id") ? 404 : 400;
  Json error = error_response(nullptr, kInvalidRequest, "no such session");
  co_await send_json(reply, status, std::move(error));
}

awaitable<void> DemoServer::open_session(Json message, Reply reply) {
  if (sessions_.size() >= kSessions) {
    Json error = error_response(message["id"], kInvalidRequest, "too many sessions");
    co_return co_await send_json(reply, 503, std::move(error));
  }
  const Json& params = member(message, "params");
  const std::string asked = text_of(params, "protocolVersion");
  const std::string id = new_session_id();
  const bool can_be_asked = member(params, "capabilities").contains("elicitation");
  sessions_[id] = std::make_shared<Session>(executor_, can_be_asked);

  Json result = initialize_result(is_supported(asked) ? asked : kLatestRevision);
  auto fields = with_type("application/json");
  fields.add("Mcp-Session-Id", id);
  auto body = body_of(response(message["id"], std::move(result)));
  co_await send(reply, 200, std::move(fields), std::move(body));
}

awaitable<void> DemoServer::take_message(SessionPtr session, Json message, Reply reply) {
  const std::string method = text_of(message, "method");
  if (!message.contains("id") || method.empty()) {
    const Json& params = member(message, "params");
    if (method == "notifications/cancelled" && session->cancel(member(params, "requestId")))
      cancelled_.set();
    if (method.empty()) session->take_answer(message);
    co_return co_await send(reply, 202, http::Fields(), nullptr);
  }

  const std::string tool = method == "tools/call" ? text_of(member(message, "params"), "name") : "";
  if (tool == "ask" && !session->can_be_asked()) {
    Json error = error_response(message["id"], kInvalidRequest, "the client cannot be asked");
    co_return co_await send_json(reply, 200, std::move(error));
  }
  if (tool == "countdown" || tool == "ask") {
    auto outbox = std::make_shared<io::Mailbox<std::string>>(executor_, kStreamEvents);
    tasks_.spawn("demo: " + tool, tool == "ask" ? ask_back(session, std::move(message), outbox)
                                                : count_down(session, std::move(message), outbox));
    co_return co_await stream(outbox, reply);
  }
  Json answer = response_to(message);
  co_await send_json(reply, 200, std::move(answer));
}

// Ended by the end of the session, the client, or stop().
awaitable<void> DemoServer::listen(SessionPtr session, Reply reply) {
  if (!session) co_return co_await send(reply, 404, http::Fields(), nullptr);
  if (std::exchange(session->has_listener, true))
    co_return co_await send(reply, 409, http::Fields(), nullptr);

  co_await stream(Outbox(session, &session->outbox()), reply);
  session->has_listener = false;
}

// Until the outbox is closed or the client has gone.
awaitable<void> DemoServer::stream(Outbox outbox, Reply reply) {
  auto alive = co_await reply->begin_stream(200, with_type("text/event-stream"));
  while (alive) {
    auto message = co_await outbox->take();
    if (!message) break;
    alive = co_await reply->write(*std::move(message));
  }
  if (alive) alive = co_await reply->finish();
}

awaitable<void> DemoServer::end_session(http::IncomingRequest request, Reply reply) {
  auto session = find(request);
  if (session) {
    session->end();
    std::erase_if(sessions_, [&](const auto& entry) { return entry.second == session; });
  }
  const int status = session ? 204 : 404;
  co_await send(reply, status, http::Fields(), nullptr);
}

// Revision 2025-11-25, basic/transports: that the client has gone does not mean that it cancelled.
awaitable<Result<void>> DemoServer::count_down(SessionPtr session, Json message, Outbox outbox) {
  SlowCall call(session, message["id"]);
  const Json& params = member(message, "params");
  const Json& token = member(member(params, "_meta"), "progressToken");
  const int steps = steps_of(params);

  for (int done = 1; done <= steps; ++done) {
    auto cancelled = co_await io::with_deadline(tick_, io::until(call.cancelled()));
    if (cancelled || cancelled.error().kind != ErrorKind::timed_out) break;
    // A stream that nobody reads any more loses its events.
    if (!token.is_object()) outbox->try_put(event(progress(token, done, steps)));
    if (done < steps) continue;
    const std::string text = fmt::format("counted down from {}", steps);
    outbox->try_put(event(response(message["id"], text_result(text))));
  }
  outbox->close();
  co_return ok();
}

awaitable<Result<void>> DemoServer::ask_back(SessionPtr session, Json message, Outbox outbox) {
  Question question(session);
  outbox->try_put(event(elicitation(question.id())));
  auto answered = co_await io::with_deadline(kAnswerTime, io::until(question.answered()));
  if (answered) {
    const std::string greeting = greeting_for(question.answer());
    outbox->try_put(event(response(message["id"], text_result(greeting))));
  }
  outbox->close();
  co_return ok();
}

}  // namespace mcpio::demo
