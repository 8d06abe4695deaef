// What training looks like from outside, epoch by epoch, on a fixed part of the data. It draws nothing and changes
// nothing: labels appear in the log only.
#pragma once

#include <string>
#include <vector>

#include "cleave/base/fields.h"
#include "cleave/data/view.h"
#include "cleave/model/model.h"

namespace cleave::experiment {

class Monitor {
 public:
  /// Watches at most 5000 examples, spread over the data. `labels` [N] int64 with -1 for unknown, or undefined.
  Monitor(const data::View& view, const Tensor& labels);

  /// Fields of an epoch's event: "facets", a list of {"layer", "occupancy": [K] shares, "accuracy_hungarian",
  /// "nmi_arithmetic"}, and "information": [D] nats per latent. What the method does not have is absent.
  Settings measure(model::Model& model) const;

  /// A picture of the moment: {"x", "y", "cluster"} of 500 of these examples, their first clustering at their place in
  /// the plane of the code's two main axes, or of the data where they have two features. Null without codes or
  /// clusters.
  Settings snapshot(model::Model& model) const;

 private:
  const data::View& view_;
  Tensor indices_;  // [M] int64
  Tensor labels_;   // [M] int64 or undefined
};

/// Notices clusters that stay empty and latents that carry nothing, and says so once.
class CollapseWatch {
 public:
  /// What is new after an epoch whose measures are given: whole sentences, mostly none.
  std::vector<std::string> observe(const Settings& measures);

  Settings state() const { return idle_; }
  void restore(const Settings& state) { idle_ = state; }

 private:
  /// Epochs in a row for which each entry has been idle; returns the entries that have just reached the patience.
  std::vector<int64_t> count(const std::string& what, const std::vector<bool>& idle);

  Settings idle_ = Settings::object();  // by "clusters of layer 0" or "latents": epochs in a row
};

}  // namespace cleave::experiment
