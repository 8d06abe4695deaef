"""Writes graph.json: what igraph, leidenalg and scikit-learn find on small graphs.

    python tests/reference/graph.py
"""
import json
import pathlib

import igraph
import leidenalg
import numpy as np
import sklearn
from sklearn.neighbors import kneighbors_graph, radius_neighbors_graph

random = np.random.default_rng(11)


def cliques_of(graph, least):
    found = [sorted(int(i) for i in c) for c in graph.maximal_cliques(min=least)]
    return sorted(found, key=lambda c: (-len(c), c))


def best(graph, kind, seeds=10, **options):
    """Of some runs until nothing gains: the best quality, the mean quality, communities and membership of the best."""
    runs = [leidenalg.find_partition(graph, kind, n_iterations=-1, seed=seed, **options) for seed in range(seeds)]
    top = max(runs, key=lambda run: run.quality())
    return top.quality(), float(np.mean([run.quality() for run in runs])), len(top), list(top.membership)


def described(graph, weighted=False, resolutions=(0.05, 0.5)):
    weights = graph.es["weight"] if weighted else None
    _, _, count, labels = best(graph, leidenalg.ModularityVertexPartition, weights=weights)
    result = {
        "n": graph.vcount(),
        "edges": [list(e.tuple) for e in graph.es],
        "modularity": graph.modularity(labels, weights=weights),
        "communities": count,
        "membership": labels,
        "components": graph.connected_components().membership,
        "cliques": cliques_of(graph, 3),
        "rb": [],
        "cpm": [],
    }
    if weighted:
        result["weights"] = weights
    for resolution in (0.5, 2.0):
        kind = leidenalg.RBConfigurationVertexPartition
        quality, mean, count, labels = best(graph, kind, weights=weights, resolution_parameter=resolution)
        total = sum(weights) if weighted else graph.ecount()
        result["rb"].append({"resolution": resolution, "best": quality / (2 * total), "mean": mean / (2 * total),
                             "communities": count})
    for resolution in resolutions:
        kind = leidenalg.CPMVertexPartition
        quality, mean, count, labels = best(graph, kind, weights=weights, resolution_parameter=resolution)
        # leidenalg counts every inner edge of an undirected graph twice
        result["cpm"].append({"resolution": resolution, "best": quality / 2, "mean": mean / 2, "communities": count})
    return result


karate = igraph.Graph.Famous("Zachary")

centres = random.normal(size=(6, 5)) * 4
blobs = np.round(np.concatenate([c + random.normal(size=(50, 5)) for c in centres]), 4)
near = kneighbors_graph(blobs, 7)
union = near.maximum(near.T).tocoo()
pairs = [(int(i), int(j)) for i, j in zip(union.row, union.col) if i < j]
pairs.sort()
neighbours = igraph.Graph(n=len(blobs), edges=pairs)

block = np.arange(120) // 20
drawn = np.triu(random.uniform(size=(120, 120)) < np.where(block[:, None] == block, 0.3, 0.02), 1)
planted = igraph.Graph(n=120, edges=[(int(i), int(j)) for i, j in zip(*drawn.nonzero())])
planted.es["weight"] = [round(float(w), 3) for w in random.uniform(0.5, 2, size=planted.ecount())]

points = np.round(random.uniform(size=(40, 2)), 3)
eps = 0.2
radius = radius_neighbors_graph(points, eps).tocoo()
plane = igraph.Graph(n=len(points), edges=[(int(i), int(j)) for i, j in zip(radius.row, radius.col) if i < j])

result = {
    "made_by": "tests/reference/graph.py",
    "versions": {"igraph": igraph.__version__, "leidenalg": leidenalg.version, "numpy": np.__version__,
                 "scikit-learn": sklearn.__version__},
    "karate": described(karate),
    "neighbours": {"points": blobs.tolist(), "k": 7, **described(neighbours)},
    "planted": described(planted, weighted=True),
    "plane": {"points": points.tolist(), "eps": eps, "edges": sorted(list(e.tuple) for e in plane.es),
              "components": plane.connected_components().membership,
              "cliques": cliques_of(plane, 1)},
}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(result, separators=(",", ":")) + "\n")
