// SPDX-License-Identifier: MIT
#include "auth/fetcher.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <utility>

#include "base/limits.h"
#include "io/deadline.h"

namespace mcpio::auth {
namespace {

bool is_followed(const Document& answer) {
  const int status = answer.status();
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// Where the redirect leads, if that is to be followed.
std::optional<codec::Url> next_url(const Document& answer) {
  const auto location = answer.head.fields.find("location");
  if (!is_followed(answer) || !location) return std::nullopt;
  auto target = codec::resolve(answer.url, *location);
  if (!target || !codec::same_origin(answer.url, *target)) return std::nullopt;
  target->fragment.reset();
  return *std::move(target);
}

// However slowly it comes: whoever needs a token waits for it.
constexpr std::chrono::seconds kWholeAnswer{60};
constexpr http::Timeouts kFetchTimeouts{.connect = std::chrono::seconds(10),
                                        .head = std::chrono::seconds(30),
                                        .idle = std::chrono::seconds(30)};

// The address that a host is by itself; empty: a name, which is looked up.
std::string address_in(const codec::Url& url) {
  std::string_view host = url.host;
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host == "localhost" || host.ends_with(".localhost")) return "127.0.0.1";
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  boost::system::error_code error;
  asio::ip::make_address(host, error);
  return error ? std::string() : std::string(host);
}

std::string doing(const http::Request& request, const codec::Url& url) {
  return fmt::format("{} {}", request.method, codec::for_log(url));
}

}  // namespace

std::string Document::type() const {
  const auto type = head.fields.find("content-type");
  return type ? http::media_type(*type) : std::string();
}

Fetcher::Fetcher(http::Client& client, const OAuthSettings& settings)
    : client_(client), settings_(settings) {
  if (settings.issuer) trust(*settings.issuer);
  if (settings.metadata && settings.metadata->url) trusted_.push_back(*settings.metadata->url);
}

void Fetcher::trust(const std::string& url) {
  auto parsed = codec::parse_url(url);
  if (parsed && is_guarded(*parsed)) trusted_.push_back(*std::move(parsed));
}

bool Fetcher::is_guarded(const codec::Url& url) const {
  const auto is_same = [&](const codec::Url& known) { return codec::same_origin(url, known); };
  return !is_same(settings_.server) && std::ranges::none_of(trusted_, is_same);
}

oauth::AddressRule Fetcher::rule() const {
  return {
      .server_address = server_address_.empty() ? address_in(settings_.server) : server_address_,
      .allow_private = settings_.allow_private};
}

Result<void> Fetcher::check_host(const codec::Url& url) const {
  const std::string address = address_in(url);
  if (address.empty() || !is_guarded(url)) return ok();
  return oauth::check_connection(rule(), address, url);
}

awaitable<Result<Document>> Fetcher::get(codec::Url url, http::Fields fields) {
  for (int redirects = 0;; ++redirects) {
    http::Request request;
    request.fields = fields;
    request.fields.set("Accept", "application/json");
    request.may_repeat = true;
    auto answer = co_await exchange(std::move(request), url);
    if (!answer) co_return answer;
    auto next = next_url(*answer);
    if (!next || redirects == limits::kRedirects) co_return answer;
    url = *std::move(next);
  }
}

awaitable<Result<Document>> Fetcher::remove(codec::Url url, http::Fields fields) {
  http::Request request;
  request.method = "DELETE";
  request.fields = std::move(fields);
  request.fields.set("Accept", "application/json");
  co_return co_await exchange(std::move(request), std::move(url));
}

awaitable<Result<Document>> Fetcher::look_at(codec::Url url) {
  http::Request request;
  request.fields.set("Accept", "text/html, */*");
  request.may_repeat = true;
  co_return co_await exchange(std::move(request), std::move(url));
}

awaitable<Result<Document>> Fetcher::post(codec::Url url, Posting posting) {
  http::Request request;
  request.method = "POST";
  request.fields = std::move(posting.fields);
  request.fields.set("Accept", "application/json");
  request.fields.set("Content-Type", posting.type);
  request.body = std::make_shared<const Buffer>(posting.body.reveal());
  request.certificate = std::move(posting.certificate);
  co_return co_await exchange(std::move(request), std::move(url));
}

awaitable<Result<Document>> Fetcher::exchange(http::Request request, codec::Url url) {
  const std::string story = doing(request, url);
  auto answer =
      co_await io::with_deadline(kWholeAnswer, converse(std::move(request), std::move(url)));
  if (!answer && answer.error().kind == ErrorKind::timed_out) co_return propagate(answer, story);
  co_return answer;
}

awaitable<Result<Document>> Fetcher::converse(http::Request request, codec::Url url) {
  const std::string story = doing(request, url);
  request.url = codec::to_string(url);
  request.timeouts = kFetchTimeouts;
  // No step takes longer than the whole may.
  const std::chrono::milliseconds most = settings_.timeout;
  request.timeouts.head = std::min(request.timeouts.head, most);
  request.timeouts.idle = std::min(request.timeouts.idle, most);
  if (!request.certificate && codec::same_origin(url, settings_.server))
    request.certificate = settings_.server_certificate;
  auto may_ask = check_host(url);
  if (!may_ask) co_return propagate(may_ask, story);
  if (is_guarded(url))
    request.check_address = [rule = rule(), url](std::string_view connected) {
      return oauth::check_connection(rule, connected, url);
    };
  const auto exchange = client_.send(std::move(request));
  auto head = co_await exchange->head();
  if (!head) co_return propagate(head, story);
  if (codec::same_origin(url, settings_.server)) server_address_ = exchange->server_address();
  Document answer{.head = *std::move(head), .body = {}, .url = std::move(url)};
  for (;;) {
    auto piece = co_await exchange->read();
    if (!piece) co_return propagate(piece, story);
    if (!*piece) co_return answer;
    answer.body += **piece;
    if (answer.body.size() > limits::kDocumentBytes)
      co_return fail(ErrorKind::too_large, story + ": the answer is larger than a megabyte");
  }
}

}  // namespace mcpio::auth
