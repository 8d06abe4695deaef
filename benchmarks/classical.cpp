// Seconds of one classical method on a matrix of float32, read from a file before the clock starts, and peak bytes.
//
// Usage: classical METHOD VALUES COLUMNS THREADS OUT, with METHOD a name in kMethods. VALUES holds rows of COLUMNS
// float32. Writes the result as float32 to OUT and prints the seconds and the peak resident bytes of the process.
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>

#include <sys/resource.h>

#include <ATen/Parallel.h>

#include "cleave/classical/agglomerative.h"
#include "cleave/classical/gaussian_mixture.h"
#include "cleave/classical/kmeans.h"
#include "cleave/classical/map_descent.h"
#include "cleave/classical/neighbour_graph.h"
#include "cleave/classical/pca.h"
#include "cleave/classical/tsne.h"
#include "cleave/classical/umap.h"

namespace {

using namespace cleave;
using namespace cleave::classical;

Tensor read(const char* path, int64_t columns) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  auto values = static_cast<int64_t>(file.tellg()) / 4;
  Tensor x = at::empty({values / columns, columns});
  file.seekg(0);
  file.read(static_cast<char*>(x.data_ptr()), values * 4);
  return x;
}

Tensor lloyd(const Tensor& x) {  // 25 iterations from the first ten rows, as the peers are told to do
  CentredData data(x);
  Tensor centres = data.x.slice(0, 0, 10);
  for (int i = 0; i < 25; ++i)
    centres = lloyd_step(data.x, centres).centres;
  return centres + data.mean;
}

Tensor mixture(const Tensor& x) {  // 20 iterations, full covariances, from the first ten rows and the spread of all
  const Tensor all = x.to(at::kDouble), centred = all - all.mean(0);
  const Tensor spread = centred.t().mm(centred) / static_cast<double>(x.size(0));
  GaussianMixture mixture = {at::full({10}, -std::log(10.0), at::kDouble), all.slice(0, 0, 10).clone(),
                             spread.repeat({10, 1, 1})};
  for (int i = 0; i < 20; ++i)
    mixture = em_step(x, mixture, 1e-6).mixture;
  return mixture.means;
}

Tensor tsne_map(const Tensor& x) {  // perplexity 30, 250 + 500 iterations
  Randomness random(0);
  Affinities p = affinities(x, 30, Reach::kNearest, random);
  return descend(tsne_cost(p, 2, Approximation::kAuto), first_map(x, p, 2, MapStart::kPca, random), {}).map;
}

const std::map<std::string, Tensor (*)(const Tensor&)> kMethods = {
    {"knn", [](const Tensor& x) { return nearest(x, x, 10, /*leave_self_out=*/true).distances; }},
    {"neighbours", [](const Tensor& x) { return nearest_others(x, 15, Randomness(0)).distances; }},
    {"pca", [](const Tensor& x) { return fit_pca(x, 50).transform(x); }},
    {"kmeans", lloyd},
    {"gmm", mixture},
    {"ward", [](const Tensor& x) { return agglomerate(x, {.linkage = Linkage::kWard}).heights; }},
    {"tsne", tsne_map},
    {"umap", [](const Tensor& x) { return umap(x, {}, Randomness(0)).map; }},
};

}  // namespace

int main(int count, char** arguments) {
  if (count != 6 || !kMethods.contains(arguments[1])) return 2;
  Tensor x = read(arguments[2], std::atoll(arguments[3]));
  at::set_num_threads(std::atoi(arguments[4]));
  auto begin = std::chrono::steady_clock::now();
  Tensor result = kMethods.at(arguments[1])(x);
  double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("%.4f %ld\n", seconds, usage.ru_maxrss * 1024);
  result = result.to(at::kFloat).contiguous();
  std::ofstream(arguments[5], std::ios::binary)
      .write(static_cast<const char*>(result.const_data_ptr()), static_cast<std::streamsize>(result.nbytes()));
}
