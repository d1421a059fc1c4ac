// SPDX-License-Identifier: MIT
#include "cli/check_report.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/log.h"
#include "base/redact.h"

namespace mcpio::cli {

namespace {

using std::chrono::microseconds;

constexpr std::size_t kLabel = 14;

double in_milliseconds(microseconds time) {
  return static_cast<double>((time.count() + 50) / 100) / 10;
}

class TextReport {
 public:
  TextReport(const CheckReport& report, const Page& page) : report_(report), page_(page) {}

  std::string write() {
    text_ = fmt::format("{}\n\n", report_.url);
    write_steps();
    write_server();
    write_failure();
    return std::move(text_);
  }

 private:
  void write_steps() {
    const http::Timings& times = report_.timings;
    step(Stage::name, "name", times.name, {});
    step(Stage::connect, "TCP", times.connect, times.remote_address);
    if (report_.is_https) step(Stage::tls, "TLS", times.tls, {});
    const auto status =
        report_.http_status != 0 ? fmt::format("status {}", report_.http_status) : "";
    step(Stage::http, http_label(), times.first_byte, status);
    step(Stage::initialize, "initialize", report_.initialize_took, {});
  }

  std::string http_label() const {
    return report_.timings.version.empty() ? "HTTP"
                                           : fmt::format("HTTP/{}", report_.timings.version);
  }

  // Stages behind the failed one did not happen and are not shown.
  void step(Stage stage, std::string_view label, microseconds took, std::string_view more) {
    if (stage > report_.reached) return;
    const bool is_good = stage < report_.reached;
    text_ += is_good ? paint("32", "  ✓ ") : paint("31", "  ✗ ");
    const bool is_alone = took.count() == 0 && more.empty();
    text_ += is_alone ? std::string(label) : fmt::format("{:<{}}", label, kLabel);
    if (took.count() > 0) text_ += fmt::format("{:>9.1f} ms", in_milliseconds(took));
    if (!more.empty()) text_ += fmt::format("{}{}", took.count() > 0 ? "  " : "", more);
    text_ += '\n';
  }

  void write_server() {
    if (report_.protocol_version.empty()) return;
    text_ += '\n';
    const std::string name = clean(report_.server_name);
    row("server", name.empty() ? "(says no name)" : name + " " + clean(report_.server_version));
    row("protocol", clean(report_.protocol_version));
    row("transport", report_.transport);
    row("session", report_.session.empty() ? "none" : clean(report_.session) + "...");
    row("capabilities", listed(report_.capabilities));
    if (report_.reached == Stage::done)
      row("tools", fmt::format("{}{}", report_.tools.size(), report_.has_more_tools ? "+" : ""));
    for (const std::string& tool : report_.tools) row("", clean(tool));
  }

  void write_failure() {
    text_ += '\n';
    if (!report_.failure) {
      text_ += paint("32", "The server can be used.") + '\n';
      return;
    }
    text_ += paint("31", "error: ") + clean(log::redacted(report_.failure->message)) + '\n';
    for (const std::string& advice : report_.advice) text_ += fmt::format("  try: {}\n", advice);
  }

  void row(std::string_view label, std::string_view value) {
    text_ += fmt::format("    {:<{}}{}\n", label, kLabel, value);
  }

  static std::string listed(const std::vector<std::string>& names) {
    std::string list;
    for (const std::string& name : names) list += (list.empty() ? "" : ", ") + clean(name);
    return list.empty() ? "none" : list;
  }

  std::string paint(std::string_view colour, std::string_view text) const {
    return page_.has_colour ? fmt::format("\x1b[{}m{}\x1b[0m", colour, text) : std::string(text);
  }

  const CheckReport& report_;
  const Page& page_;
  std::string text_;
};

}  // namespace

std::string clean(std::string_view text) {
  constexpr std::size_t kMost = 400;
  if (text.size() <= kMost) return log::escape_controls(text);
  std::size_t end = kMost;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // a character
  return log::escape_controls(text.substr(0, end)) + "...";
}

std::string report_text(const CheckReport& report, const Page& page) {
  return TextReport(report, page).write();
}

std::string report_json(const CheckReport& report) {
  using Json = nlohmann::ordered_json;
  Json json = {{"ok", report.is_good()}, {"url", report.url}};
  if (report.failure)
    json["error"] = {{"stage", stage_name(report.reached)},
                     {"message", log::redacted(report.failure->message)},
                     {"try", report.advice}};
  if (report.http_status != 0) json["httpStatus"] = report.http_status;
  if (report.has_timings) {
    const http::Timings& timings = report.timings;
    for (const auto& [name, took] : {std::pair("name", timings.name),
                                     {"connect", timings.connect},
                                     {"tls", timings.tls},
                                     {"firstByte", timings.first_byte},
                                     {"initialize", report.initialize_took}})
      if (took.count() > 0) json["milliseconds"][name] = in_milliseconds(took);
    if (!timings.remote_address.empty()) json["remoteAddress"] = timings.remote_address;
    if (!timings.version.empty()) json["httpVersion"] = timings.version;
  }
  if (!report.protocol_version.empty()) {
    json["transport"] = report.transport;
    json["protocolVersion"] = report.protocol_version;
    json["server"] = {{"name", report.server_name}, {"version", report.server_version}};
    json["capabilities"] = report.capabilities;
    json["hasSession"] = !report.session.empty();
    json["tools"] = report.tools;
  }
  // In ASCII: what would steer a terminal is escaped, and programs read the same.
  return json.dump(-1, ' ', true, Json::error_handler_t::replace) + "\n";
}

}  // namespace mcpio::cli
