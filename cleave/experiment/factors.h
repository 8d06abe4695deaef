// What a finished run found of the factors of variation that are known, or that can be measured on pictures.
#pragma once

#include <vector>

#include "cleave/base/fields.h"
#include "cleave/experiment/assignment.h"
#include "cleave/experiment/finished_run.h"

namespace cleave::experiment {

/// "facet_factors" of an evaluation (evaluate.h): how much every clustering says of every factor.
Settings facets_against_factors(const std::vector<model::Facet>& facets, const std::vector<Assignment>& assignments,
                                const data::Dataset& dataset);

/// Adds "factor_correlation", "factor_latent" and "factor_correlation_in_class" to an evaluation: for every continuous
/// factor, those measured on the pictures (data/measured.h) among them, the dimension of codes [N, D] that goes most
/// nearly straight with it. In class: the least correlation of that dimension within any class of ten examples at
/// least in which the factor varies, negative where the class goes the other way.
void add_factor_correlations(Settings& result, const Tensor& codes, const data::Dataset& dataset);

/// "disentanglement" of an evaluation: how well single dimensions of codes [N, D] stand for single factors.
Settings disentanglement(const Tensor& codes, const data::Dataset& dataset, const Randomness& random);

/// "detected" of an evaluation: for every continuous factor that varies in some classes and never in the others, the
/// latent that tells these classes apart best by the KL of its posterior from its prior: {"mark": {"latent",
/// "least_inside", "most_outside", "gap"}}, mean nats over the examples of a class, the gap their difference.
/// Source: Antoran, Miguel 2019, "KL term acts as a feature detector".
Settings factors_of_classes(const FinishedRun& run);

}  // namespace cleave::experiment
