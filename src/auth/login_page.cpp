// SPDX-License-Identifier: MIT
#include "auth/login_page.h"

#include <fmt/core.h>

namespace mcpio::auth {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

constexpr std::string_view kStyle = R"(
:root { color-scheme: light dark; --ground: #f6f7f9; --card: #fff; --text: #1b1f24; --soft: #5c6670;
  --line: #e3e6ea; --good: #1a7f4b; --bad: #b3261e; --waiting: #5c6670 }
@media (prefers-color-scheme: dark) { :root { --ground: #14171a; --card: #1d2125; --text: #e8eaed;
  --soft: #9aa4ae; --line: #2f353b; --good: #5fd39a; --bad: #ff8a80; --waiting: #9aa4ae } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem;
  background: var(--ground); color: var(--text); font: 1rem/1.55 system-ui, sans-serif }
main { width: 100%; max-width: 27rem; padding: 2.25rem 2.25rem 2rem; background: var(--card);
  border: 1px solid var(--line); border-radius: 14px; box-shadow: 0 6px 24px rgb(0 0 0 / 7%) }
svg { display: block; width: 2.75rem; height: 2.75rem; margin-bottom: 1.1rem; fill: none;
  stroke-width: 2.5; stroke-linecap: round; stroke-linejoin: round }
h1 { margin: 0 0 .5rem; font-size: 1.35rem; line-height: 1.25; text-wrap: balance }
p { margin: 0; color: var(--soft); overflow-wrap: anywhere; text-wrap: pretty }
small { display: block; margin-top: 1rem; padding-top: 1rem; border-top: 1px solid var(--line);
  color: var(--soft); font: .85rem/1.5 ui-monospace, monospace; overflow-wrap: anywhere }
footer { margin-top: 1.5rem; color: var(--soft); font-size: .8rem }
.good svg { stroke: var(--good) } .bad svg { stroke: var(--bad) } .waiting svg { stroke: var(--waiting) }
)";

struct Look {
  std::string_view name, mark;
};

Look look_of(LoginPage::Tone tone) {
  switch (tone) {
    case LoginPage::Tone::good:
      return {"good", R"(<circle cx="20" cy="20" r="17"/><path d="m12.5 20.5 5 5 10-11"/>)"};
    case LoginPage::Tone::bad:
      return {"bad", R"(<circle cx="20" cy="20" r="17"/><path d="M20 11v11m0 6v.5"/>)"};
    case LoginPage::Tone::waiting:
      break;
  }
  return {"waiting", R"(<circle cx="20" cy="20" r="17"/><path d="M20 11v9l6 4"/>)"};
}

}  // namespace

LoginPage signed_in(std::string_view server) {
  return {
      .tone = LoginPage::Tone::good,
      .title = "You are signed in",
      .text = fmt::format("Your application can now use {}. You can close this window.", server)};
}

LoginPage not_signed_in(std::string_view why) {
  return {.tone = LoginPage::Tone::bad,
          .title = "Signing in did not work",
          .text =
              "You can close this window. Your application shows the same message, and what to "
              "do next.",
          .detail = std::string(why)};
}

LoginPage once_more() {
  return {.tone = LoginPage::Tone::waiting,
          .title = "One more time, please",
          .text =
              "The server and this program had to get to know each other again. Another page opens "
              "to sign in; you can close this window."};
}

LoginPage still_waiting() {
  return {.tone = LoginPage::Tone::waiting,
          .title = "Still waiting for the sign-in",
          .text =
              "This page was opened without the answer that mcp-stdio is waiting for. Go on in "
              "the window where you sign in."};
}

std::string html(const LoginPage& page) {
  const Look look = look_of(page.tone);
  const std::string detail =
      page.detail.empty() ? "" : fmt::format("<small>{}</small>\n", escaped(page.detail));
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>{0} - mcp-stdio</title>\n<style>{1}</style>\n</head>\n<body class=\"{2}\">\n<main>\n"
      "<svg viewBox=\"0 0 40 40\" aria-hidden=\"true\">{3}</svg>\n<h1>{0}</h1>\n<p>{4}</p>\n{5}"
      "<footer>mcp-stdio</footer>\n</main>\n</body>\n</html>\n",
      escaped(page.title), kStyle, look.name, look.mark, escaped(page.text), detail);
}

http::Fields page_fields() {
  http::Fields fields;
  fields.add("Content-Type", "text/html; charset=utf-8");
  fields.add("Cache-Control", "no-store");
  fields.add("Referrer-Policy", "no-referrer");
  fields.add("Content-Security-Policy",
             "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
  fields.add("X-Content-Type-Options", "nosniff");
  return fields;
}

}  // namespace mcpio::auth
