// SPDX-License-Identifier: MIT
// Turns settings and requests into options of libcurl's handles.
#pragma once

#include <curl/curl.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/client_settings.h"
#include "http/message.h"
#include "http/tls_trust.h"

namespace mcpio::http {

// Header fields as libcurl wants them, in one block of text instead of a copy of each line. Must
// stay as long as the transfer uses it; must not be moved.
class HeaderLines {
 public:
  // `standing` are the fields of every request; those the request has itself are left out.
  HeaderLines(const Request& request, std::span<const Field> standing);
  HeaderLines(const HeaderLines&) = delete;
  HeaderLines& operator=(const HeaderLines&) = delete;

  const curl_slist* list() const { return lines_.data(); }

 private:
  std::string text_;
  std::vector<curl_slist> lines_;
};

// Is the body handed to libcurl as a whole, to go out in one packet with the header (a third less
// work for a small request), or asked for by CURLOPT_READFUNCTION piece by piece?
bool is_sent_at_once(const Request& request);

// What libcurl works with during one transfer.
struct Description {
  std::shared_ptr<CURLU> url;  // in libcurl's own form; null if it is none
  bool through_proxy = false;
};

// What does not change from one request to the next. One per client.
class CurlOptions {
 public:
  explicit CurlOptions(ClientSettings settings);

  const ClientSettings& settings() const { return settings_; }

  // Who we are, and what libcurl can decode. They go to libcurl as fields of ours, because it puts
  // its own together character by character, twice: a twentieth of the work for a small request.
  std::span<const Field> standing_fields() const { return standing_; }

  // Options that stay for the life of a handle.
  void set_up(CURL* easy) const;
  // Every option that depends on the request, but for callbacks. `lines` must stay as long as the
  // transfer, and so must what is returned.
  Description describe(CURL* easy, const Request& request, const HeaderLines& lines);

 private:
  std::shared_ptr<CURLU> parsed(const std::string& url);
  // True: through a proxy.
  bool choose_route(CURL* easy, const std::string& url);
  void set_up_tls(CURL* easy);
  void set_certificate(CURL* easy, const Request& request) const;

  const ClientSettings settings_;
  std::vector<Field> standing_;
  std::string last_url_;  // nearly all requests go to the same one, so it is parsed once
  std::shared_ptr<CURLU> parsed_url_;
  std::optional<Trust> trust_;  // looked for when the first https request comes
};

}  // namespace mcpio::http
