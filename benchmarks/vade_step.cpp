// Milliseconds of one joint VaDE training step: 784-500-500-2000-10, K = 10, on drawn values in [0, 1].
//
// Usage: vade_step BATCH STEPS THREADS float32|bfloat16. For every line that comes in, STEPS steps: prints one number
// per step, then an empty line.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>

#include <malloc.h>

#include <ATen/Parallel.h>

#include "cleave/models/registry.h"
#include "cleave/training/optimizer.h"
#include "cleave/training/precision.h"

int main(int count, char** arguments) {
  if (count != 5) return 2;
  const int64_t batch = std::atoll(arguments[1]), steps = std::atoll(arguments[2]);
  at::set_num_threads(std::atoi(arguments[3]));
  mallopt(M_MMAP_THRESHOLD, 1 << 30);  // as the command does: freed activations are kept
  mallopt(M_TRIM_THRESHOLD, 1 << 30);

  using namespace cleave;
  const model::Method& method = models::find_method("vade");
  data::Description description{.shape = {784}, .width = 784, .size = batch, .unit_interval = true};
  Randomness random(0);
  auto model = method.make(method.resolve(Settings::object(), description), description, random);
  model::Stage stage = model->stages().back();
  training::Optimizer optimizer(*model, stage);
  Tensor x = at::rand({batch, 784}, random.stream("x"));
  model::Step at{.epochs = 1, .batches = steps};
  for (std::string line; std::getline(std::cin, line);) {
    for (at.batch = 0; at.batch < steps; ++at.batch, ++at.index) {
      auto begin = std::chrono::steady_clock::now();
      model::Objective objective;
      {
        training::PrecisionScope scope(arguments[4]);
        objective = model->objective({x, {}}, stage, at, random.child("step", at.index));
      }
      Tensor loss = objective.loss();
      optimizer.zero_gradients();
      loss.backward();
      optimizer.step(at);
      loss.item<double>();
      std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - begin;
      std::printf("%.4f\n", spent.count());
    }
    std::printf("\n");
    std::fflush(stdout);
  }
}
