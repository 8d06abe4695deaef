// Every measure that applies to a finished run. Labels and factors are read here and nowhere else.
#pragma once

#include "cleave/base/fields.h"
#include "cleave/experiment/finished_run.h"

namespace cleave::experiment {

struct EvaluationConfig {
  int64_t iwae_samples = 100;    ///< importance samples per example of the bounds; 0: no bounds
  int64_t bound_examples = 500;  ///< at most so many examples for the bounds
  int64_t seed = 0;              ///< of what is drawn: bounds, the sample of a silhouette
};

/// {"run", "method", "commit" of the build that measures, "data", "n", "seed",
///  "facets": [{"layer", "k", "against", "examples", "accuracy_hungarian", "accuracy_majority", "accuracy_simple",
///    "accuracy_as_named", "nmi_arithmetic", "nmi_geometric", "nmi_max", "ari", "homogeneity", "completeness"}, ...],
///    measured on the `examples` whose class is known,
///  "facet_factors": [{"layer", "k", "nmi": {"slant", ...}, "best"}, ...], arithmetic NMI with each factor that varies,
///    continuous ones cut into ten classes of equal size,
///  "factor_correlation": {"slant", ...}, absolute Pearson correlation of each continuous factor with the latent that
///    goes most nearly straight with it, "factor_latent": {"slant", ...}, which one that is, and
///    "factor_correlation_in_class": {"slant", ...}, the least of its correlations within single classes; grey pictures
///    have measured factors besides (data/measured.h),
///  "detected": {"mark": {"latent", "least_inside", "most_outside", "gap"}}, per factor that only some classes have,
///  "information": {"latent_0": {"cluster_0", ...}, ...}, mean KL of each latent within each cluster of facet 0, nats,
///    over the members among at most 10 000 examples,
///  "knn_error": {"3", "5", "10"} on the code, "knn_error_features" on the layer that the latents are read from where a
///    method has one, "knn_split": "train to test" or "leave one out",
///  "silhouette": [{"layer", "k", "value", "examples"}] on the code or that layer, on the data for a method that has no
///    code or computes it from the clusters, "explained_variance": {"shares": [...], "sum"},
///  "disentanglement": {"mig", "sap", "modularity", "factorvae", "dci_disentanglement", "dci_completeness",
///    "dci_informativeness"} of the code against the factors that vary,
///  "bounds": {"elbo", "elbo_se", "iwae", "iwae_se", "iwae_samples", "examples"}}
///
/// One entry of facets per clustering and ground truth, `against` being "label" or the name of a categorical factor;
/// shares in [0, 1], bounds in nats; accuracy_as_named only after learning from the set's own labels. What does not
/// apply is absent, never null.
Settings evaluate(const FinishedRun& run, const EvaluationConfig& config = {});

}  // namespace cleave::experiment
