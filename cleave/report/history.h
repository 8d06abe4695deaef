// The course of training, read from a run's events.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cleave/base/fields.h"
#include "cleave/report/charts.h"

namespace cleave::report {

/// Where some examples were, and in which cluster, after an epoch.
struct Snapshot {
  double epoch = 0;  ///< epochs done since the start
  Tensor points;     ///< [N, 2]
  Tensor clusters;   ///< [N] int64, -1: none
};

/// Curves over the epochs of all gradient stages, laid end to end. x counts epochs done since the start; between
/// stages the lines are interrupted.
struct History {
  using Curves = std::vector<Series>;

  std::vector<Boundary> stages;
  Curves terms;                   ///< one per term of the objective, nats per example, unweighted
  Curves learning_rate;           ///< one curve, or none
  Curves information;             ///< one per latent, nats
  std::vector<Curves> occupancy;  ///< per facet, one per cluster, shares
  std::vector<Curves> agreement;  ///< per facet, one per metric against the labels

  std::vector<Snapshot> snapshots;

  std::vector<std::pair<std::string, Curves>> iterations;  ///< per closed-form stage: values by iteration
  std::vector<std::string> notes;                          ///< in order, each once
};

/// Events that lack what they should have are passed over; where an epoch was done twice, after a resume, the later
/// event counts.
History read_history(const std::vector<Settings>& events);

}  // namespace cleave::report
