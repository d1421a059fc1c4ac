// SPDX-License-Identifier: MIT
#include "cli/connect_command.h"

#include <fmt/core.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "base/clock.h"
#include "bridge/argument_normalizer.h"
#include "bridge/cold_start.h"
#include "bridge/extension_declarer.h"
#include "bridge/list_merger.h"
#include "bridge/tool_filter.h"
#include "cli/check.h"
#include "cli/check_report.h"
#include "cli/exit_code.h"
#include "cli/run_loop.h"
#include "cli/sign_in.h"
#include "cli/signals.h"
#include "cli/stdio_client.h"
#include "cli/version.h"
#include "http/curl_client.h"
#include "io/parent_watch.h"
#include "upstream/auto_transport.h"

namespace mcpio::cli {
namespace {

// Everything between the bridge and the network, put together for one conversation. The members
// outlive the stack that make_stack() returns.
class Connection {
 public:
  Connection(asio::any_io_executor executor, const ConnectConfig& config)
      : executor_(std::move(executor)),
        config_(config),
        budget_(limits::kBufferedBytes),
        curl_(executor_, config.http),
        observed_(curl_),
        credentials_(config.server, config.credentials, config.http.proxies, config.allow_http),
        sign_in_(make_sign_in()),
        link_(client(), authorizer(), clock_, link_settings()) {}

  // Outermost first, a message of the client passes:
  //   cold start -> tool filter -> list merger -> argument normalizer -> extension declarer ->
  //   transport -> link -> libcurl
  std::unique_ptr<Upstream> make_stack() {
    std::unique_ptr<Upstream> top = make_end();
    if (const std::string_view extension = extension_used(); !extension.empty())
      top = std::make_unique<bridge::ExtensionDeclarer>(std::move(top), std::string(extension));
    if (config_.normalize_arguments)
      top = std::make_unique<bridge::ArgumentNormalizer>(std::move(top));
    top = std::make_unique<bridge::ListMerger>(std::move(top), config_.max_message_bytes);
    bridge::ToolFilter::Rules rules{config_.allow_tools, config_.ignore_tools};
    if (!rules.empty())
      top = std::make_unique<bridge::ToolFilter>(std::move(top), std::move(rules));
    if (sign_in_ && !config_.check) {
      if (config_.proactive_refresh) sign_in_->keeper().refresh_ahead();
      top = std::make_unique<bridge::ColdStart>(
          executor_, std::move(top), std::string(version()),
          [this] { return sign_in_->keeper().until_login_ends(); });
    }
    return top;
  }

  awaitable<void> close() {
    if (sign_in_) co_await sign_in_->close();
  }

  downstream::StdioReader::Limits stdin_limits() {
    return {.message_bytes = config_.max_message_bytes, .budget = &budget_};
  }
  const ObservedClient& observed() const { return observed_; }

 private:
  // Without a place for tokens nobody can sign in, but a server may not ask for it.
  std::unique_ptr<SignIn> make_sign_in() {
    if (config_.sign_in == SignInMode::never) return nullptr;
    auto made = SignIn::make(executor_, config_, clock_, credentials_);
    if (made) return *std::move(made);
    log::warning("signing in is not possible: {}", made.error().message);
    return nullptr;
  }

  // Of the grants: only by one that the user has named.
  std::string_view extension_used() const {
    const auto grant = sign_in_ ? config_.oauth.grant : std::nullopt;
    return grant ? auth::extension_of(*grant) : std::string_view();
  }

  http::Authorizer& authorizer() {
    return sign_in_ ? sign_in_->authorizer() : static_cast<http::Authorizer&>(credentials_);
  }
  http::Client& client() { return config_.check ? static_cast<http::Client&>(observed_) : curl_; }

  upstream::OriginLink::Settings link_settings() const {
    return {.timeout_connect = config_.timeout_connect,
            .timeout_read = config_.timeout_read,
            .attempts = config_.check ? 1 : limits::kAttempts};
  }

  upstream::MessageStream::Limits stream_limits() {
    return {.message_bytes = config_.max_message_bytes, .budget = &budget_};
  }

  std::unique_ptr<Upstream> make_end() {
    switch (config_.transport) {
      case Transport::streamable_http:
        return make_streamable();
      case Transport::sse:
        return make_sse();
      case Transport::automatic:
        break;
    }
    return std::make_unique<upstream::AutoTransport>(executor_, make_streamable(),
                                                     [this] { return make_sse(); });
  }

  std::unique_ptr<upstream::StreamableHttp> make_streamable() {
    const upstream::StreamableHttp::Settings settings{.limits = stream_limits(),
                                                      .stream_quiet = config_.sse_read_timeout,
                                                      .ping_interval = config_.ping_interval};
    return std::make_unique<upstream::StreamableHttp>(executor_, link_, config_.server, settings);
  }

  std::unique_ptr<upstream::LegacySse> make_sse() {
    const upstream::LegacySse::Settings settings{.limits = stream_limits(),
                                                 .stream_quiet = config_.sse_read_timeout,
                                                 .ping_interval = config_.ping_interval};
    return std::make_unique<upstream::LegacySse>(executor_, link_, config_.server, settings);
  }

