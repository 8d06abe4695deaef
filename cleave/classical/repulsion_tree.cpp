// Repulsion by Barnes-Hut: cells of a quadtree (octree, bisection) that look small from a point count as one point with
// a spread.
//
// Departs from van der Maaten 2014 in going one order further: with C = sum_j (y_j - m)(y_j - m)^T about the mean m of
// a cell, r = t - m and k = 1 / (1 + r^2),
//   sum_j k(t - y_j)^2 (t - y_j)  ~  n k^2 r + 12 k^4 (r^T C r) r - 2 k^3 (tr C r + 2 C r)
//   sum_j k(t - y_j)              ~  n k + 4 k^3 (r^T C r) - k^2 tr C
// A cell's first order vanishes. Errors are then a fifth, at an angle of 0.5 and for little more work.
#include <array>
#include <cmath>
#include <numeric>
#include <variant>
#include <vector>

#include <ATen/Dispatch.h>

#include "cleave/base/error.h"
#include "cleave/classical/fixed_blocks.h"
#include "cleave/classical/repulsion.h"

namespace cleave::classical {

namespace {

constexpr int64_t kLeaf = 8;  // points that are not split further
constexpr int kDeepest = 48;  // points closer than 2^-48 of the map stay in one leaf

/// The cells in the order of a depth-first walk.
template <int D>
struct Tree {
  using Point = std::array<double, D>;
  struct Cell {
    Point mean{};
    std::array<Point, D> scatter{};  ///< C
    double trace = 0;
    double squared_width = 0;
    int64_t first = 0, last = 0;  ///< its points
    int64_t next = 0;             ///< the cell after all of this one's descendants
    bool leaf = false;
    double count() const { return static_cast<double>(last - first); }
  };

  Tree(const double* y, int64_t count) : points(static_cast<size_t>(count)) {
    Point low, high;
    low.fill(INFINITY), high.fill(-INFINITY);
    for (int64_t i = 0; i < count; ++i) {
      for (size_t d = 0; d < D; ++d) {
        double value = y[i * D + static_cast<int64_t>(d)];
        points[static_cast<size_t>(i)][d] = value;
        low[d] = std::min(low[d], value), high[d] = std::max(high[d], value);
      }
    }
    Point centre;
    double width = 0;
    for (size_t d = 0; d < D; ++d)
      centre[d] = (low[d] + high[d]) / 2, width = std::max(width, high[d] - low[d]);
    spare.resize(points.size());
    grow(0, count, centre, width, 0);
    spare = {};
  }

  void grow(int64_t first, int64_t last, const Point& centre, double width, int depth) {
    const size_t index = cells.size();
    cells.emplace_back();
    Cell cell;
    cell.first = first, cell.last = last, cell.squared_width = width * width;
    for (int64_t i = first; i < last; ++i) {
      for (size_t d = 0; d < D; ++d)
        cell.mean[d] += points[static_cast<size_t>(i)][d];
    }
    for (double& mean : cell.mean)
      mean /= cell.count();
    for (int64_t i = first; i < last; ++i) {
      Point off = points[static_cast<size_t>(i)];
      for (size_t d = 0; d < D; ++d)
        off[d] -= cell.mean[d];
      for (size_t a = 0; a < D; ++a) {
        for (size_t b = 0; b < D; ++b)
          cell.scatter[a][b] += off[a] * off[b];
      }
    }
    for (size_t d = 0; d < D; ++d)
      cell.trace += cell.scatter[d][d];
    cell.leaf = last - first <= kLeaf || depth == kDeepest;
    if (!cell.leaf) {
      std::array<int64_t, (1 << D) + 1> bounds{};
      auto child_of = [&](const Point& p) {
        size_t child = 0;
        for (size_t d = 0; d < D; ++d)
          child |= static_cast<size_t>(p[d] > centre[d]) << d;
        return child;
      };
      for (int64_t i = first; i < last; ++i)
        ++bounds[child_of(points[static_cast<size_t>(i)]) + 1];
      std::partial_sum(bounds.begin(), bounds.end(), bounds.begin());
      auto place = bounds;
      for (int64_t i = first; i < last; ++i) {
        const Point& p = points[static_cast<size_t>(i)];
        spare[static_cast<size_t>(first + place[child_of(p)]++)] = p;
      }
      std::copy(spare.begin() + first, spare.begin() + last, points.begin() + first);
      for (size_t child = 0; child < (1 << D); ++child) {
        if (bounds[child] == bounds[child + 1]) continue;
        Point middle = centre;
        for (size_t d = 0; d < D; ++d)
          middle[d] += ((child >> d & 1) != 0 ? width : -width) / 4;
        grow(first + bounds[child], first + bounds[child + 1], middle, width / 2, depth + 1);
      }
    }
    cell.next = static_cast<int64_t>(cells.size());
    cells[index] = cell;
  }

