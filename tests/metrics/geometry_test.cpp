// Measures that look at distances: silhouette and nearest-neighbour error.
#include <gtest/gtest.h>

#include "cleave/base/error.h"
#include "cleave/metrics/nearest_neighbours.h"
#include "cleave/metrics/silhouette.h"
#include "tests/support/reference.h"

namespace cleave::metrics {
namespace {

using tests::reference;
using tests::tensor_of;

TEST(Silhouette, AgreesWithScikitLearnWithAClusterOfOne) {
  auto stored = reference("metrics")["silhouette"];
  Tensor x = tensor_of(stored["x"]), clusters = tensor_of<int64_t>(stored["clusters"]);
  auto found = silhouette(x, clusters, Randomness(0));
  EXPECT_NEAR(found->mean, stored["mean"].get<double>(), 1e-9);
  EXPECT_EQ(found->examples, 90);
  EXPECT_NEAR(silhouette((x + 1000).to(at::kFloat), clusters, Randomness(0))->mean, found->mean, 1e-3);
}

TEST(Silhouette, NoiseIsLeftOut) {
  auto stored = reference("metrics")["silhouette"];
  Tensor x = tensor_of(stored["x"]), clusters = tensor_of<int64_t>(stored["clusters"]);
  Tensor more = at::cat({x, at::zeros({7, 3}, at::kDouble)}), noise = at::full({7}, -1, at::kLong);
  auto found = silhouette(more, at::cat({clusters, noise}), Randomness(0));
  EXPECT_NEAR(found->mean, stored["mean"].get<double>(), 1e-9);
  EXPECT_EQ(found->examples, 90);
}

TEST(Silhouette, ASampleComesCloseAndIsTheSameForTheSameSeed) {
  Tensor cluster = at::arange(4000) % 3;
  Tensor x = at::randn({4000, 2}, Randomness(1).stream("x"), at::kDouble) + 4 * cluster.unsqueeze(1);
  auto exact = silhouette(x, cluster, Randomness(0)), sample = silhouette(x, cluster, Randomness(0), 1000);
  EXPECT_EQ(exact->examples, 4000);
  EXPECT_EQ(sample->examples, 1000);
  EXPECT_NEAR(sample->mean, exact->mean, 4 * 0.25 / std::sqrt(1000.0));
  EXPECT_EQ(sample->mean, silhouette(x, cluster, Randomness(0), 1000)->mean);
  EXPECT_NE(sample->mean, silhouette(x, cluster, Randomness(1), 1000)->mean);
}

TEST(Silhouette, NeedsTwoClustersAndFiniteData) {
  Tensor x = at::rand({4, 2});
  EXPECT_FALSE(silhouette(x, at::zeros({4}, at::kLong), Randomness(0)));
  EXPECT_FALSE(silhouette(x, at::full({4}, -1, at::kLong), Randomness(0)));
  EXPECT_EQ(silhouette(at::ones({4, 2}), at::arange(4) % 2, Randomness(0))->mean, 0);
  EXPECT_THROW(silhouette(x, at::zeros({3}, at::kLong), Randomness(0)), ArgumentError);
  EXPECT_THROW(silhouette(at::full({4, 2}, NAN), at::arange(4) % 2, Randomness(0)), DataError);
  EXPECT_THROW(silhouette(x, at::arange(4) % 2, Randomness(0), 10, [] { return true; }), Interrupted);
}

TEST(KnnErrors, AgreeWithScikitLearn) {
  auto stored = reference("metrics");
  Tensor x = tensor_of(stored["silhouette"]["x"]), labels = tensor_of<int64_t>(stored["knn"]["labels"]);
  Tensor train = tensor_of<int64_t>(stored["knn"]["train"]), test = tensor_of<int64_t>(stored["knn"]["test"]);
  auto errors = knn_errors(x.index_select(0, train), labels.index_select(0, train), x.index_select(0, test),
                           labels.index_select(0, test), {3, 5, 10});
  for (int64_t k : {3, 5, 10}) {
    EXPECT_DOUBLE_EQ(errors.at(k), stored["knn"]["errors"][std::to_string(k)].get<double>()) << k;
  }
}

TEST(KnnErrors, LeavingOneOutUsesEveryOtherLabelledExample) {
  Tensor x = at::tensor({0.0, 1.0, 2.1, 10.0, 11.0, 12.1, 0.5}).unsqueeze(1);
  Tensor labels = at::tensor({0, 0, 1, 1, 1, 1, -1}, at::kLong);  // the last one is nearest to two, and has no say
  auto errors = knn_errors_leaving_one_out(x, labels, {1, 3});
  EXPECT_DOUBLE_EQ(errors.at(1), 1.0 / 6);
  EXPECT_DOUBLE_EQ(errors.at(3), 3.0 / 6);
}

TEST(KnnErrors, RefuseWhatCannotBe) {
  Tensor x = at::rand({4, 2}), labels = at::tensor({0, 1, 0, 1}, at::kLong);
  EXPECT_THROW(knn_errors_leaving_one_out(x, labels, {4}), ArgumentError);
  EXPECT_THROW(knn_errors_leaving_one_out(x, labels, {}), ArgumentError);
  EXPECT_THROW(knn_errors_leaving_one_out(x, at::full({4}, -1, at::kLong), {1}), ArgumentError);
  EXPECT_THROW(knn_errors_leaving_one_out(x, labels.slice(0, 1), {1}), ArgumentError);
}

}  // namespace
}  // namespace cleave::metrics
