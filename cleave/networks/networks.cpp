#include "cleave/networks/networks.h"

#include <cmath>

#include "cleave/base/error.h"

namespace cleave::networks {

Tensor glorot_uniform(at::IntArrayRef sizes, int64_t fan_in, int64_t fan_out, at::Generator generator) {
  double bound = std::sqrt(6.0 / static_cast<double>(fan_in + fan_out));
  return at::rand(sizes, std::move(generator)).mul_(2 * bound).sub_(bound);
}

namespace {

std::string layer_name(size_t i) {
  return fmt::format("layer_{}", i);
}

class DenseEncoder : public Encoder {
 public:
  DenseEncoder(const std::vector<int64_t>& hidden, int64_t width, at::Generator generator) {
    features_ = width;
    for (size_t i = 0; i < hidden.size(); ++i) {
      layers_.push_back(register_module(layer_name(i), std::make_shared<Dense>(features_, hidden[i], generator)));
      features_ = hidden[i];
    }
  }

  Tensor forward(const Tensor& x) const override {
    Tensor h = x;
    for (const auto& layer : layers_)
      h = layer->rectified(h);
    return h;
  }

 private:
  std::vector<std::shared_ptr<Dense>> layers_;
};

class DenseDecoder : public Decoder {
 public:
  DenseDecoder(const std::vector<int64_t>& hidden, int64_t latent_dim, int64_t width, at::Generator generator) {
    int64_t inputs = latent_dim;
    for (size_t i = 0; i <= hidden.size(); ++i) {
      int64_t outputs = i < hidden.size() ? hidden[hidden.size() - 1 - i] : width;
      layers_.push_back(register_module(layer_name(i), std::make_shared<Dense>(inputs, outputs, generator)));
      inputs = outputs;
    }
  }

  Tensor forward(const Tensor& z) const override {
    Tensor h = z;
    for (size_t i = 0; i + 1 < layers_.size(); ++i)
      h = layers_[i]->rectified(h);
    return layers_.back()->forward(h);
  }

  Dense& first() override { return *layers_.front(); }

 private:
  std::vector<std::shared_ptr<Dense>> layers_;
};

/// One strided convolution of the encoder and its mirror image in the decoder.
struct Halving {
  int64_t from_channels, to_channels, kernel;
  int64_t from_height, from_width, to_height, to_width;

  std::vector<int64_t> padding() const { return {kernel / 2, kernel / 2}; }
  /// Rows and columns that a transposed convolution must add to come back to the size before halving.
  std::vector<int64_t> output_padding() const {
    return {from_height - (2 * (to_height - 1) + 1), from_width - (2 * (to_width - 1) + 1)};
  }
};

/// Kernels 5, 5, 3, 3, ... and stride 2, as in the convolutional networks of Guo et al. 2018 (DEC-DA).
std::vector<Halving> plan(const std::vector<int64_t>& channels, const std::vector<int64_t>& shape) {
  require<ArgumentError>(shape.size() == 3,
                         "--network convolutional: expected images but each example is a row of {} numbers; use "
                         "--network dense",
                         shape.empty() ? 0 : shape[0]);
  std::vector<Halving> steps;
  int64_t from = shape[0], height = shape[1], width = shape[2];
  for (size_t i = 0; i < channels.size(); ++i) {
    steps.push_back({from, channels[i], i < 2 ? 5 : 3, height, width, (height + 1) / 2, (width + 1) / 2});
    from = channels[i];
    height = steps.back().to_height;
    width = steps.back().to_width;
  }
  return steps;
}

class ConvolutionalEncoder : public Encoder {
 public:
  ConvolutionalEncoder(const std::vector<int64_t>& channels, const std::vector<int64_t>& shape, at::Generator generator)
      : shape_(shape), steps_(plan(channels, shape)) {
    for (size_t i = 0; i < steps_.size(); ++i) {
      const Halving& s = steps_[i];
      int64_t area = s.kernel * s.kernel;
      Tensor weight = glorot_uniform({s.to_channels, s.from_channels, s.kernel, s.kernel}, s.from_channels * area,
                                     s.to_channels * area, generator);
      weights_.push_back(register_parameter(layer_name(i) + "_weight", weight));
      biases_.push_back(register_parameter(layer_name(i) + "_bias", at::zeros({s.to_channels})));
    }
    features_ = steps_.empty() ? shape[0] * shape[1] * shape[2]
                               : steps_.back().to_channels * steps_.back().to_height * steps_.back().to_width;
  }

