// Accuracies and measures of agreement of two partitions.
#include <cmath>

#include <gtest/gtest.h>

#include "cleave/base/error.h"
#include "cleave/base/random.h"
#include "cleave/metrics/accuracy.h"
#include "cleave/metrics/agreement.h"
#include "cleave/metrics/assignment.h"
#include "tests/support/reference.h"

namespace cleave::metrics {
namespace {

using tests::reference;
using tests::tensor_of;

Tensor ids(std::vector<int64_t> values) {
  return at::tensor(values, at::kLong);
}

/// Two labelings that have the given table (rows = clusters, columns = labels).
Contingency table_of(const std::vector<std::vector<int64_t>>& counts) {
  std::vector<int64_t> clusters, labels;
  for (size_t row = 0; row < counts.size(); ++row) {
    for (size_t column = 0; column < counts[row].size(); ++column) {
      for (int64_t i = 0; i < counts[row][column]; ++i) {
        clusters.push_back(static_cast<int64_t>(row));
        labels.push_back(static_cast<int64_t>(column));
      }
    }
  }
  return cross_tabulate(ids(clusters), ids(labels));
}

double nmi(const Contingency& table, Normalisation normalisation) {
  return normalised_mutual_information(table, normalisation);
}

TEST(Metrics, AgreeWithTablesWorkedOutByHand) {
  struct Row {
    std::vector<std::vector<int64_t>> counts;
    double hungarian, majority, geometric, arithmetic, maximum, ari;
  };
  const std::vector<Row> rows = {
      {{{50, 2, 0}, {3, 40, 5}, {1, 8, 41}}, .873333, .873333, .621937, .621937, .621483, .668807},
      {{{30, 0, 0}, {20, 2, 0}, {3, 40, 5}, {1, 8, 41}}, .740000, .873333, .574000, .571247, .520346, .538563},
      {{{50, 2, 0}, {4, 48, 46}}, .653333, .653333, .587634, .567584, .450825, .482129},
      {{{5, 0}, {4, 1}, {0, 6}}, .687500, .937500, .610656, .594281, .483146, .489362},
      {{{5, 1, 0}, {0, 1, 6}}, .846154, .846154, .698123, .685512, .576440, .684211},
      {{{0, 10}, {10, 0}}, 1, 1, 1, 1, 1, 1},
      {{{5, 5}, {5, 5}}, .5, .5, 0, 0, 0, -.055556},
      {{{4, 1, 1}, {2, 0, 5}, {1, 5, 2}}, .666667, .666667, .276183, .276183, .276183, .190925},
  };
  for (size_t i = 0; i < rows.size(); ++i) {
    SCOPED_TRACE(i);
    Contingency table = table_of(rows[i].counts);
    EXPECT_NEAR(accuracy_hungarian(table), rows[i].hungarian, 6e-7);
    EXPECT_NEAR(accuracy_majority(table), rows[i].majority, 6e-7);
    EXPECT_NEAR(nmi(table, Normalisation::kGeometric), rows[i].geometric, 6e-7);
    EXPECT_NEAR(nmi(table, Normalisation::kArithmetic), rows[i].arithmetic, 6e-7);
    EXPECT_NEAR(nmi(table, Normalisation::kMaximum), rows[i].maximum, 6e-7);
    EXPECT_NEAR(adjusted_rand_index(table), rows[i].ari, 6e-7);
  }
}

TEST(Metrics, AgreeWithScikitLearn) {
  const auto stored = reference("metrics");
  for (const auto& expected : stored["partitions"]) {
    Contingency table =
        cross_tabulate(tensor_of<int64_t>(expected["clusters"]), tensor_of<int64_t>(expected["labels"]));
    auto value = [&](const char* name) { return expected[name].get<double>(); };
    EXPECT_NEAR(accuracy_hungarian(table), value("accuracy_hungarian"), 1e-12);
    EXPECT_NEAR(accuracy_majority(table), value("accuracy_majority"), 1e-12);
    EXPECT_NEAR(nmi(table, Normalisation::kArithmetic), value("nmi_arithmetic"), 1e-12);
    EXPECT_NEAR(nmi(table, Normalisation::kGeometric), value("nmi_geometric"), 1e-12);
    EXPECT_NEAR(nmi(table, Normalisation::kMaximum), value("nmi_max"), 1e-12);
    EXPECT_NEAR(adjusted_rand_index(table), value("ari"), 1e-12);
    EXPECT_NEAR(homogeneity(table), value("homogeneity"), 1e-12);
    EXPECT_NEAR(completeness(table), value("completeness"), 1e-12);
    EXPECT_NEAR(mutual_information(table), value("mutual_information"), 1e-12);
  }
}

TEST(Metrics, OnePartOfAnySizeIsCompleteAndTellsNothing) {
  const std::vector<std::vector<int64_t>> rounded = {{16, 17, 23}, {8, 7, 6}, {15, 20, 7}};  // shares add to 1 - 1e-16
  for (const std::vector<int64_t>& sizes : rounded) {
    const Contingency one_cluster = table_of({sizes}), one_label = table_of({{sizes[0]}, {sizes[1]}, {sizes[2]}});
    EXPECT_EQ(completeness(one_cluster), 1);
    EXPECT_NEAR(homogeneity(one_cluster), 0, 1e-12);
    EXPECT_EQ(homogeneity(one_label), 1);
    EXPECT_NEAR(completeness(one_label), 0, 1e-12);
    EXPECT_EQ(nmi(one_cluster, Normalisation::kArithmetic), 0);
    EXPECT_EQ(nmi(one_cluster, Normalisation::kMaximum), 0);
  }
}

TEST(Metrics, SharesOfAnEntropyDoNotExceedOne) {
  for (int64_t n = 1; n < 40; ++n) {
    const Contingency table = table_of({{n, 0, 0}, {0, n + 1, 0}, {0, 0, 3 * n}});
    for (double share : {homogeneity(table), completeness(table), nmi(table, Normalisation::kGeometric)}) {
      EXPECT_LE(share, 1) << n;
      EXPECT_NEAR(share, 1, 1e-12) << n;
    }
  }
}

TEST(Metrics, RenamingClustersChangesNothing) {
  auto expected = reference("metrics")["partitions"][3];
  Tensor clusters = tensor_of<int64_t>(expected["clusters"]), labels = tensor_of<int64_t>(expected["labels"]);
  Contingency plain = cross_tabulate(clusters, labels), renamed = cross_tabulate(1000000007 - 3 * clusters, labels);
  EXPECT_DOUBLE_EQ(accuracy_hungarian(plain), accuracy_hungarian(renamed));
  EXPECT_NEAR(adjusted_rand_index(plain), adjusted_rand_index(renamed), 1e-14);
  EXPECT_NEAR(mutual_information(plain), mutual_information(renamed), 1e-14);
}

TEST(Metrics, UnknownLabelsAreLeftOutAndNoiseIsAnErrorOrOneMoreCluster) {
  Tensor clusters = ids({0, 0, 1, 1, -1, -1, 0, 1}), labels = ids({4, 4, 9, 9, 4, 9, -1, -1});
  Contingency table = cross_tabulate(clusters, labels);
  EXPECT_EQ(table.unknown, 2);
  EXPECT_EQ(table.examples(), 6);
  EXPECT_EQ(table.clusters, (std::vector<int64_t>{-1, 0, 1}));
  EXPECT_EQ(table.labels, (std::vector<int64_t>{4, 9}));
  EXPECT_EQ(match_labels(table), (std::vector<int64_t>{-1, 0, 1}));
  EXPECT_DOUBLE_EQ(accuracy_hungarian(table), 4.0 / 6);
  EXPECT_DOUBLE_EQ(accuracy_majority(table), 4.0 / 6);
  EXPECT_DOUBLE_EQ(accuracy_simple(clusters, labels, at::ones({8})), 4.0 / 6);
  Contingency renamed = cross_tabulate(ids({0, 0, 1, 1, 2, 2}), ids({4, 4, 9, 9, 4, 9}));
  EXPECT_DOUBLE_EQ(adjusted_rand_index(table), adjusted_rand_index(renamed));
  EXPECT_DOUBLE_EQ(completeness(table), completeness(renamed));

  Contingency all_noise = cross_tabulate(ids({-1, -1}), ids({0, 1}));
  EXPECT_EQ(accuracy_hungarian(all_noise), 0);
  EXPECT_EQ(accuracy_majority(all_noise), 0);
}

TEST(AccuracySimple, TheMostConfidentExampleDecidesForItsCluster) {
  // Arias, thesis: 11 examples, clusters 1 -> label 1, 2 -> 3, 3 -> 2.
  Tensor clusters = ids({1, 3, 1, 2, 2, 1, 3, 3, 1, 2, 2});
  Tensor labels = ids({1, 2, 1, 3, 3, 2, 2, 1, 3, 1, 2});
  Tensor confidence = at::tensor({.9, .8, .7, .6, .9, .5, .7, .6, .5, .8, .7});
  EXPECT_DOUBLE_EQ(accuracy_simple(clusters, labels, confidence), 6.0 / 11);
  EXPECT_DOUBLE_EQ(accuracy_hungarian(cross_tabulate(clusters, labels)), 6.0 / 11);
  confidence[8] = 0.95;  // now label 3 speaks for cluster 1
  EXPECT_DOUBLE_EQ(accuracy_simple(clusters, labels, confidence), 5.0 / 11);
}

TEST(AccuracySimple, OfEquallyConfidentExamplesTheFirstLabelledOneDecides) {
  EXPECT_DOUBLE_EQ(accuracy_simple(ids({0, 0, 0, 0}), ids({-1, 5, 6, 6}), at::ones({4})), 1.0 / 3);
}

TEST(Metrics, RefuseWhatCannotBe) {
  EXPECT_THROW(cross_tabulate(ids({0, 1}), ids({0})), ArgumentError);
  EXPECT_THROW(cross_tabulate(ids({0, -2}), ids({0, 1})), ArgumentError);
  EXPECT_THROW(cross_tabulate(ids({0, 1}), ids({-1, -1})), ArgumentError);
  EXPECT_THROW(cross_tabulate(at::zeros({2}), ids({0, 1})), ArgumentError);
  EXPECT_THROW(cross_tabulate(ids({}), ids({})), ArgumentError);
  EXPECT_THROW(accuracy_simple(ids({0, 1}), ids({0, 1}), at::ones({3})), ArgumentError);
  EXPECT_THROW(accuracy_simple(ids({0, 1}), ids({0, 1}), at::full({2}, NAN)), ArgumentError);
}

double total(const Tensor& gain, const std::vector<int64_t>& matched) {
  double sum = 0;
  for (size_t row = 0; row < matched.size(); ++row) {
    if (matched[row] >= 0) sum += gain[static_cast<int64_t>(row)][matched[row]].item<double>();
  }
  return sum;
}

TEST(Assignment, ReachesTheTotalThatScipyReaches) {
  const auto stored = reference("metrics");
  for (const auto& expected : stored["assignments"]) {
    Tensor gain = tensor_of(expected["gain"]);
    EXPECT_NEAR(total(gain, best_assignment(gain)), expected["total"].get<double>(), 1e-12) << gain.sizes();
  }
}

TEST(Assignment, MatchesEachRowAndColumnAtMostOnceWhateverTheShape) {
  for (auto [rows, columns] : {std::pair<int64_t, int64_t>{5, 9}, {9, 5}, {7, 7}, {3, 0}}) {
    Tensor gain = at::randint(0, 3, {rows, columns}, Randomness(2).stream("gain"), at::kLong);  // many ties
    std::vector<int64_t> matched = best_assignment(gain), taken(static_cast<size_t>(columns), 0);
    ASSERT_EQ(matched.size(), static_cast<size_t>(rows));
    for (int64_t column : matched) {
      if (column >= 0) {
        EXPECT_EQ(++taken[static_cast<size_t>(column)], 1);
      }
    }
    EXPECT_EQ(std::count(taken.begin(), taken.end(), 1), std::min(rows, columns));
  }
  EXPECT_THROW(best_assignment(at::full({2, 2}, NAN)), ArgumentError);
}

}  // namespace
}  // namespace cleave::metrics
