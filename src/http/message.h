// SPDX-License-Identifier: MIT
// HTTP requests and answers as values, shared by the client and the server side.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/buffer.h"
#include "base/limits.h"
#include "base/result.h"

namespace mcpio::http {

struct Field {
  std::string name;
  std::string value;
};

// Header fields in the order they were added. Names compare without regard to case.
class Fields {
 public:
  void add(std::string_view name, std::string_view value);
  // Replaces every field of that name by this one.
  void set(std::string_view name, std::string_view value);
  void remove(std::string_view name);

  // The first value of that name; empty optional: there is none.
  std::optional<std::string_view> find(std::string_view name) const;
  std::vector<std::string_view> all(std::string_view name) const;

  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }
  bool empty() const { return fields_.empty(); }

 private:
  std::vector<Field> fields_;
};

bool equals_ignoring_case(std::string_view a, std::string_view b);

// The media type alone, lower case: "text/event-stream" for "Text/Event-Stream; charset=utf-8".
std::string media_type(std::string_view content_type);

// Zero means: no limit.
struct Timeouts {
  std::chrono::milliseconds connect{10'000};              // name, connection and TLS together
  std::chrono::milliseconds write{limits::kUploadStall};  // between two pieces of the body sent
  std::chrono::milliseconds head{0};                      // from sent to the answer's header
  std::chrono::milliseconds idle{0};                      // between two pieces of the answer's body
};

// A certificate that TLS shows, with its key. Files are PEM; they are read for each new connection.
struct ClientCertificate {
  std::string file;
  std::string key_file = {};  // empty: it is in the file of the certificate
};

struct Request {
  std::string method = "GET";
  std::string url = {};  // absolute, http or https, without userinfo and fragment
  Fields fields = {};
  // Shared, because one message may be sent several times (retry, redirect); null: no body.
  std::shared_ptr<const Buffer> body = {};
  // May the HTTP library itself send this request again, when a reused connection dies before any
  // answer? True only for what is safe to execute twice.
  bool may_repeat = false;
  Timeouts timeouts = {};
  // Shown to the server instead of the one of TlsSettings; null: that one, if any. A connection
  // that has shown a certificate serves no request with another one or without, nor the reverse.
  std::shared_ptr<const ClientCertificate> certificate = {};
  // Asked with the server's numeric address on every connection, new or not, before anything of the
  // request leaves on it; not on the way through a proxy. A failure is how the exchange fails.
  std::function<Result<void>(std::string_view address)> check_address = {};
};

struct Head {
  int status = 0;
  Fields fields = {};
  std::string_view version = {};  // "1.1", "2"
};

}  // namespace mcpio::http
