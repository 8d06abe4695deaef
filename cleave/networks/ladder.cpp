#include "cleave/networks/ladder.h"

#include <algorithm>
#include <cmath>

#include "cleave/base/error.h"

namespace cleave::networks {

constexpr double kLeak = 0.1;

/// What one layer does.
struct LayerPlan {
  Volume from, to;
  int64_t stride = 0;  ///< 0: dense
  bool transposed = false;
  bool last = false;  ///< neither normalised nor bent: the parameters of p(x | z)
};

class LadderLayer : public torch::nn::Module {
 public:
  LadderLayer(const LayerPlan& plan, bool batch_norm, at::Generator generator)
      : plan_(plan), normalised_(batch_norm && !plan.last) {
    const int64_t area = kernel() * kernel();
    const int64_t in = plan.stride == 0 ? plan.from.size() : plan.from.channels * area;
    const int64_t out = plan.stride == 0 ? plan.to.size() : plan.to.channels * area;
    std::vector<int64_t> shape = {plan.to.size(), plan.from.size()};
    if (plan.stride > 0) shape = {plan.to.channels, plan.from.channels, kernel(), kernel()};
    if (plan.transposed) std::swap(shape[0], shape[1]);
    const int64_t units = plan.stride == 0 ? plan.to.size() : plan.to.channels;
    weight_ = register_parameter("weight", glorot_uniform(shape, in, out, std::move(generator)));
    bias_ = register_parameter("bias", at::zeros({units}));
    if (!normalised_) return;
    running_mean_ = register_buffer("running_mean", at::zeros({units}));
    running_variance_ = register_buffer("running_variance", at::ones({units}));
  }

  Tensor forward(const Tensor& h) const {  // [B, from.size()] -> [B, to.size()]
    const Tensor bias = normalised_ ? Tensor() : bias_;
    Tensor out;
    if (plan_.stride == 0) {
      out = dense_layer(h, weight_, bias);
    } else {
      Tensor image = h.view({h.size(0), plan_.from.channels, plan_.from.height, plan_.from.width});
      std::vector<int64_t> stride(2, plan_.stride), padding(2, 1);
      std::vector<int64_t> more = {missing(plan_.to.height, plan_.from.height),
                                   missing(plan_.to.width, plan_.from.width)};
      out = plan_.transposed ? at::conv_transpose2d(image, weight_, bias, stride, padding, more)
                             : at::conv2d(image, weight_, bias, stride, padding);
    }
    if (normalised_) {
      const bool varies = out.numel() > running_mean_.numel();  // one value a unit has no variance to learn from
      out = at::batch_norm(out.to(at::kFloat), /*weight=*/{}, bias_, running_mean_, running_variance_,
                           is_training() && varies, /*momentum=*/0.1, /*eps=*/1e-5, /*cudnn_enabled=*/false);
    }
    return (plan_.last ? out : at::leaky_relu(out, kLeak)).flatten(1);
  }

 private:
  int64_t kernel() const { return plan_.stride == 2 ? 4 : 3; }
  /// Rows or columns that a transposed layer must add to come back to an odd size.
  int64_t missing(int64_t to, int64_t from) const { return plan_.stride == 2 ? to - 2 * from : 0; }

  LayerPlan plan_;
  bool normalised_;
  Tensor weight_, bias_, running_mean_, running_variance_;
};

namespace {

/// y [B, K] as K constant images of the volume's size, flat: [B, K area].
Tensor as_maps(const Tensor& y, const Volume& volume) {
  return y.unsqueeze(2).expand({-1, -1, volume.area()}).flatten(1);
}

Tensor with_maps(const Tensor& h, const Tensor& y, const Volume& volume) {
  return y.defined() ? at::cat({h, as_maps(y, volume)}, 1) : h;
}

}  // namespace

class LadderStep : public torch::nn::Module {
 public:
  LadderStep(const std::vector<LayerPlan>& plans, bool batch_norm, at::Generator generator) {
    for (size_t i = 0; i < plans.size(); ++i) {
      layers_.push_back(
          register_module(fmt::format("layer_{}", i), std::make_shared<LadderLayer>(plans[i], batch_norm, generator)));
    }
  }
  Tensor forward(const Tensor& h) const {
    Tensor result = h;
    for (const auto& layer : layers_)
      result = layer->forward(result);
    return result;
  }

