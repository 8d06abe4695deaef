#include "cleave/classical/boosted_trees.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <ATen/Parallel.h>

#include "cleave/base/error.h"

namespace cleave::classical {

namespace {

/// Columns of x, and the order of each by value.
struct SortedColumns {
  explicit SortedColumns(const Tensor& x)
      : rows(x.size(0)),
        columns(x.size(1)),
        values(x.t().contiguous()),
        order(values.argsort(/*stable=*/true, 1, false)) {}

  const double* column(int64_t f) const { return values.const_data_ptr<double>() + f * rows; }
  const int64_t* sorted(int64_t f) const { return order.const_data_ptr<int64_t>() + f * rows; }

  int64_t rows, columns;
  Tensor values;  ///< [X, N]
  Tensor order;   ///< [X, N]
};

struct Node {
  int64_t feature = -1;  ///< -1: a leaf
  double threshold = 0;  ///< at most this goes left
  int64_t left = -1;     ///< the right child follows it
  double value = 0;      ///< of a leaf
};

struct Split {
  double gain = 0;  ///< reduction of the sum of squares
  int64_t feature = -1;
  double threshold = 0;
};

/// A regression tree of least squares, grown level by level.
class Tree {
 public:
  /// residual [N] at training examples. Leaf values are left 0.
  Tree(const SortedColumns& x, const std::vector<double>& residual, int64_t depth)
      : x_(x), residual_(residual), node_of_(static_cast<size_t>(x.rows), 0), gains_(static_cast<size_t>(x.columns)) {
    nodes_.emplace_back();
    int64_t first = 0;
    for (int64_t level = 0; level < depth; ++level) {
      auto last = static_cast<int64_t>(nodes_.size());
      if (first == last) break;
      grow(first, last);
      first = last;
    }
  }

  std::vector<Node>& nodes() { return nodes_; }
  const std::vector<double>& gains() const { return gains_; }
  const std::vector<int64_t>& leaf_of() const { return node_of_; }

  /// The leaf of row i of columns [X, M].
  const Node& find(const double* columns, int64_t count, int64_t i) const {
    const Node* node = nodes_.data();
    while (node->feature >= 0)
      node = &nodes_[static_cast<size_t>(node->left + (columns[node->feature * count + i] > node->threshold))];
    return *node;
  }

 private:
  /// Splits the nodes [first, last), where it helps.
  void grow(int64_t first, int64_t last) {
    auto count = static_cast<size_t>(last - first);
    std::vector<double> sums(count, 0), sizes(count, 0), squares(count, 0);
    for (size_t i = 0; i < node_of_.size(); ++i) {
      if (node_of_[i] < first) continue;
      auto n = static_cast<size_t>(node_of_[i] - first);
      sums[n] += residual_[i];
      squares[n] += residual_[i] * residual_[i];
      ++sizes[n];
    }
    std::vector<std::vector<Split>> candidates(static_cast<size_t>(x_.columns));
    constexpr int64_t kWorthAThread = 1 << 15;  // values
    at::parallel_for(0, x_.columns, std::max<int64_t>(1, kWorthAThread / x_.rows), [&](int64_t begin, int64_t end) {
      for (int64_t f = begin; f < end; ++f)
        candidates[static_cast<size_t>(f)] = best_splits(f, first, sums, sizes);
    });
    for (size_t n = 0; n < count; ++n) {
      if (squares[n] / sizes[n] - std::pow(sums[n] / sizes[n], 2) <= std::numeric_limits<double>::epsilon()) continue;
      Split best;
      for (const std::vector<Split>& of_feature : candidates) {
        if (of_feature[n].gain > best.gain) best = of_feature[n];
      }
      if (best.feature < 0) continue;
      Node& node = nodes_[static_cast<size_t>(first) + n];
      node.feature = best.feature;
      node.threshold = best.threshold;
      node.left = static_cast<int64_t>(nodes_.size());
      gains_[static_cast<size_t>(best.feature)] += best.gain;
      nodes_.resize(nodes_.size() + 2);
    }
    for (size_t i = 0; i < node_of_.size(); ++i) {
      const Node& node = nodes_[static_cast<size_t>(node_of_[i])];
      if (node.feature >= 0) {
        double value = x_.column(node.feature)[i];
        node_of_[i] = node.left + (value > node.threshold);
      }
    }
  }

  /// The best split by one feature of each node from `first` on.
  std::vector<Split> best_splits(int64_t f, int64_t first, const std::vector<double>& sums,
                                 const std::vector<double>& sizes) const {
    constexpr double kSameValue = 1e-7;
    struct Left {
      double sum = 0, size = 0, value = 0;
    };
    std::vector<Left> lefts(sums.size());
    std::vector<Split> best(sums.size());
    const double* column = x_.column(f);
    const int64_t* sorted = x_.sorted(f);
    for (int64_t place = 0; place < x_.rows; ++place) {
      const auto i = static_cast<size_t>(sorted[place]);
      if (node_of_[i] < first) continue;
      const auto n = static_cast<size_t>(node_of_[i] - first);
      Left& left = lefts[n];
      if (left.size > 0 && column[i] > left.value + kSameValue) {
        double right_size = sizes[n] - left.size, right_sum = sums[n] - left.sum;
        double difference = left.sum / left.size - right_sum / right_size;
        double gain = left.size * right_size / sizes[n] * difference * difference;
        if (gain > best[n].gain) best[n] = {gain, f, left.value / 2 + column[i] / 2};
      }
      left.sum += residual_[i];
      ++left.size;
      left.value = column[i];
    }
    return best;
  }

