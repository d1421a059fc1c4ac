// SPDX-License-Identifier: MIT
// Finds out which of the two HTTP transports a server speaks (--transport auto).
#pragma once

#include <functional>
#include <memory>

#include "io/event.h"
#include "io/task_scope.h"
#include "spine/upstream.h"
#include "upstream/legacy_sse.h"
#include "upstream/streamable_http.h"

namespace mcpio::upstream {

// The client's initialize is POSTed. If the server refuses it with 400, 404 or 405, and not with an
// error only newer revisions know, HTTP+SSE is tried (revision 2025-11-25, basic/transports,
// "Backwards Compatibility"). What was found out holds until the client leaves.
class AutoTransport final : public Upstream {
 public:
  AutoTransport(asio::any_io_executor executor, std::unique_ptr<StreamableHttp> streamable,
                std::function<std::unique_ptr<LegacySse>()> make_sse);

  awaitable<Result<Message>> call(Call call) override;
  awaitable<Result<void>> tell(Message message, std::shared_ptr<const Origin> origin) override;
  awaitable<Result<void>> run(std::shared_ptr<Hearer> own) override;
  awaitable<void> close() override;

 private:
  awaitable<Result<Message>> open(Call call);
  awaitable<Result<void>> run_sse();

  const std::shared_ptr<StreamableHttp> streamable_;
  const std::function<std::unique_ptr<LegacySse>()> make_sse_;
  std::shared_ptr<LegacySse> sse_;  // while it is tried, and when it was chosen
  std::shared_ptr<Upstream> chosen_;
  std::shared_ptr<Hearer> own_;
  io::TaskScope tasks_;
  bool decided_ = false;
};

}  // namespace mcpio::upstream
