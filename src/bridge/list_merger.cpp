// SPDX-License-Identifier: MIT
#include "bridge/list_merger.h"

#include <fmt/core.h>

#include "base/limits.h"
#include "base/log.h"
#include "bridge/merged_list.h"
#include "codec/json_view.h"
#include "mcp/methods.h"

namespace mcpio::bridge {
namespace {

bool pages_for_itself(const Message& request) {
  return request.params() && codec::find_member(*request.params(), "cursor");
}

// The same request for the page at `cursor`.
Message page_request(const Message& request, std::string_view cursor) {
  const std::string_view params = request.params().value_or("{}");
  if (!codec::is_object(params))
    return request.with_params(fmt::format("{{\"cursor\":{}}}", cursor));
  const bool empty = params.find_first_not_of(" \t", 1) == params.size() - 1;
  return request.with_params(fmt::format("{}{}\"cursor\":{}}}", params.substr(0, params.size() - 1),
                                         empty ? "" : ",", cursor));
}

}  // namespace

awaitable<Result<Message>> ListMerger::call(Call call) {
  const auto list = mcp::list_member(call.request.method());
  if (!list || pages_for_itself(call.request)) return inner().call(std::move(call));
  return merged(std::move(call), *list);
}

awaitable<Result<Message>> ListMerger::merged(Call call, std::string_view list) {
  MergedList pages(list);
  auto first = co_await inner().call(call);
  if (!first || !first->result() || !codec::is_object(*first->result())) co_return first;
  pages.add(*first->result());
  if (pages.is_first_page_alone()) co_return first;
  for (int page = 2; pages.next_cursor() && page <= limits::kListPages; ++page) {
    Call next = call;
    next.request = page_request(call.request, *pages.next_cursor());
    auto answer = co_await inner().call(std::move(next));
    if (!answer && answer.error().kind == ErrorKind::cancelled) co_return answer;
    if (!answer || !answer->result() || !codec::is_object(*answer->result())) {
      log::warning("{}: page {} could not be had: {}; the list is given as far as it was read",
                   mcp::label(call.request), page,
                   answer ? "the server refused it" : answer.error().message);
      break;
    }
    pages.add(*answer->result());
  }
  co_return first->with_result(pages.text());
}

}  // namespace mcpio::bridge
