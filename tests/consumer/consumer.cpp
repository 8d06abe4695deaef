// Finds the two clusters of a drawn set by name, as any program with data of its own would.
#include <cstdio>

#include "cleave/classical/kmeans.h"
#include "cleave/data/open.h"
#include "cleave/data/view.h"
#include "cleave/metrics/accuracy.h"
#include "cleave/models/registry.h"

int main() {
  cleave::data::Dataset moons = cleave::data::open("moons", {.size = 400});
  cleave::Randomness random(0);
  auto fit = cleave::classical::kmeans(moons.examples.dense.to(at::kFloat), {.clusters = 2}, random);
  auto table = cleave::metrics::cross_tabulate(fit.assignment.labels, moons.labels);
  double accuracy = cleave::metrics::accuracy_hungarian(table);
  std::printf("%zu methods; moons by k-means: %.3f\n", cleave::models::all_methods().size(), accuracy);
  return accuracy > 0.6 ? 0 : 1;
}
