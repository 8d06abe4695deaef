// The contract that every method meets: networks and mixtures, clusterers and maps alike.
//
// A method is fitted in stages by one loop (training/), and is asked afterwards through the functions below. What it
// cannot do it says in its abilities; front ends check those and say so instead of failing. Everything worth saving is
// a registered parameter or buffer of the module, so a checkpoint needs no knowledge of the method.
//
// Axes: B examples of a batch, X features, D latents, K clusters, S samples.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <torch/nn/module.h>

#include "cleave/base/random.h"
#include "cleave/base/tensor.h"
#include "cleave/data/view.h"
#include "cleave/model/objective.h"
#include "cleave/model/schedule.h"

namespace cleave::model {

/// Latent variables of one batch, one entry per layer. A one-layer model has one entry in each list; a layer without a
/// cluster variable has an undefined y.
struct Latents {
  std::vector<Tensor> z;  ///< z[l] [B, D_l]
  std::vector<Tensor> y;  ///< y[l] [B] int64 in [0, K_l), or relaxed [B, K_l]
};

/// What a model says of one batch.
struct Answer {
  Latents latents;                       ///< of infer(); empty for a method that does not embed
  std::vector<Tensor> responsibilities;  ///< of each facet [B, K]; empty for a method that does not cluster
};

/// A layer with a cluster variable: one clustering of the data.
struct Facet {
  int64_t layer = 0;
  int64_t clusters = 0;
};

/// The tree that a hierarchical method leaves: merge t joins two of the examples 0 to N - 1 and the clusters from N on
/// into cluster N + t. Undefined tensors where there is none.
struct Merges {
  Tensor pairs;    ///< [N - 1, 2] int64
  Tensor heights;  ///< [N - 1] float64
};

/// What a method can do.
struct Abilities {
  bool clusters = false;               ///< responsibilities()
  bool embeds = false;                 ///< infer(), embed()
  bool decodes = false;                ///< decode()
  bool generates = false;              ///< sample_prior()
  bool has_bound = false;              ///< log_joint(), sample_posterior(), log_posterior(): a latent variable model
  bool code_follows_clusters = false;  ///< embed() is computed from the clusters

  /// Whether there is a code that can judge the clusters, or show them; otherwise the data must.
  bool independent_code() const { return embeds && !code_follows_clusters; }
};

/// A set of parameters and the rate at which a gradient stage moves them.
struct Optimise {
  std::string parameters;  ///< prefix of the parameter names; "" is every parameter
  Schedule learning_rate;
};

/// One phase of fitting.
struct Stage {
  std::string name;                     ///< "pretrain", "mixture", "joint"
  int64_t epochs = 1;                   ///< passes over the data, or at most this many iterations of a closed form
  bool closed_form = false;             ///< calls iterate() instead of descending objective()
  bool rescales = false;                ///< a closed form that changes parameters which a stage before has trained
  std::vector<Optimise> optimise = {};  ///< gradient stages only
  double epsilon = 1e-8;                ///< Adam's
  bool augment = true;                  ///< whether the run's augmentation applies
  int64_t labelled = 0;                 ///< labelled examples added to every batch, classes evenly
};

/// Where a method says what a person should know, and asks whether to go on.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void note(const std::string& text) = 0;  ///< one sentence
  virtual bool should_stop() = 0;                  ///< true after the first Ctrl-C
};

/// What fitting has at hand besides the batch.
struct Fitting {
  const data::View& data;
  const Randomness& random;
  Observer& observer;

  /// Asks the observer, for algorithms that know of none.
  std::function<bool()> stop() const {
    return [&asked = observer] { return asked.should_stop(); };
  }
};

/// What one iteration of a closed-form stage reports.
struct Iteration {
  std::vector<std::pair<std::string, double>> values;  ///< "inertia", "log_likelihood"
  bool finished = false;
};

/// A batch of transformed examples.
struct Batch {
  Tensor x;        ///< [B, X] float32
  Tensor indices;  ///< [B] int64 rows of the data set
  Tensor y;        ///< [B] int64 labels, -1 where there is none; only for methods that learn from labels
};

class Model : public torch::nn::Module {
 public:
  explicit Model(Abilities abilities) : abilities_(abilities) {}
  const Abilities& abilities() const { return abilities_; }

  // Fitting ----------------------------------------------------------------------------------------------------------

  /// The phases in order. Depends on the configuration only.
  virtual std::vector<Stage> stages() const = 0;

  /// Called once when a stage starts, not when it resumes.
  virtual void begin_stage(const Stage&, const Fitting&) {}

  /// Called once after each epoch of a gradient stage, with its last step: what changes between two passes, such as
  /// targets read anew from all the data, in float32 whatever the precision of training. All that it changes is in
  /// registered parameters and buffers.
  virtual void end_epoch(const Stage&, const Step&, const Fitting&) {}

  /// Terms to descend in a gradient stage. Noise comes from random.stream(name, step.index) only.
  virtual Objective objective(const Batch& batch, const Stage& stage, const Step& step, const Randomness& random);

  /// One pass of a closed-form stage. All that later iterations need is in registered buffers. Throws Interrupted when
  /// the observer asks to stop half way, with the buffers such that the same pass can be begun again.
  virtual Iteration iterate(const Stage& stage, const Step& step, const Fitting& fitting);

  // Asking -----------------------------------------------------------------------------------------------------------
  // All are pure functions of the parameters: no noise unless a generator is given, no gradient, float32.

  /// The clusterings that the method offers; empty when it does not cluster.
  virtual std::vector<Facet> facets() const { return {}; }

  /// How the examples of the fit, in their order, were merged.
  virtual Merges merge_tree() const { return {}; }

  /// Posterior means and most probable clusters of x [B, X].
  virtual Latents infer(const Tensor& x);

  /// The code of x: the z of infer(), all layers side by side, [B, sum of D_l].
  Tensor embed(const Tensor& x);

  /// The deterministic layer that the latents are read from, where a method's paper calls that its representation:
  /// [B, F]. Undefined, as by default, for any other.
  virtual Tensor hidden_features(const Tensor& x);

  /// q(y | x) of one facet, [B, K]; one-hot for hard clusterers.
  virtual Tensor responsibilities(const Tensor& x, size_t facet = 0);

  /// infer() and the responsibilities() of every facet, as far as the method is able to: by default one after the
  /// other, for a method to override where they share work that takes long.
  virtual Answer answer(const Tensor& x);

  /// Mean of p(x | z, y), [B, X], in the transformed scale.
  virtual Tensor decode(const Latents& h);

  /// `count` draws from the prior; those of cluster `cluster` of facet `facet` when it is given.
  virtual Latents sample_prior(int64_t count, std::optional<int64_t> cluster, size_t facet, at::Generator generator);

  /// KL of each latent's posterior from its prior, per example: [B, sum of D_l] nats. Undefined, as by default, for a
  /// method whose latents have none of their own.
  virtual Tensor information(const Tensor& x);

  /// log p(x, z, y), nats, [B].
  virtual Tensor log_joint(const Tensor& x, const Latents& h);
  /// z, y ~ q(. | x).
  virtual Latents sample_posterior(const Tensor& x, at::Generator generator);
  /// log q(z, y | x), nats, [B].
  virtual Tensor log_posterior(const Latents& h, const Tensor& x);
  /// One-sample evidence lower bound of log p(x), nats, [B]. By default log_joint - log_posterior of one draw.
  virtual Tensor evidence_bound(const Tensor& x, at::Generator generator);

 private:
  [[noreturn]] void cannot(const char* what) const;

  Abilities abilities_;
};

}  // namespace cleave::model
