// A classifier: the supervised control beside methods that learn from few labels, and the judge of artificial examples.
//
// Source      Softmax regression (Cox, JRSS B 1958) on the features of a network.
// Infers      q(y | x) = Categorical(W g(x) + b)          (I1)  posterior_y
// Minimises   -log q(y | x), nats per labelled example; one without a label says nothing           (O1)
//             The code of an example is its logits.
// Shapes      B batch, X features, K classes.
#include <algorithm>

#include "cleave/base/error.h"
#include "cleave/models/registry.h"
#include "cleave/networks/networks.h"
#include "cleave/probability/distributions.h"

namespace cleave::models {

using namespace cleave::model;
using probability::Categorical;

namespace {

struct ClassifierConfig : networks::NetworkConfig {
  int64_t clusters = 0;
  int64_t epochs = 20;
  double learning_rate = 1e-3;

  ClassifierConfig() { hidden = {500, 500}; }

  template <class Self, class Visit>
  static void fields(Self& c, Visit&& field) {
    field("clusters", c.clusters, "Number of classes K; 0 takes as many as the labels name.", at_least(0));
    NetworkConfig::fields(c, field);
    field("epochs", c.epochs, "Passes over the data.", at_least(0));
    field("learning_rate", c.learning_rate, "First learning rate; falls to 0 by a cosine.", above(0));
  }

  ClassifierConfig resolved(const data::Description& data) const {
    ClassifierConfig config = *this;
    if (clusters == 0) config.clusters = std::max<int64_t>(data.classes, 1);
    require<ArgumentError>(config.clusters >= data.classes, "--clusters: {} classes, but the labels name {}",
                           config.clusters, data.classes);
    return config;
  }
};

class Classifier : public Model {
 public:
  using Config = ClassifierConfig;
  static constexpr Abilities kAbilities = {.clusters = true, .embeds = true};

  Classifier(const Config& config, const data::Description& data, const Randomness& random)
      : Model(kAbilities), config_(config) {
    encoder_ =
        register_module("encoder", networks::make_encoder(config, data.shape, data.width, random.stream("encoder")));
    classes_ = register_module(
        "classes", std::make_shared<networks::Dense>(encoder_->features(), config.clusters, random.stream("classes")));
  }

  Tensor logits(const Tensor& x) const { return classes_->forward(encoder_->forward(x)).to(at::kFloat); }  // [B, K]
  Categorical posterior_y(const Tensor& x) const { return Categorical::from_logits(logits(x)); }           // I1

  Latents infer(const Tensor& x) override {
    Tensor z = logits(x);
    return {{z}, {z.argmax(-1)}};
  }
  Tensor responsibilities(const Tensor& x, size_t) override { return posterior_y(x).probs(); }
  std::vector<Facet> facets() const override { return {{0, config_.clusters}}; }

  std::vector<Stage> stages() const override {
    return {{.name = "fit", .epochs = config_.epochs, .optimise = {{"", cosine(config_.learning_rate)}}}};
  }
  Objective objective(const Batch& batch, const Stage&, const Step&, const Randomness&) override {  // O1
    Tensor nats = -posterior_y(batch.x).log_prob(batch.y.clamp_min(0));
    return {{{"label", at::where(batch.y.ge(0), nats, 0.0)}}};
  }

 private:
  Config config_;
  std::shared_ptr<networks::Encoder> encoder_;
  std::shared_ptr<networks::Dense> classes_;
};

}  // namespace

Method describe_classifier() {
  return describe_method<Classifier>({
      .name = "classifier",
      .title = "Classifier",
      .summary = "A network that learns classes from labels: the control beside methods that need few or none.",
      .source = "Softmax regression (Cox, JRSS B 1958) on the features of a network",
      .learns_from_labels = true,
      .tiny = {{"hidden", {16}}, {"epochs", 20}, {"learning_rate", 5e-3}},
  });
}

}  // namespace cleave::models
