// SPDX-License-Identifier: MIT
#include "upstream/auto_transport.h"

#include "base/log.h"
#include "codec/json_view.h"

namespace mcpio::upstream {
namespace {

// Errors that only a server of revision 2026-07-28 or later gives; it has no HTTP+SSE.
bool is_modern_error(const Result<Message>& answer, int status) {
  if (!answer || !answer->error()) return false;
  const auto code = codec::find_member(*answer->error(), "code");
  if (!code) return false;
  return *code == "-32020" || *code == "-32021" || *code == "-32022" ||
         (status == 404 && *code == "-32601");
}

bool may_speak_sse(const Result<Message>& answer, int status) {
  return (status == 400 || status == 404 || status == 405) && !is_modern_error(answer, status);
}

}  // namespace

AutoTransport::AutoTransport(asio::any_io_executor executor,
                             std::unique_ptr<StreamableHttp> streamable,
                             std::function<std::unique_ptr<LegacySse>()> make_sse)
    : streamable_(std::move(streamable)),
      make_sse_(std::move(make_sse)),
      chosen_(streamable_),
      tasks_(executor) {}

// The transport is held while it is used: that one did not work may turn out meanwhile.
awaitable<Result<Message>> AutoTransport::call(Call call) {
  if (!decided_ && call.request.is_request("initialize")) co_return co_await open(std::move(call));
  const std::shared_ptr<Upstream> chosen = chosen_;
  co_return co_await chosen->call(std::move(call));
}

awaitable<Result<Message>> AutoTransport::open(Call call) {
  auto answer = co_await streamable_->call(call);
  const int status = answer ? streamable_->opening_status() : answer.error().http_status;
  const bool cancelled = io::is_cancelled(co_await asio::this_coro::cancellation_state);
  if (answer && answer->result()) {
    decided_ = true;
    log::info("connected over Streamable HTTP");
    co_return answer;
  }
  if (cancelled || !may_speak_sse(answer, status)) co_return answer;

  log::debug("the server refused a POST with HTTP {}; trying HTTP+SSE", status);
  sse_ = make_sse_();
  chosen_ = sse_;
  tasks_.spawn("HTTP+SSE", run_sse());
  auto second = co_await sse_->call(std::move(call));
  if (second) {
    decided_ = true;
    log::info("connected over HTTP+SSE (2024-11-05)");
    co_return second;
  }
  log::debug("HTTP+SSE: {}", second.error().message);
  co_await sse_->close();
  co_await tasks_.join();
  chosen_ = streamable_;
  sse_.reset();
  if (second.error().kind == ErrorKind::cancelled) co_return second;
  co_return answer;
}

awaitable<Result<void>> AutoTransport::run_sse() {
  auto ran = co_await sse_->run(own_);
  if (!ran) log::debug("HTTP+SSE: {}", ran.error().message);
  co_return ok();
}

awaitable<Result<void>> AutoTransport::tell(Message message, std::shared_ptr<const Origin> origin) {
  const std::shared_ptr<Upstream> chosen = chosen_;
  co_return co_await chosen->tell(std::move(message), std::move(origin));
}

awaitable<Result<void>> AutoTransport::run(std::shared_ptr<Hearer> own) {
  own_ = own;
  co_return co_await streamable_->run(std::move(own));
}

awaitable<void> AutoTransport::close() {
  if (sse_) co_await sse_->close();
  co_await streamable_->close();
  co_await tasks_.join();
}

}  // namespace mcpio::upstream
