// The single transforms that a Pipeline chains: three functions by name.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cleave/base/random.h"
#include "cleave/data/dataset.h"

namespace cleave::data {

using State = std::map<std::string, Tensor>;

/// Which rows a batch holds, for the transforms that draw.
struct Rows {
  Tensor indices;  ///< [B] int64
  int64_t epoch = 0;
};

/// The data that a transform is fitted on, as the transforms before it left them, a block of rows at a time so that
/// sparse data are never dense all at once.
struct Source {
  const Dataset& dataset;
  std::function<Tensor(const Tensor& x, const Rows& rows)> before;

  /// Calls use(block [b, X] float32, index of its first row) from the first row to the last.
  void each_block(const std::function<void(const Tensor&, int64_t)>& use) const;
};

struct Transform {
  std::string name;
  std::vector<std::string> state_names;
  /// Fitted values by state_names. Throws DataError where the transform does not apply to the data.
  std::function<State(const Source&, const Randomness&)> fit;
  std::function<Tensor(const Tensor& x, const State&, const Rows&)> forward;
  std::function<Tensor(const Tensor& x, const State&)> inverse;
  /// Whether values lie in [0, 1] afterwards, given whether they did before.
  std::function<bool(bool)> unit_interval;
};

/// Throws ArgumentError, with a suggestion, for a name that is not in the list of transforms.h.
const Transform& find_transform(const std::string& name);

}  // namespace cleave::data
