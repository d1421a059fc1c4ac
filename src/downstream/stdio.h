// SPDX-License-Identifier: MIT
// The client's end on stdin and stdout: one line is one message (MCP, basic/transports, "stdio").
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/buffer.h"
#include "codec/json_scanner.h"
#include "io/byte_reader.h"
#include "io/event.h"
#include "io/line_writer.h"
#include "spine/upstream.h"

namespace mcpio::downstream {

// Takes what the client says. Never waits, but may ask for a pause.
class Listener {
 public:
  virtual ~Listener() = default;
  // Set while there is room for more; otherwise nothing more is read for now.
  virtual io::Event& room() = 0;
  // A message, alone on its line.
  virtual void on_message(Message message) = 0;
  // A batch: its well-formed messages, and the errors that answer its other elements. Not both
  // empty.
  virtual void on_batch(std::vector<Message> messages, std::vector<Message> refusals) = 0;
  // A line nobody can use, and the answer the client gets for it.
  virtual void on_unusable(Message answer) = 0;
};

// Reads stdin line by line into a Listener. A line that is no message is answered with a JSON-RPC
// error, and reading goes on behind it.
class StdioReader {
 public:
  struct Limits {
    std::size_t message_bytes;
    Budget* budget;  // may be null; must outlive every message
  };

  StdioReader(asio::any_io_executor executor, int fd, Limits limits);

  // Returns at the end of input, or with `cancelled`.
  awaitable<Result<void>> read_all(std::shared_ptr<Listener> listener);

 private:
  std::string_view take(std::string_view piece, Listener& listener);
  void take_part(std::string_view part);
  void end_line(Listener& listener);
  void take_batch(const codec::JsonText& array, Listener& listener);

  io::ByteReader input_;
  const Limits limits_;
  codec::JsonScanner scanner_;
  std::optional<Error> bad_;  // why the line being read is no JSON
  std::string bad_id_;        // the id to answer such a line under
};

// Writes messages to stdout, one line each.
class StdioWriter final : public Hearer {
 public:
  StdioWriter(asio::any_io_executor executor, int fd);

  // What does not get out because the client has gone is dropped: output().closed() tells of that.
  awaitable<void> hear(Message message) override;
  awaitable<void> write(std::shared_ptr<const Buffer> line, io::LineWriter::Pace pace);

  io::LineWriter& output() { return output_; }

 private:
  io::LineWriter output_;
};

}  // namespace mcpio::downstream
