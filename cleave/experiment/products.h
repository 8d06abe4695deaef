// What a finished run leaves for others to read: the model, the assignments, the codes.
#pragma once

#include <string>

#include "cleave/analysis/answers.h"
#include "cleave/experiment/fitted_model.h"
#include "cleave/experiment/run_folder.h"

namespace cleave::experiment {

/// "index,cluster,confidence" and, for each further facet, "cluster_<layer>,confidence_<layer>"; one line per example.
/// Where examples have `ids`, [N], "id" comes after the index. With `soft` q(y | x) follows, "probability_<k>" or
/// "probability_<layer>_<k>". Noise is cluster -1. Throws ArgumentError when the method does not cluster.
std::string assignments_csv(const FittedModel& fitted, const analysis::Answers& answers,
                            const std::vector<std::string>& ids, bool soft = false);

/// The codes, [N, D] float32. Throws ArgumentError when the method has none.
Tensor codes(const FittedModel& fitted, const analysis::Answers& answers);

/// "index,z0,z1,..." for codes [N, D] float32; where examples have `ids`, [N], "id" comes after the index.
std::string codes_csv(const Tensor& codes, const std::vector<std::string>& ids);

/// Writes all that the method can give of the data set and its view into the run folder. The model file comes last: it
/// is what makes a run finished.
void write_products(const RunFolder& run, const FittedModel& fitted, const data::Dataset& dataset,
                    const data::View& view);

}  // namespace cleave::experiment
