// SPDX-License-Identifier: MIT
// An MCP server over Streamable HTTP, revisions 2025-03-26 to 2025-11-25.
//
// Every message of the client is one POST. Its answer is one JSON text, or an event stream that may
// carry progress, log lines and questions of the server before the response. What the server says
// unasked comes on a GET stream of its own (listening_stream).
//
// What makes this hard, and where it is decided:
//   - A stream may end without the response. If the server gave its events ids, the stream is taken
//     up again with GET and Last-Event-ID, as often as the server closes it on purpose. Else a
//     request that may be executed twice is sent again, and any other gets an error (converse,
//     take_up_again).
//   - The server may forget the session: 404, or 400 and 410 from servers that know no better,
//     where a ping tells it from a bad request. Then the client's own handshake is repeated once,
//     however many calls fail at the same time, its log level and subscriptions are set again, and
//     what was refused is sent again, since a refused request was not executed (renew).
//   - A response is an answer only if it carries the request's id. Others are dropped, and a stream
//     that has given the answer is read on for a moment, so that its connection can be used again
//     (linger).
//   - A cancelled call is told to the server with notifications/cancelled, since closing the
//     connection means nothing in these revisions.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "base/buffer.h"
#include "io/event.h"
#include "io/task_scope.h"
#include "spine/upstream.h"
#include "upstream/message_stream.h"
#include "upstream/origin_link.h"
#include "upstream/reconnect_delay.h"
#include "upstream/session.h"

namespace mcpio::upstream {

class StreamableHttp final : public Upstream {
 public:
  struct Settings {
    MessageStream::Limits limits;
    std::chrono::milliseconds stream_quiet{300'000};  // --sse-read-timeout; 0: no limit
    std::chrono::milliseconds ping_interval{0};       // 0: never
  };

  // `link` must outlive it.
  StreamableHttp(asio::any_io_executor executor, OriginLink& link, codec::Url url,
                 Settings settings);

  awaitable<Result<Message>> call(Call call) override;
  awaitable<Result<void>> tell(Message message, std::shared_ptr<const Origin> origin) override;
  awaitable<Result<void>> run(std::shared_ptr<Hearer> own) override;
  awaitable<void> close() override;

  // The HTTP status the last initialize was answered with; 0: none came.
  int opening_status() const { return opening_status_; }
  bool has_session() const { return session_.has_id(); }

 private:
  // A new session in the making, for everybody whose request the old one refused.
  struct Renewal {
    explicit Renewal(asio::any_io_executor executor) : done(std::move(executor)) {}
    io::Event done;
    Result<void> outcome;
    std::vector<Message> withdrawn;  // the old session's questions, for the client
  };
  using Stream = std::shared_ptr<MessageStream>;

  struct Reply {
    Message message;
    http::Head head;
  };
  // What it takes to take up a stream where it ended.
  struct Resumption {
    int epoch = 0;           // of the session it belongs to
    bool opens = false;      // it answers initialize: no session has begun yet
    std::string opening_id;  // then the id of the one that will
    bool may_be_quiet = false;
    std::string last_event_id;
    std::optional<std::chrono::milliseconds> retry;
    void learn(const MessageStream& stream);
  };
  // How it went with the server's own stream.
  enum class Listened { ended, no_stream, cancelled };

  awaitable<Result<Message>> carry(Call call);
  awaitable<Result<Message>> exchange(Call call);
  awaitable<Result<Reply>> converse(Call call, Outgoing request);
  awaitable<Result<Message>> read_answer(Call call, Answer answer, int epoch, bool in_session);
  awaitable<Result<Message>> hear_answer(Call call, Answer answer, int epoch);
  awaitable<Result<std::optional<Message>>> hear_until_answer(Call call, Stream stream);
  awaitable<std::optional<Message>> pass_on(Call call, Stream stream, Message message);
  awaitable<void> hear(std::shared_ptr<Hearer> hearer, Stream stream, Message message);
  awaitable<Result<Message>> refused(Call call, Answer answer);
  awaitable<Result<Stream>> take_up_again(Resumption resumption, std::chrono::milliseconds wait);
  awaitable<Result<void>> linger(Stream stream, std::shared_ptr<Hearer> hearer);
  awaitable<Result<void>> post(Message message);
  awaitable<Result<void>> tell_cancelled(Call call);

  awaitable<Result<void>> renewed_if_needed();
  awaitable<Result<void>> renew(int lost_epoch);
  awaitable<Result<void>> renew_for_all(std::shared_ptr<Renewal> renewal);
  awaitable<Result<void>> open_again(std::shared_ptr<Renewal> renewal);
  awaitable<Result<Message>> ask(Message request);
  awaitable<bool> means_lost_session(int status, int epoch);
  awaitable<bool> has_lost_session();
  awaitable<Result<void>> announce_renewal(std::shared_ptr<Renewal> renewal);

  awaitable<Result<void>> listen();
  awaitable<Listened> listen_once();
  awaitable<void> wait_until_heard();
  awaitable<Listened> judge_refused_stream();
  awaitable<bool> is_ready_to_listen();
  awaitable<bool> pause_before_listening(Listened last);
  awaitable<Result<Answer>> open_stream(Resumption resumption);
  awaitable<Result<void>> hear_stream(Stream stream);
  awaitable<Result<void>> ping_now_and_then();
  awaitable<Result<void>> end_session(Outgoing request);
  void replace_session(const Message& initialize, const Message& answer, const http::Head& head);

  Outgoing outgoing(std::string method, bool in_session) const;
  Outgoing posting(const Message& message, bool in_session) const;
  Stream stream_of(Answer& answer) const;
  std::string own_id();

  asio::any_io_executor executor_;
  OriginLink& link_;
  const codec::Url url_;
  const Settings settings_;
  Session session_;
  std::shared_ptr<Hearer> own_;
  std::shared_ptr<Renewal> renewal_;  // under way
  io::Event initialized_, new_session_, closed_;
  io::Event listening_;  // the server has answered about its own stream, whatever it said
  io::TaskScope tasks_;

  // The server's own stream.
  Resumption own_stream_;
  ReconnectDelay own_delay_;
  bool renewed_for_own_stream_ = false;  // and since then it could not be opened

  int opening_status_ = 0;
  int own_ids_ = 0;
  bool half_open_ = false;  // a renewal broke off between the new id and its first use
  bool closing_ = false;
};

}  // namespace mcpio::upstream