  asio::any_io_executor executor_;
  const ConnectConfig& config_;
  SystemClock clock_;
  Budget budget_;
  http::CurlClient curl_;
  ObservedClient observed_;
  auth::StaticCredentials credentials_;
  std::unique_ptr<SignIn> sign_in_;  // null: never
  upstream::OriginLink link_;
};

// What AutoTransport says once it knows, is known here from the start if the user chose.
std::string_view chosen_transport(const ConnectConfig& config) {
  switch (config.transport) {
    case Transport::streamable_http:
      return " over Streamable HTTP";
    case Transport::sse:
      return " over HTTP+SSE (2024-11-05)";
    case Transport::automatic:
      break;
  }
  return "";
}

// Relays until the client leaves, one way or another.
class Relay {
 public:
  Relay(asio::any_io_executor executor, const ConnectConfig& config)
      : config_(config),
        connection_(executor, config),
        tasks_(executor),
        reading_(executor),
        end_(executor),
        signals_(executor, SIGINT, SIGTERM, SIGHUP),
        writer_(std::make_shared<downstream::StdioWriter>(executor, STDOUT_FILENO)),
        bridge_(
            executor, connection_.make_stack(), writer_,
            {.request_timeout = config.timeout_request, .drop_late_answers = config.cancel_filter}),
        reader_(executor, STDIN_FILENO, connection_.stdin_limits()),
        client_(std::make_shared<StdioClient>(bridge_, writer_, tasks_)) {}

  awaitable<Result<int>> run() {
    log::info("relaying to {}{}", codec::for_log(config_.server), chosen_transport(config_));
    reading_.spawn("stdin", read_stdin());
    tasks_.spawn("stdout", watch_stdout());
    tasks_.spawn("signals", watch_signals());
    tasks_.spawn("the client's process", watch_parent());
    tasks_.spawn("the server", watch_upstream());
    co_await end_.wait();
    reading_.cancel();
    co_await reading_.join();
    co_await bridge_.stop(grace_);
    co_await connection_.close();
    auto flushed = co_await writer_->output().flush(limits::kGoodbye);
    if (!flushed) log::debug("stdout: {}", flushed.error().message);
    tasks_.cancel();
    co_await tasks_.join();
    co_await writer_->output().close();
    co_return exit_code_;
  }

 private:
  // The first reason to end counts.
  void end(std::string_view why, std::chrono::milliseconds grace) {
    if (end_.is_set()) return;
    log::info("ending: {}", why);
    grace_ = grace;
    end_.set();
  }

  awaitable<Result<void>> read_stdin() {
    auto read = co_await reader_.read_all(client_);
    if (read) end("the client closed our stdin", limits::kDrainOnEof);
    if (!read) end(read.error().message, std::chrono::milliseconds(0));
    co_return ok();
  }

  awaitable<Result<void>> watch_stdout() {
    const bool closed = co_await writer_->output().wait_until_closed();
    if (closed) end("the client closed our stdout", std::chrono::milliseconds(0));
    co_return ok();
  }

  awaitable<Result<void>> watch_signals() {
    const auto [failed, signal] = co_await signals_.async_wait(as_result);
    if (failed) co_return ok();
    end(fmt::format("signal {}", signal), std::chrono::milliseconds(0));
    boost::system::error_code ignored;
    signals_.clear(ignored);
    restore_flags_on_signals();  // a second one ends us at once
    co_return ok();
  }

  awaitable<Result<void>> watch_parent() {
    auto gone = co_await io::wait_for_end_of_parent();
    if (gone) end("the client's process has ended", std::chrono::milliseconds(0));
    co_return ok();
  }

  awaitable<Result<void>> watch_upstream() {
    const bool ended = co_await bridge_.upstream_ended().wait();
    if (!ended) co_return ok();
    if (end_.is_set() || !bridge_.failure()) co_return ok();
    log::error("{}", bridge_.failure()->message);
    exit_code_ = exit_code::kFailed;
    end("the server cannot be reached", limits::kDrainOnEof);
    co_return ok();
  }

  const ConnectConfig& config_;
  Connection connection_;
  io::TaskScope tasks_, reading_;
  io::Event end_;
  asio::signal_set signals_;
  std::shared_ptr<downstream::StdioWriter> writer_;
  bridge::Bridge bridge_;
  downstream::StdioReader reader_;
  std::shared_ptr<StdioClient> client_;
  std::chrono::milliseconds grace_{0};
  int exit_code_ = exit_code::kOk;
};

awaitable<Result<int>> check(asio::any_io_executor executor, const ConnectConfig& config) {
  Connection connection(executor, config);
  const std::unique_ptr<Upstream> stack = connection.make_stack();
  Check probe(*stack, connection.observed(), config);
  const CheckReport report = co_await probe.run();
  co_await connection.close();
  const std::string text =
      config.json ? report_json(report) : report_text(report, page_of(STDOUT_FILENO));
  fmt::print("{}", text);
  co_return report.is_good() ? exit_code::kOk : exit_code::kFailed;
}

awaitable<Result<int>> relay(asio::any_io_executor executor, const ConnectConfig& config) {
  Relay conversation(executor, config);
  co_return co_await conversation.run();
}

}  // namespace

int run_connect(const ConnectConfig& config) {
  remember_flags();
  asio::io_context loop(1);
  auto executor = loop.get_executor();
  return run_to_its_end(loop, config.check ? check(executor, config) : relay(executor, config));
}

}  // namespace mcpio::cli
