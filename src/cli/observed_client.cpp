// SPDX-License-Identifier: MIT
#include "cli/observed_client.h"

#include <utility>

namespace mcpio::cli {

namespace {

class ObservedExchange final : public http::Exchange {
 public:
  ObservedExchange(std::unique_ptr<http::Exchange> inner, std::shared_ptr<Sighting> sighting)
      : inner_(std::move(inner)), sighting_(std::move(sighting)) {}

  awaitable<Result<http::Head>> head() override {
    auto head = co_await inner_->head();
    sighting_->timings = inner_->timings();
    if (!head) {
      sighting_->failure = head.error().kind;
      co_return propagate(head);
    }
    sighting_->status = head->status;
    sighting_->media_type = http::media_type(head->fields.find("Content-Type").value_or(""));
    sighting_->session_id = head->fields.find("Mcp-Session-Id").value_or("");
    co_return head;
  }

  awaitable<Result<std::optional<std::string_view>>> read() override { return inner_->read(); }

  std::string server_address() const override { return inner_->server_address(); }
  http::Timings timings() const override { return inner_->timings(); }

 private:
  std::unique_ptr<http::Exchange> inner_;
  std::shared_ptr<Sighting> sighting_;
};

}  // namespace

std::unique_ptr<http::Exchange> ObservedClient::send(http::Request request) {
  auto sighting = std::make_shared<Sighting>();
  sighting->method = request.method;
  sighting->is_https = request.url.starts_with("https:");
  if (sightings_.size() < kMost) sightings_.push_back(sighting);
  return std::make_unique<ObservedExchange>(inner_.send(std::move(request)), std::move(sighting));
}

}  // namespace mcpio::cli
