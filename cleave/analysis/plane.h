// A flat map of many dimensions.
#pragma once

#include "cleave/base/tensor.h"

namespace cleave::analysis {

struct Plane {
  Tensor points;  ///< [N, 2]
  Tensor shares;  ///< [2] share of the variance that each axis shows, 0 to 1
};

/// The projection of rows [N, R] on their first two principal axes. One dimension is shown along the first axis. The
/// axes of very wide rows are those of an even sample. Throws ArgumentError when there are no rows, DataError when a
/// value is not finite.
Plane principal_plane(const Tensor& rows);

}  // namespace cleave::analysis
