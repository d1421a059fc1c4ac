// SPDX-License-Identifier: MIT
// A server behind a bridge: one JSON-RPC message a line, over the pipes of a process.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "buffer.h"
#include "endpoint.h"
#include "process.h"

namespace bench {

class PipeEndpoint : public Endpoint {
 public:
  PipeEndpoint(const Command& command, const std::string& log) : process_(command, log) {}

  void send(std::string_view message) override;
  std::string_view receive() override;
  std::chrono::nanoseconds cpu_time() const override { return process_.cpu_time(); }
  Memory memory() const { return process_.memory(); }

 private:
  void read_more();

  Process process_;
  Buffer received_;
  std::size_t given_ = 0;  // of received_, to the caller of receive()
  std::string line_;
};

}  // namespace bench
