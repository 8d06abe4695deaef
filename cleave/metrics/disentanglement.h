// How well the dimensions of a code stand for known factors of variation, one by one.
//
// The definitions are those of disentanglement_lib (Locatello et al., Challenging common assumptions in the
// unsupervised learning of disentangled representations, ICML 2019), applied to a data set as it is: examples are
// drawn from its rows, not from a simulator.
// Axes  N examples, D dimensions of the code, F factors.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cleave/base/random.h"
#include "cleave/base/tensor.h"
#include "cleave/classical/rows.h"

namespace cleave::metrics {

/// A factor in classes. One with a single class varies nothing and must be left out.
struct FactorClasses {
  std::string name;
  Tensor classes;  ///< [N] int64 from 0
};

/// Values [N] float64 as classes: each distinct value one, or `bins` of about equally many examples when there are
/// more distinct values.
Tensor classes_of(const Tensor& values, int64_t bins = 10);

/// I(z_d; v_f) in nats, [D, F], each dimension cut into 20 bins of equal width over its range.
Tensor mutual_information_matrix(const Tensor& codes, const std::vector<FactorClasses>& factors);

/// Mutual information gap: mean over the factors of the difference between the two most informative dimensions, over
/// the factor's entropy. Source: Chen et al. Isolating sources of disentanglement in VAEs. NeurIPS 2018.
double mutual_information_gap(const Tensor& information, const std::vector<FactorClasses>& factors);

/// Mean over the dimensions of 1 - what else they tell: 1 when each informs of one factor only, 0 for a dimension that
/// informs of none. Source: Ridgeway, Mozer. Learning deep disentangled embeddings. NeurIPS 2018.
double modularity(const Tensor& information);

/// How often each dimension, by itself, tells each factor: accuracy on the rows `test` of a linear support vector
/// machine (C = 0.01, classes weighed against their frequency, one against the rest) learned on the rows `train`.
/// [D, F].
Tensor attribute_accuracies(const Tensor& codes, const std::vector<FactorClasses>& factors, const Tensor& train,
                            const Tensor& test);

/// Separated attribute predictability: mean over the factors of the difference between the two dimensions that predict
/// it best (attribute_accuracies), learned on two thirds of at most 15 000 examples and judged on the others.
/// Source: Kumar et al. Variational inference of disentangled latent concepts from unlabeled observations. ICLR 2018.
double separated_attribute_predictability(const Tensor& codes, const std::vector<FactorClasses>& factors,
                                          const Randomness& random);

/// How well the dimension of least variance, among examples that share one factor's value, tells which factor that was.
/// Source: Kim, Mnih. Disentangling by factorising. ICML 2018. 64 examples a vote, 10 000 votes to learn, 5 000 to
/// judge.
double factor_vae_score(const Tensor& codes, const std::vector<FactorClasses>& factors, const Randomness& random);

/// Source: Eastwood, Williams. A framework for the quantitative evaluation of disentangled representations. ICLR 2018.
struct Dci {
  double disentanglement = 0;  ///< whether a dimension matters for one factor only
  double completeness = 0;     ///< whether a factor is told by one dimension only
  double informativeness = 0;  ///< accuracy on the examples held out, mean over the factors
  Tensor importance;           ///< [D, F]: boosted trees' importance of a dimension for a factor
};

/// Boosted trees learn each factor from the code on two thirds of at most `most` examples, the others judge.
Dci disentanglement_completeness_informativeness(const Tensor& codes, const std::vector<FactorClasses>& factors,
                                                 const Randomness& random, int64_t most = 15'000,
                                                 const classical::ShouldStop& should_stop = {});

/// The disentanglement and completeness of an importance matrix [D, F] >= 0.
Dci entropies_of_importance(const Tensor& importance);

}  // namespace cleave::metrics
