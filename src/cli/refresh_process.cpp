// SPDX-License-Identifier: MIT
#include "cli/refresh_process.h"

#include <unistd.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/read_until.hpp>
#include <csignal>
#include <utility>

#include "auth/token_entry.h"
#include "base/limits.h"
#include "base/log.h"
#include "io/deadline.h"
#include "io/task_scope.h"

namespace mcpio::cli {
namespace {

constexpr std::size_t kReportBytes = limits::kMiB;

// The lines of a process, one after the other.
class Reports {
 public:
  explicit Reports(asio::posix::stream_descriptor& from) : from_(from) {
    text_.reserve(kReportBytes);  // growing would leave tokens behind
  }

  // Fails with io at the end, and with protocol.
  awaitable<Result<RefreshReport>> next() {
    const auto [error, size] = co_await asio::async_read_until(
        from_, asio::dynamic_buffer(text_, kReportBytes), '\n', as_result);
    if (error == asio::error::operation_aborted) co_return fail(ErrorKind::cancelled, "cancelled");
    if (error) co_return fail(ErrorKind::io, "the process that refreshes has ended too early");
    const Secret line(text_.substr(0, size));
    explicit_bzero(text_.data(), size);
    text_.erase(0, size);
    co_return report_from(line.reveal());
  }

 private:
  asio::posix::stream_descriptor& from_;
  std::string text_;
};

using Piece = std::array<char, 4096>;

void write_to_stderr(std::string_view left) {
  while (!left.empty()) {
    const ssize_t written = ::write(STDERR_FILENO, left.data(), left.size());
    if (written <= 0) return;
    left.remove_prefix(static_cast<std::size_t>(written));
  }
}

// To our stderr, as it comes.
awaitable<Result<void>> pass_on(asio::posix::stream_descriptor& from) {
  Piece piece;
  for (;;) {
    const auto [error, size] = co_await from.async_read_some(asio::buffer(piece), as_result);
    write_to_stderr({piece.data(), size});
    if (error) co_return ok();
  }
}

// What has come and was not passed on yet.
void pass_on_the_rest(asio::posix::stream_descriptor& from) {
  Piece piece;
  boost::system::error_code error;
  from.non_blocking(true, error);
  while (!error) {
    const std::size_t size = from.read_some(asio::buffer(piece), error);
    write_to_stderr({piece.data(), size});
  }
}

}  // namespace

RefreshProcess::RefreshProcess(auth::Refresher& here, auth::Places& places,
                               const auth::OAuthSettings& settings, CommandFor command_for,
                               Limits limits)
    : here_(here),
      places_(places),
      settings_(settings),
      command_for_(std::move(command_for)),
      limits_(limits) {}

Result<RefreshProcess::Process> RefreshProcess::start(asio::any_io_executor executor,
                                                      const auth::RefreshRequest& request,
                                                      const store::ProcessLock& lock) {
  auto command = command_for_(auth::digest_of(request.credential.access_token));
  if (!command) return propagate(command);
  if (request.proof_key) {  // with the nonces that were learnt since
    auto saved = request.proof_key->save(places_.state, settings_.server);
    if (!saved) return propagate(saved);
  }
  command->input = lock.descriptor();
  command->captures_stderr = true;
  command->outlives_us = true;
  return process::Child::start(std::move(executor), *command);
}

awaitable<Result<std::optional<store::Credential>>> RefreshProcess::refresh(
    auth::RefreshRequest request, const store::ProcessLock& lock) {
  Result<Process> child = fail(ErrorKind::config, "it was of no use before");
  if (is_of_use_) child = start(co_await asio::this_coro::executor, request, lock);
  Result<RefreshReport> report = RefreshNotMade();
  if (!child) is_of_use_ = false;
  if (!child) log::debug("refreshing without a process of its own: {}", child.error().message);
  if (child) report = co_await attend(**child);
  if (!report) {
    if (report.error().kind == ErrorKind::cancelled) co_return propagate(report);
    report = look(request.credential, std::move(report).error());
  }
  if (auto* const renewed = std::get_if<store::Credential>(&*report)) {
    auth::hide_secrets(*renewed);
    co_return std::move(*renewed);
  }
  if (std::holds_alternative<GrantSpent>(*report)) co_return std::nullopt;
  if (auto* const error = std::get_if<Error>(&*report))
    co_return std::unexpected(std::move(*error));
  if (const auto* const not_made = std::get_if<RefreshNotMade>(&*report); not_made && child)
    log::debug("refreshing without a process of its own: {}", not_made->why);
  co_return co_await here_.refresh(std::move(request), lock);
}

// It ended without a word, or was ended: only the store knows what it has done.
Result<RefreshReport> RefreshProcess::look(const store::Credential& before, Error why) {
  auto stored = places_.credentials.load(codec::to_string(settings_.server));
  if (stored && *stored && (*stored)->access_token != before.access_token)
    return **std::move(stored);
  if (why.kind == ErrorKind::timed_out)
    return Error{.kind = ErrorKind::timed_out,
                 .message = "the token endpoint took too long; try again later"};
  return RefreshNotMade{std::move(why.message)};
}

// If we are cancelled, it goes on: that is what it is for.
awaitable<Result<RefreshReport>> RefreshProcess::attend(process::Child& child) {
  io::TaskScope log_lines(co_await asio::this_coro::executor);
  log_lines.spawn("the log of a refresh", pass_on(child.errors()));
  auto report = co_await heard(child);
  const bool is_cancelled = !report && report.error().kind == ErrorKind::cancelled;
  if (!report && !is_cancelled) child.signal(SIGKILL);
  if (!is_cancelled) {
    auto ended = co_await io::with_deadline(limits::kGoodbye, child.wait());
    if (!ended) child.signal(SIGKILL);
  }
  log_lines.cancel();
  co_await log_lines.join();
  pass_on_the_rest(child.errors());
  co_return report;
}

awaitable<Result<RefreshReport>> RefreshProcess::heard(process::Child& child) {
  Reports reports(child.output());
  auto first = co_await io::with_deadline(limits_.start, reports.next());
  if (!first && first.error().kind == ErrorKind::cancelled) co_return first;
  if (!first || !std::holds_alternative<RefreshBegun>(*first)) {
    is_of_use_ = false;  // what it could not read now, it cannot read later
    if (first && std::holds_alternative<RefreshNotMade>(*first)) co_return first;
    co_return fail(ErrorKind::io, "it did not begin");
  }
  co_return co_await io::with_deadline(limits_.whole, reports.next());
}

}  // namespace mcpio::cli
