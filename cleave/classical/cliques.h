// Groups in which all know each other: the maximal cliques of a graph of examples.
//
// Source  Bron, Kerbosch. Finding all cliques of an undirected graph. CACM 1973; with the pivots of Tomita, Tanaka,
//         Takahashi 2006 and the order of Eppstein, Loeffler, Strash. Listing all maximal cliques in sparse graphs in
//         near-optimal time. ISAAC 2010.
// Axes    N examples, K cliques.
#pragma once

#include <cstdint>

#include "cleave/base/tensor.h"
#include "cleave/classical/graph.h"
#include "cleave/classical/rows.h"

namespace cleave::classical {

/// Sets of examples that may overlap: members[offsets[k] .. offsets[k + 1]) is set k.
struct Cliques {
  Tensor offsets;  ///< [K + 1] int64
  Tensor members;  ///< int64, rising within a clique

  int64_t count() const { return offsets.size(0) - 1; }
};

/// Every maximal clique of at least `min_members`: a set whose members are all joined to each other, and to which no
/// example can be added. In order of falling size, then by members. There can be exponentially many: throws
/// ArgumentError once there are more than `most`, or when a group is so dense that the search could not end;
/// Interrupted.
Cliques maximal_cliques(const Graph& graph, int64_t min_members = 2, int64_t most = 100'000,
                        const ShouldStop& should_stop = {});

/// Membership [N, K] float32: an example belongs in equal parts to each clique it is in, and to none if it is in none.
Tensor clique_membership(const Cliques& cliques, int64_t size);

}  // namespace cleave::classical
