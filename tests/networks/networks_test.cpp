#include "cleave/networks/networks.h"

#include <gtest/gtest.h>

#include "cleave/base/error.h"
#include "cleave/base/random.h"
#include "cleave/networks/autoencoder.h"

namespace cleave::networks {
namespace {

at::Generator stream() {
  return Randomness(1).stream("test");
}

int64_t parameter_count(const torch::nn::Module& module) {
  int64_t count = 0;
  for (const Tensor& parameter : module.parameters())
    count += parameter.numel();
  return count;
}

// Xie et al. 2016 and every method after it: d-500-500-2000-10.
TEST(Autoencoder, HasTheParameterCountsOfTheFieldsStandardNetwork) {
  AutoencoderConfig config;
  config.likelihood = "bernoulli";
  Autoencoder mnist(config, {784}, 784, stream());
  EXPECT_EQ(parameter_count(*mnist.encoder) + parameter_count(*mnist.head), 1665010);
  EXPECT_EQ(parameter_count(*mnist.decoder), 1665784);
  EXPECT_EQ(parameter_count(Autoencoder(config, {256}, 256, stream())), 2802266);
  EXPECT_EQ(parameter_count(Autoencoder(config, {2000}, 2000, stream())), 4548010);
}

TEST(Autoencoder, ConvolutionalDecoderGivesBackTheShapeForOddSizesAndColour) {
  for (std::vector<int64_t> shape : {std::vector<int64_t>{1, 28, 28}, {3, 32, 32}, {1, 19, 7}, {1, 1, 5}}) {
    AutoencoderConfig config;
    config.network = "convolutional";
    config.channels = {4, 5, 6};
    config.likelihood = "gaussian";
    int64_t width = shape[0] * shape[1] * shape[2];
    Autoencoder network(config, shape, width, stream());
    Tensor x = at::rand({3, width});
    EXPECT_EQ(network.mean(network.code(x)).sizes(), x.sizes()) << shape[1] << "x" << shape[2];
  }
}

TEST(Autoencoder, ConvolutionalNeedsImages) {
  AutoencoderConfig config;
  config.network = "convolutional";
  config.likelihood = "gaussian";
  EXPECT_THROW(Autoencoder(config, {784}, 784, stream()), ArgumentError);
}

TEST(Autoencoder, StandardisingTheCodeChangesNothingButItsScale) {
  at::NoGradGuard no_grad;
  for (const char* kind : {"dense", "convolutional", "convolutional-encoder"}) {
    AutoencoderConfig config;
    config.network = kind;
    config.hidden = {16};
    config.channels = {4};
    config.latent_dim = 3;
    config.likelihood = "gaussian";
    Autoencoder network(config, {1, 6, 6}, 36, stream());
    Tensor x = 5 * at::rand({100, 36}, stream()) + 2;
    Tensor codes = network.code(x), reconstruction = network.mean(codes);
    network.standardise_code(codes);
    EXPECT_TRUE(at::allclose(network.code(x), standardised(codes), 1e-4, 1e-4)) << kind;
    EXPECT_TRUE(at::allclose(network.mean(network.code(x)), reconstruction, 1e-4, 1e-4)) << kind;
  }
}

TEST(Noisy, HasTheDeviationAskedForAndStaysInTheUnitIntervalWhereTheDataDo) {
  const Tensor x = at::rand({100, 40}, stream());
  EXPECT_TRUE(at::equal(noisy(x, 0, true, stream()), x));
  EXPECT_NEAR((noisy(x, 0.3, false, stream()) - x).std().item<double>(), 0.3, 0.01);
  const Tensor kept = noisy(x, 0.3, true, stream());
  EXPECT_GE(kept.min().item<double>(), 0);
  EXPECT_LE(kept.max().item<double>(), 1);
}

TEST(Noisy, OfCountsTheLogarithmsThatTheEncoderReads) {
  AutoencoderConfig config;
  config.hidden = {8};
  config.likelihood = "negative-binomial";
  Autoencoder network(config, {30}, 30, stream());
  const Tensor x = at::rand({20, 30}, stream()).gt(0.8).to(at::kFloat);
  const Tensor code = network.code_of_noisy(x, 0.3, /*unit_interval=*/false, stream());
  EXPECT_TRUE(code.isfinite().all().item<bool>());
  EXPECT_FALSE(code.equal(network.code(x)));
  EXPECT_TRUE(network.code_of_noisy(x, 0, false, stream()).equal(network.code(x)));
}

TEST(Dense, StartsWithinTheGlorotBoundAndDependsOnTheStreamOnly) {
  Dense a(100, 50, stream()), b(100, 50, stream());
  double bound = std::sqrt(6.0 / 150);
  EXPECT_LE(a.weight.abs().max().item<double>(), bound);
  EXPECT_NEAR(a.weight.std().item<double>(), bound / std::sqrt(3), 0.02 * bound);
  EXPECT_TRUE(at::equal(a.weight, b.weight));
}

}  // namespace
}  // namespace cleave::networks
