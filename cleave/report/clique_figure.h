// A graph as nodes and edges in the plane, with groups of nodes shaded that may overlap.
#pragma once

#include <string>
#include <vector>

#include "cleave/base/tensor.h"

namespace cleave::report {

struct CliqueFigure {
  std::string title;
  Tensor points;                             ///< [N, 2]
  Tensor edges;                              ///< [M, 2] int64, rows of points
  std::vector<std::vector<int64_t>> groups;  ///< members of each: rows of points, in any order
  std::vector<std::string> colours;          ///< per group; empty: categorical_colours
  bool shaded = true;                        ///< the room that a group takes is tinted, not only its nodes
  double width = 460, height = 400;
};

/// Each group has the colour of its hull and of its nodes; a node of several groups shows all their colours, in equal
/// slices; one of none is grey. One unit across is as long as one unit up. Nodes that are not finite are left out.
/// Throws ArgumentError when shapes do not fit or a member or an end of an edge is no row of points.
std::string draw(const CliqueFigure& figure);

}  // namespace cleave::report
