// SPDX-License-Identifier: MIT
#include "http/curl_url.h"

#include <curl/curl.h>

#include <cstdlib>
#include <memory>

namespace mcpio::http {
namespace {

using Handle = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

std::string part(const Handle& url, CURLUPart what, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url.get(), what, &text, flags) != CURLUE_OK) return {};
  std::string copy(text);
  curl_free(text);
  return copy;
}

}  // namespace

std::optional<CurlUrl> CurlUrl::parse(const std::string& text) {
  const Handle url(curl_url(), &curl_url_cleanup);
  constexpr unsigned kLenient = CURLU_DEFAULT_SCHEME | CURLU_NON_SUPPORT_SCHEME;
  if (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), kLenient) != CURLUE_OK)
    return std::nullopt;

  CurlUrl parsed;
  parsed.scheme = part(url, CURLUPART_SCHEME);
  parsed.host = part(url, CURLUPART_HOST);
  const std::string port = part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
  parsed.port = static_cast<std::uint16_t>(std::strtoul(port.c_str(), nullptr, 10));
  if (parsed.host.starts_with('[')) parsed.host = parsed.host.substr(1, parsed.host.size() - 2);
  return parsed;
}

std::string CurlUrl::place() const {
  const bool bracket = host.find(':') != std::string::npos;
  const std::string name = bracket ? "[" + host + "]" : host;
  return port == 0 ? name : name + ":" + std::to_string(port);
}

}  // namespace mcpio::http
