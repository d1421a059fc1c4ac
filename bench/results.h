// SPDX-License-Identifier: MIT
// Every figure measured, and the file they are written to.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace bench {

class Results {
 public:
  // One more sample of a figure; `metric` names its unit, as in "p50 us".
  void add(const std::string& variant, const std::string& metric, const std::string& subject,
           double sample);
  // The latest sample of a figure; 0 before the first.
  double last(const std::string& variant, const std::string& metric,
              const std::string& subject) const;
  void add_failure(const std::string& variant, const std::string& subject,
                   const std::string& reason);
  bool has_failed(const std::string& variant, const std::string& subject) const;

  // {"rows": [{variant, metric, subject, median, samples}], "failures": [...]}
  void write(const std::string& path) const;

 private:
  std::map<std::tuple<std::string, std::string, std::string>, std::vector<double>> samples_;
  std::map<std::pair<std::string, std::string>, std::string> failures_;
};

// The value below which `share` of the samples lie.
double quantile(std::vector<double> samples, double share);

}  // namespace bench
