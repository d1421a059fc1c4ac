// SPDX-License-Identifier: MIT
#include "pipe_endpoint.h"

#include <poll.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>
#include <utility>

namespace bench {

void PipeEndpoint::send(std::string_view message) {
  line_.assign(message).push_back('\n');
  for (std::string_view rest = line_; !rest.empty();) {
    const auto written = write(process_.input(), rest.data(), rest.size());
    if (written <= 0) throw std::runtime_error("it does not read its stdin");
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::string_view PipeEndpoint::receive() {
  received_.drop(std::exchange(given_, 0));
  for (std::size_t searched = 0;;) {
    const auto bytes = received_.view();
    if (const auto end = bytes.find('\n', searched); end != bytes.npos) {
      given_ = end + 1;
      return bytes.substr(0, end);
    }
    searched = bytes.size();
    read_more();
  }
}

void PipeEndpoint::read_more() {
  constexpr std::size_t kPipe = 64 * 1024;  // a pipe holds no more
  pollfd readable{.fd = process_.output(), .events = POLLIN, .revents = 0};
  if (poll(&readable, 1, std::chrono::milliseconds(kPatience).count()) <= 0)
    throw std::runtime_error("it did not answer in time");
  const auto got = read(process_.output(), received_.room(kPipe), kPipe);
  if (got <= 0) throw std::runtime_error("it ended");
  received_.filled(static_cast<std::size_t>(got));
}

}  // namespace bench
