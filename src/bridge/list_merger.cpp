// SPDX-License-Identifier: MIT
#include "bridge/list_merger.h"

#include <fmt/core.h>

#include <vector>

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

// Some servers do not know cursors, and say so by giving the same page for ever.
bool stands_still(std::string_view result, std::string_view cursor) {
  return codec::find_member(result, "nextCursor") == cursor;
}

bool is_page(const Result<Message>& answer) {
  return answer && answer->result() && codec::is_object(*answer->result());
}

std::string_view problem_of(const Result<Message>& page, bool is_usable) {
  if (!page) return page.error().message;
  return is_usable ? "it is too large to be merged" : "the server refused it";
}

}  // namespace

awaitable<Result<Message>> ListMerger::call(Call call) {
  const auto list = mcp::list_member(call.request.method());
  if (!list || pages_for_itself(call.request)) return inner().call(std::move(call));
  return merged(std::move(call), *list);
}

awaitable<Result<Message>> ListMerger::merged(Call call, std::string_view list) {
  auto first = co_await inner().call(call);
  if (!is_page(first)) co_return first;
  MergedList pages(list, max_bytes_);
  std::vector<Message> later;  // `pages` points into them
  const bool is_mergeable = pages.add(*first->result());
  if (!is_mergeable || pages.is_first_page_alone()) co_return first;
  for (int page = 2; pages.next_cursor() && page <= limits::kListPages; ++page) {
    const std::string_view cursor = *pages.next_cursor();
    const std::string_view before = *(later.empty() ? *first : later.back()).result();
    Call next = call;
    next.request = page_request(call.request, cursor);
    auto answer = co_await inner().call(std::move(next));
    if (!answer && answer.error().kind == ErrorKind::cancelled) co_return answer;
    const bool is_usable = is_page(answer);
    const bool is_last = is_usable && stands_still(*answer->result(), cursor);
    if (is_last)
      log::warning("{}: the cursor of page {} leads to itself; the list ends there",
                   mcp::label(call.request), page);
    if (is_last && *answer->result() == before) {
      pages.end();
      break;
    }
    if (!is_usable || !pages.add(*answer->result())) {
      log::warning("{}: page {} could not be added: {}; the list is given as far as it was read",
                   mcp::label(call.request), page, problem_of(answer, is_usable));
      break;
    }
    later.push_back(*std::move(answer));
    if (is_last) pages.end();
  }
  if (pages.pages() == 1 && pages.next_cursor()) co_return first;
  co_return first->with_result(pages.text());
}

}  // namespace mcpio::bridge