  Tensor forward(const Tensor& x) const override {
    // Channels beside each other in memory: a third less time on a processor.
    constexpr auto kLayout = at::MemoryFormat::ChannelsLast;
    Tensor h = x.view({x.size(0), shape_[0], shape_[1], shape_[2]});
    for (size_t i = 0; i < steps_.size(); ++i) {
      h = at::conv2d(h.contiguous(kLayout), weights_[i].contiguous(kLayout), biases_[i], /*stride=*/2,
                     steps_[i].padding())
              .relu_();
    }
    return h.flatten(1);
  }

 private:
  std::vector<int64_t> shape_;
  std::vector<Halving> steps_;
  std::vector<Tensor> weights_, biases_;
};

class ConvolutionalDecoder : public Decoder {
 public:
  ConvolutionalDecoder(const std::vector<int64_t>& channels, const std::vector<int64_t>& shape, int64_t latent_dim,
                       at::Generator generator)
      : steps_(plan(channels, shape)) {
    require<ArgumentError>(!steps_.empty(), "--channels: a convolutional network needs at least one layer");
    const Halving& top = steps_.back();
    first_ = register_module(
        "first", std::make_shared<Dense>(latent_dim, top.to_channels * top.to_height * top.to_width, generator));
    for (size_t i = steps_.size(); i-- > 0;) {
      const Halving& s = steps_[i];
      int64_t area = s.kernel * s.kernel;
      Tensor weight = glorot_uniform({s.to_channels, s.from_channels, s.kernel, s.kernel}, s.to_channels * area,
                                     s.from_channels * area, generator);
      weights_.push_back(register_parameter(layer_name(steps_.size() - 1 - i) + "_weight", weight));
      biases_.push_back(register_parameter(layer_name(steps_.size() - 1 - i) + "_bias", at::zeros({s.from_channels})));
    }
  }

  Tensor forward(const Tensor& z) const override {
    const Halving& top = steps_.back();
    Tensor h = first_->rectified(z).view({z.size(0), top.to_channels, top.to_height, top.to_width});
    for (size_t i = 0; i < weights_.size(); ++i) {
      const Halving& s = steps_[steps_.size() - 1 - i];
      h = at::conv_transpose2d(h, weights_[i], biases_[i], /*stride=*/2, s.padding(), s.output_padding());
      if (i + 1 < weights_.size()) h = h.relu_();
    }
    return h.flatten(1);
  }

  Dense& first() override { return *first_; }

 private:
  std::vector<Halving> steps_;
  std::shared_ptr<Dense> first_;
  std::vector<Tensor> weights_, biases_;
};

}  // namespace

Dense::Dense(int64_t inputs, int64_t outputs, at::Generator generator) {
  weight = register_parameter("weight", glorot_uniform({outputs, inputs}, inputs, outputs, std::move(generator)));
  bias = register_parameter("bias", at::zeros({outputs}));
}

std::shared_ptr<Encoder> make_encoder(const NetworkConfig& config, const std::vector<int64_t>& shape, int64_t width,
                                      at::Generator generator) {
  if (config.network != "dense") {
    return std::make_shared<ConvolutionalEncoder>(config.channels, shape, std::move(generator));
  }
  return std::make_shared<DenseEncoder>(config.hidden, width, std::move(generator));
}

std::shared_ptr<Decoder> make_decoder(const NetworkConfig& config, const std::vector<int64_t>& shape, int64_t width,
                                      int64_t latent_dim, at::Generator generator) {
  if (config.network == "convolutional") {
    return std::make_shared<ConvolutionalDecoder>(config.channels, shape, latent_dim, std::move(generator));
  }
  return std::make_shared<DenseDecoder>(config.hidden, latent_dim, width, std::move(generator));
}

void rescale_code(Dense& head, Dense& first, const Tensor& mean, const Tensor& deviation) {
  at::NoGradGuard no_grad;
  first.bias.add_(first.weight.mv(mean));
  first.weight.mul_(deviation);
  head.bias.sub_(mean).div_(deviation);
  head.weight.div_(deviation.unsqueeze(1));
}

}  // namespace cleave::networks
