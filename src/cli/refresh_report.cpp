// SPDX-License-Identifier: MIT
#include "cli/refresh_report.h"

#include "codec/json_document.h"

namespace mcpio::cli {
namespace {

constexpr std::string_view kBegun = "begun";
constexpr std::string_view kNotMade = "not_made";
constexpr std::string_view kSpent = "spent";
constexpr std::string_view kFailed = "failed";
constexpr std::string_view kKind = "kind";
constexpr std::string_view kRenewed = "renewed";

struct LineWriter {
  codec::JsonWriter json = {};
  void operator()(const RefreshBegun&) { json.add(kBegun, true); }
  void operator()(const RefreshNotMade& not_made) { json.add(kNotMade, not_made.why); }
  void operator()(const GrantSpent&) { json.add(kSpent, true); }
  void operator()(const Error& error) {
    json.add(kFailed, error.message).add(kKind, static_cast<int>(error.kind));
  }
  void operator()(const store::Credential& entry) { json.add_json(kRenewed, to_json(entry)); }
};

}  // namespace

Secret to_line(const RefreshReport& report) {
  LineWriter writer;
  std::visit(writer, report);
  return Secret(writer.json.text() + "\n");
}

Result<RefreshReport> report_from(std::string_view line) {
  auto report = codec::JsonObject::parse(line, "report of a refresh");
  if (!report) return propagate(report);
  if (report->is_true(kBegun)) return RefreshBegun();
  if (report->is_true(kSpent)) return GrantSpent();
  if (auto why = report->string(kNotMade)) return RefreshNotMade{*std::move(why)};
  if (const auto entry = report->text(kRenewed)) {
    auto renewed = store::credential_from_json(*entry);
    if (!renewed) return propagate(renewed, "report of a refresh");
    return *std::move(renewed);
  }
  auto message = report->string(kFailed);
  const auto kind = report->number(kKind).value_or(-1);
  if (!message || kind < 0 || kind > static_cast<int>(ErrorKind::io))
    return fail(ErrorKind::protocol, "report of a refresh: it says nothing");
  return Error{.kind = static_cast<ErrorKind>(kind), .message = *std::move(message)};
}

}  // namespace mcpio::cli
