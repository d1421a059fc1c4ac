// SPDX-License-Identifier: MIT
// An event stream means the same however it is cut up, and what is written is read back.
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "codec/sse_parser.h"
#include "codec/sse_writer.h"
#include "property.h"

namespace mcpio::fuzz {
namespace {

class Collector final : public codec::SseSink {
 public:
  Result<void> data(std::string_view piece) override {
    check(!piece.empty(), "a piece of data is never empty");
    open += piece;
    return ok();
  }
  Result<void> dispatch(std::string_view type) override {
    check(!open.empty() && !type.empty(), "a dispatched event has data and a type");
    events.emplace_back(type, std::exchange(open, {}));
    return ok();
  }

  std::vector<std::pair<std::string, std::string>> events;
  std::string open;
};

auto outcome(const Pieces& pieces) {
  Collector sink;
  codec::SseParser parser(sink);
  Result<void> result = ok();
  for (const auto piece : pieces)
    if (result) result = parser.feed(piece);
  const bool was_open = parser.has_open_event();
  if (result) result = parser.finish();
  return std::tuple(result.has_value(), was_open, sink.events, sink.open, parser.last_event_id(),
                    parser.retry());
}

void read_back(const std::string& type, const std::string& data) {
  const auto written = codec::sse_event(type, "id", data);
  const auto [fine, was_open, events, open, id, retry] = outcome({written});
  check(fine && !was_open && events.size() == 1, "a written event is one event");
  check(events[0] == std::pair(type, data) && id == "id", "a written event is read back");
}

}  // namespace
}  // namespace mcpio::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace mcpio::fuzz;
  const auto cuts = cut_up(text_of(bytes, size));
  const auto whole = outcome(cuts[0]);
  for (const auto& pieces : cuts)
    check(outcome(pieces) == whole, "the pieces mean what the whole means");
  // A NUL is dropped from a written type: no reader needs one.
  for (const auto& [type, data] : std::get<2>(whole))
    if (type.find('\0') == type.npos) read_back(type, data);
  return 0;
}