 private:
  std::vector<std::shared_ptr<LadderLayer>> layers_;
};

namespace {

/// Dense layers of the given widths, from a volume.
std::vector<LayerPlan> dense(Volume from, const std::vector<int64_t>& widths) {
  std::vector<LayerPlan> plans;
  for (int64_t width : widths) {
    plans.push_back({.from = from, .to = {width}});
    from = {width};
  }
  return plans;
}

/// The layers of step l = 1, ..., L - 1 up from `from`, which may hold more channels than the volume below.
std::vector<LayerPlan> up(const LadderConfig& config, size_t l, Volume from) {
  const auto count = static_cast<size_t>(config.convolutions);
  if (config.network == "dense" || l * count > config.channels.size()) return dense(from, config.hidden);
  std::vector<LayerPlan> plans;
  for (size_t i = (l - 1) * count; i < l * count; ++i) {
    const int64_t stride = config.strides[i];
    Volume to = {config.channels[i], from.height / stride, from.width / stride};
    plans.push_back({.from = from, .to = to, .stride = stride});
    from = to;
  }
  return plans;
}

/// Those layers mirrored: from the volume above step l with `more` channels besides, down to the volume below it.
std::vector<LayerPlan> down(const LadderConfig& config, size_t l, const Volume& below, int64_t more) {
  std::vector<LayerPlan> plans = up(config, l, below);
  std::reverse(plans.begin(), plans.end());
  for (LayerPlan& plan : plans) {
    std::swap(plan.from, plan.to);
    plan.transposed = plan.stride > 0;
  }
  plans.front().from.channels += more;
  plans.back().last = l == 1;
  return plans;
}

}  // namespace

Ladder::Ladder(const LadderConfig& config, const std::vector<int64_t>& shape, int64_t width,
               const std::vector<int64_t>& latent_dims, const std::vector<int64_t>& clusters, const Randomness& random)
    : clusters_(clusters) {
  const size_t rungs = latent_dims.size();
  require<ArgumentError>(clusters.size() == rungs, "as many numbers of clusters as rungs are needed: {} and {}",
                         clusters.size(), rungs);
  size_t highest = rungs;
  while (highest > 0 && latent_dims[highest - 1] == 0)
    --highest;
  require<ArgumentError>(highest > 0, "no rung of the ladder has latents");
  for (size_t l = 0; l < rungs; ++l) {
    require<ArgumentError>(latent_dims[l] > 0 || clusters[l] == 1, "rung {} has {} clusters but no latents", l + 1,
                           clusters[l]);
  }
  require<ArgumentError>(config.network == "dense" || shape.size() == 3,
                         "--network convolutional: expected images but each example is a row of {} numbers; use "
                         "--network dense",
                         width);
  require<ArgumentError>(config.channels.size() == config.strides.size(),
                         "--strides: {} strides for {} layers of channels", config.strides.size(),
                         config.channels.size());
  volumes_ = {shape.size() == 3 && config.network == "convolutional" ? Volume{shape[0], shape[1], shape[2]}
                                                                     : Volume{width}};
  for (size_t l = 1; l < rungs; ++l)
    volumes_.push_back(up(config, l, volumes_.back()).back().to);

  auto step = [&](const std::string& name, const std::vector<LayerPlan>& plans) {
    return register_module(name, std::make_shared<LadderStep>(plans, config.batch_norm, random.stream(name)));
  };
  auto maps = [&](size_t rung) { return clusters[rung] > 1 ? clusters[rung] : 0; };
  for (size_t l = 1; l <= highest; ++l) {
    const std::string rung = fmt::format("_{}", l);
    const bool top = l == rungs, has_latents = latent_dims[l - 1] > 0;
    Volume from = volumes_[l - 1];
    if (l >= 2) from.channels += maps(l - 2);
    std::vector<LayerPlan> plans = top ? dense(from, config.hidden) : up(config, l, from);
    if (l < highest) trunk_.push_back(step("trunk" + rung, plans));
    branches_.push_back(has_latents ? step("branch" + rung, plans) : nullptr);
    features_.push_back(plans.back().to.size() + maps(l - 1));

    classifiers_.emplace_back();
    classes_.push_back(nullptr);
    if (clusters[l - 1] > 1) {
      for (size_t below = 1; below <= std::min(l, rungs - 1); ++below) {
        classifiers_.back().push_back(
            step(fmt::format("classifier{}_{}", rung, below), up(config, below, volumes_[below - 1])));
      }
      const std::vector<int64_t> last = {config.hidden.back()};
      classifiers_.back().push_back(
          step("classifier" + rung, dense(volumes_[std::min(l, rungs - 1)], rungs == 1 ? config.hidden : last)));
      classes_.back() = register_module("classes" + rung, std::make_shared<Dense>(config.hidden.back(), clusters[l - 1],
                                                                                  random.stream("classes" + rung)));
    }

    spreads_.push_back(!top && has_latents ? step("spread" + rung, dense({latent_dims[l - 1]}, {volumes_[l].size()}))
                                           : nullptr);
    if (top) {
      std::vector<int64_t> widths(config.hidden.rbegin(), config.hidden.rend());
      widths.push_back(volumes_[l - 1].size());
      plans = dense({latent_dims[l - 1]}, widths);
      plans.back().last = l == 1;
    } else {
      plans = down(config, l, volumes_[l - 1], has_latents && l < highest ? volumes_[l].channels : 0);
    }
    generators_.push_back(step("generator" + rung, plans));
  }
}

std::vector<Tensor> Ladder::climb(const Tensor& x, const std::vector<Tensor>& y) const {
  std::vector<Tensor> features;
  Tensor h = x;
  for (size_t l = 0; l < branches_.size(); ++l) {
    if (l > 0) h = with_maps(h, y[l - 1], volumes_[l]);
    Tensor branch = branches_[l] ? branches_[l]->forward(h) : Tensor();
    features.push_back(y[l].defined() ? at::cat({branch, y[l]}, 1) : branch);
    if (l < trunk_.size()) h = trunk_[l]->forward(h);
  }
  return features;
}

Tensor Ladder::logits(size_t rung, const Tensor& x) const {
  Tensor h = x;
  for (const auto& step : classifiers_[rung])
    h = step->forward(h);
  return classes_[rung]->forward(h);
}

Tensor Ladder::descend(const std::vector<Tensor>& z) const {
  Tensor h;
  for (size_t l = generators_.size(); l-- > 0;) {
    Tensor own = spreads_[l] ? spreads_[l]->forward(z[l]) : l + 1 == volumes_.size() ? z[l] : Tensor();
    if (h.defined() && own.defined()) own = at::cat({h, own}, 1);
    h = generators_[l]->forward(own.defined() ? own : h);
  }
  return h;
}

}  // namespace cleave::networks
