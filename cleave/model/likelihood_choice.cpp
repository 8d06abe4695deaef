#include "cleave/model/likelihood_choice.h"

#include "cleave/base/error.h"

namespace cleave::model {

std::string choose_likelihood(const std::string& given, const data::Description& data) {
  require<ArgumentError>(
      given != "bernoulli" || data.unit_interval,
      "--likelihood bernoulli: expected data in [0, 1]; use --transform unit or --likelihood gaussian");
  require<ArgumentError>(given != "negative-binomial" || data.raw_counts,
                         "--likelihood negative-binomial: expected counts as they are; use --transform none on data of "
                         "whole numbers");
  if (given != "auto") return given;
  return data.unit_interval ? "bernoulli" : data.raw_counts ? "negative-binomial" : "gaussian";
}

bool models_raw_counts(const Settings& given, data::Kind kind) {
  std::string likelihood = given.value("likelihood", "auto");
  return likelihood == "negative-binomial" || (likelihood == "auto" && kind == data::Kind::kCounts);
}

}  // namespace cleave::model
