// SPDX-License-Identifier: MIT
#include "demo/demo_browser.h"

#include <fmt/core.h>

#include <boost/asio/io_context.hpp>

#include "codec/url.h"
#include "http/curl_client.h"
#include "io/deadline.h"
#include "io/task_scope.h"

namespace mcpio::demo {
namespace {

constexpr int kPages = 4;  // from the first to the last
constexpr std::chrono::seconds kPatience{10};

Result<codec::Url> on_this_machine(Result<codec::Url> url) {
  if (!url) return url;
  if (!codec::is_loopback(url->host))
    return fail(ErrorKind::rejected, "the demo's browser goes to no other machine");
  return url;
}

class Browser {
 public:
  explicit Browser(asio::any_io_executor executor)
      : client_(std::move(executor), http::ClientSettings()) {}

  awaitable<Result<void>> visit(std::string url) {
    auto status = co_await io::with_deadline(kPatience, follow(std::move(url)));
    has_arrived_ = status && *status == 200;
    co_return ok();  // has_arrived() says it
  }
  bool has_arrived() const { return has_arrived_; }

 private:
  // The status of the last page.
  awaitable<Result<int>> follow(std::string text) {
    auto url = on_this_machine(codec::parse_url(text));
    for (int page = 0; page < kPages; ++page) {
      if (!url) co_return propagate(url);
      http::Request request;
      request.url = codec::to_string(*url);
      auto exchange = client_.send(std::move(request));
      auto head = co_await exchange->head();
      if (!head) co_return propagate(head);
      const auto location = head->fields.find("Location");
      if (head->status / 100 != 3 || !location) co_return head->status;
      url = on_this_machine(codec::resolve(*url, *location));
    }
    co_return fail(ErrorKind::rejected, "too many redirects");
  }

  http::CurlClient client_;
  bool has_arrived_ = false;
};

}  // namespace

bool is_browser(std::string_view program) {
  return program.substr(program.rfind('/') + 1) == kBrowserName;
}

int browse(const std::string& url) {
  asio::io_context loop(1);
  Browser browser(loop.get_executor());
  io::TaskScope tasks(loop.get_executor());
  tasks.spawn("demo: browser", browser.visit(url));
  loop.run();
  return browser.has_arrived() ? 0 : 1;
}

}  // namespace mcpio::demo
