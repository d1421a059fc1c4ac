// SPDX-License-Identifier: MIT
#include "results.h"

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <nlohmann/json.hpp>

namespace bench {

double quantile(std::vector<double> samples, double share) {
  const auto rank = static_cast<std::ptrdiff_t>(share * static_cast<double>(samples.size() - 1));
  std::nth_element(samples.begin(), samples.begin() + rank, samples.end());
  return samples[static_cast<std::size_t>(rank)];
}

void Results::add(const std::string& variant, const std::string& metric, const std::string& subject,
                  double sample) {
  samples_[{variant, metric, subject}].push_back(sample);
}

double Results::last(const std::string& variant, const std::string& metric,
                     const std::string& subject) const {
  const auto found = samples_.find({variant, metric, subject});
  return found == samples_.end() ? 0 : found->second.back();
}

void Results::add_failure(const std::string& variant, const std::string& subject,
                          const std::string& reason) {
  failures_[{variant, subject}] = reason;
}

bool Results::has_failed(const std::string& variant, const std::string& subject) const {
  return failures_.contains({variant, subject});
}

void Results::write(const std::string& path) const {
  auto rows = nlohmann::ordered_json::array();
  for (const auto& [key, samples] : samples_) {
    const auto& [variant, metric, subject] = key;
    rows.push_back({{"variant", variant},
                    {"metric", metric},
                    {"subject", subject},
                    {"median", quantile(samples, 0.5)},
                    {"samples", samples}});
  }
  auto failures = nlohmann::ordered_json::array();
  for (const auto& [key, reason] : failures_)
    failures.push_back({{"variant", key.first}, {"subject", key.second}, {"reason", reason}});
  const nlohmann::ordered_json all = {{"rows", rows}, {"failures", failures}};
  std::ofstream(path) << all.dump(1) << '\n';
}

}  // namespace bench