  /// Adds to `force` and returns the total at t.
  double push(const Point& t, double squared_angle, Point& force) const {
    double total = 0;
    for (size_t at = 0; at < cells.size();) {
      const Cell& cell = cells[at];
      Point r;
      double square = 0;
      for (size_t d = 0; d < D; ++d)
        r[d] = t[d] - cell.mean[d], square += r[d] * r[d];
      if (cell.squared_width < squared_angle * square) {
        total += push_from_afar(cell, r, square, force);
      } else if (cell.leaf) {
        for (int64_t i = cell.first; i < cell.last; ++i)
          total += push_from(points[static_cast<size_t>(i)], t, force);
      } else {
        ++at;
        continue;
      }
      at = static_cast<size_t>(cell.next);
    }
    return total;
  }

  static double push_from(const Point& from, const Point& t, Point& force) {
    Point r;
    double square = 0;
    for (size_t d = 0; d < D; ++d)
      r[d] = t[d] - from[d], square += r[d] * r[d];
    const double k = 1 / (1 + square);
    for (size_t d = 0; d < D; ++d)
      force[d] += k * k * r[d];
    return k;
  }

  static double push_from_afar(const Cell& cell, const Point& r, double square, Point& force) {
    const double k = 1 / (1 + square), k2 = k * k, k3 = k2 * k;
    Point seen{};  // C r
    double along = 0;
    for (size_t a = 0; a < D; ++a) {
      for (size_t b = 0; b < D; ++b)
        seen[a] += cell.scatter[a][b] * r[b];
      along += seen[a] * r[a];
    }
    const double outwards = cell.count() * k2 + 12 * k2 * k2 * along - 2 * k3 * cell.trace;
    for (size_t d = 0; d < D; ++d)
      force[d] += outwards * r[d] - 4 * k3 * seen[d];
    return cell.count() * k + 4 * k3 * along - k2 * cell.trace;
  }

  std::vector<Point> points;  ///< ordered by cell
  std::vector<Cell> cells;
  std::vector<Point> spare;
};

class TreeField : public RepulsiveField {
 public:
  explicit TreeField(double angle) : squared_angle_(angle * angle) {
    require<ArgumentError>(angle >= 0 && angle <= 0.5, "Barnes-Hut: the angle must be 0 to 0.5, not {}", angle);
  }

  void set_sources(const Tensor& y, double) override {
    Tensor sources = y.to(at::kDouble).contiguous();
    const auto* points = sources.const_data_ptr<double>();
    if (y.size(1) == 1) tree_.emplace<1>(points, y.size(0));
    if (y.size(1) == 2) tree_.emplace<2>(points, y.size(0));
    if (y.size(1) == 3) tree_.emplace<3>(points, y.size(0));
  }

  Repulsion at(const Tensor& targets) const override {
    Repulsion result{at::empty_like(targets, at::MemoryFormat::Contiguous), at::empty({targets.size(0)}, at::kDouble)};
    if (const auto* line = std::get_if<1>(&tree_)) push(*line, targets.contiguous(), result);
    if (const auto* plane = std::get_if<2>(&tree_)) push(*plane, targets.contiguous(), result);
    if (const auto* space = std::get_if<3>(&tree_)) push(*space, targets.contiguous(), result);
    return result;
  }

 private:
  template <int D>
  void push(const Tree<D>& tree, const Tensor& targets, Repulsion& result) const {
    auto* totals = result.totals.data_ptr<double>();
    AT_DISPATCH_FLOATING_TYPES(targets.scalar_type(), "barnes_hut", [&] {
      const auto* target = targets.const_data_ptr<scalar_t>();
      auto* forces = result.forces.data_ptr<scalar_t>();
      for_fixed_blocks(targets.size(0), 64, [&](int64_t, RowRange rows) {
        for (int64_t i = rows.first; i < rows.last; ++i) {
          typename Tree<D>::Point t, force{};
          for (size_t d = 0; d < D; ++d)
            t[d] = target[i * D + static_cast<int64_t>(d)];
          totals[i] = tree.push(t, squared_angle_, force);
          for (size_t d = 0; d < D; ++d)
            forces[i * D + static_cast<int64_t>(d)] = static_cast<scalar_t>(force[d]);
        }
      });
    });
  }

  double squared_angle_;
  std::variant<std::monostate, Tree<1>, Tree<2>, Tree<3>> tree_;
};

}  // namespace

std::unique_ptr<RepulsiveField> make_tree_field(double angle) {
  return std::make_unique<TreeField>(angle);
}

}  // namespace cleave::classical