  const SortedColumns& x_;
  const std::vector<double>& residual_;
  std::vector<Node> nodes_;
  std::vector<int64_t> node_of_;  ///< the deepest node of each example so far
  std::vector<double> gains_;     ///< by feature
};

/// Newton's step of each leaf: the sum of the residuals over that of the curvatures p (1 - p).
void set_leaves(Tree& tree, const std::vector<double>& residual, const std::vector<double>& probability, double scale) {
  std::vector<double> numerator(tree.nodes().size(), 0), curvature(tree.nodes().size(), 0);
  for (size_t i = 0; i < residual.size(); ++i) {
    auto leaf = static_cast<size_t>(tree.leaf_of()[i]);
    numerator[leaf] += residual[i];
    curvature[leaf] += probability[i] * (1 - probability[i]);
  }
  for (size_t leaf = 0; leaf < numerator.size(); ++leaf)
    tree.nodes()[leaf].value = curvature[leaf] < 1e-150 ? 0 : scale * numerator[leaf] / curvature[leaf];
}

}  // namespace

BoostedTrees boost(const Tensor& given, const Tensor& given_classes, const Tensor& given_test,
                   const BoostingOptions& options, const ShouldStop& should_stop) {
  // Values are compared as float32, as in the reference implementation of this field.
  const Tensor data = checked_matrix(given, "boosted trees").to(at::kFloat).to(at::kDouble);
  const Tensor test = checked_matrix(given_test, "boosted trees").to(at::kFloat).to(at::kDouble).t().contiguous();
  const Tensor classes = given_classes.contiguous();
  const int64_t n = data.size(0), m = test.size(1);
  require<ArgumentError>(classes.dim() == 1 && classes.size(0) == n && classes.scalar_type() == at::kLong &&
                             classes.min().item<int64_t>() >= 0 && test.size(0) == data.size(1),
                         "boosted trees: classes must be [{}] int64 >= 0 and the test data [M, {}]", n, data.size(1));
  require<DataError>(at::isfinite(data).all().item<bool>() && at::isfinite(test).all().item<bool>(),
                     "boosted trees: the data hold values that are not finite");
  const SortedColumns x(data);
  const auto* label = classes.const_data_ptr<int64_t>();
  const int64_t count = classes.max().item<int64_t>() + 1;
  const int64_t scores = count == 2 ? 1 : count;  // of two classes one score says all
  Tensor shares = classes.bincount({}, count).to(at::kDouble) / n;
  Tensor prior = count == 2 ? (shares[1] / shares[0]).log().view({1}) : shares.clamp_min(1e-300).log();
  Tensor raw = prior.unsqueeze(1).repeat({1, n}), test_raw = prior.unsqueeze(1).repeat({1, m});  // [scores, .]
  Tensor importance = at::zeros({x.columns}, at::kDouble);
  std::vector<double> residual(static_cast<size_t>(n)), probability(static_cast<size_t>(n));
  for (int64_t round = 0; round < options.rounds && count > 1; ++round) {
    stop_if_asked(should_stop, "boosted trees");
    Tensor probabilities = count == 2 ? raw.sigmoid() : raw.softmax(0);
    for (int64_t c = 0; c < scores; ++c) {
      const double* p = probabilities.const_data_ptr<double>() + c * n;
      const int64_t target = count == 2 ? 1 : c;
      for (int64_t i = 0; i < n; ++i) {
        probability[static_cast<size_t>(i)] = p[i];
        residual[static_cast<size_t>(i)] = (label[i] == target ? 1.0 : 0.0) - p[i];
      }
      Tree tree(x, residual, options.depth);
      auto classes_here = static_cast<double>(count);
      set_leaves(tree, residual, probability,
                 options.learning_rate * (count == 2 ? 1 : (classes_here - 1) / classes_here));
      auto* score = raw.data_ptr<double>() + c * n;
      for (int64_t i = 0; i < n; ++i)
        score[i] += tree.nodes()[static_cast<size_t>(tree.leaf_of()[static_cast<size_t>(i)])].value;
      auto* test_score = test_raw.data_ptr<double>() + c * m;
      for (int64_t i = 0; i < m; ++i)
        test_score[i] += tree.find(test.const_data_ptr<double>(), m, i).value;
      importance += at::tensor(tree.gains(), at::kDouble);
    }
  }
  Tensor predicted = count == 2 ? test_raw[0].gt(0).to(at::kLong) : test_raw.argmax(0);
  if (importance.sum().item<double>() > 0) importance = importance / importance.sum();
  return {importance, predicted};
}

}  // namespace cleave::classical
