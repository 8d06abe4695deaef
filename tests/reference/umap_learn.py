"""Writes umap_learn.json: values of umap-learn on small sets.

Needs umap-learn, scipy and scikit-learn:  python tests/reference/umap_learn.py
"""

import json
import pathlib
import warnings
from importlib import metadata

import numpy
from sklearn.datasets import load_digits
from sklearn.manifold import trustworthiness
from sklearn.metrics import pairwise_distances
import umap
from umap.umap_ import compute_membership_strengths, find_ab_params, fuzzy_simplicial_set, smooth_knn_dist

warnings.filterwarnings("ignore")


def knn(x, k):
    distances = pairwise_distances(x)
    indices = distances.argsort(axis=1, kind="stable")[:, :k]
    return indices, numpy.take_along_axis(distances, indices, axis=1)


def main():
    random = numpy.random.RandomState(0)
    x = random.randn(60, 4).round(3)
    x[7] = x[3]  # equal examples
    indices, distances = knn(x, 8)  # the example itself first, as umap-learn counts
    for i in range(60):  # where an equal one came first
        if indices[i, 0] != i:
            indices[i, 1] = indices[i, 0]
            indices[i, 0] = i
    sigmas, rhos = smooth_knn_dist(distances.astype(numpy.float32), 8.0)
    strengths = compute_membership_strengths(
        indices.astype(numpy.int32), distances.astype(numpy.float32), sigmas, rhos
    )[2]
    union = fuzzy_simplicial_set(
        x, 8, numpy.random.RandomState(0), "euclidean", knn_indices=indices, knn_dists=distances.astype(numpy.float32)
    )[0].toarray()
    curves = [[m, s, *map(float, find_ab_params(s, m))] for m, s in ((0, 1), (0.1, 1), (0.25, 1), (0.5, 2))]

    digits = load_digits()
    chosen = numpy.random.RandomState(1).permutation(len(digits.data))[:500]
    pixels = digits.data[chosen]
    trust = []
    for seed in range(5):
        z = umap.UMAP(n_neighbors=15, min_dist=0.1, random_state=seed).fit_transform(pixels)
        trust.append(float(trustworthiness(pixels, z, n_neighbors=15)))
    result = {
        "made_by": "tests/reference/umap_learn.py",
        "versions": {name: metadata.version(name) for name in ("umap-learn", "numpy", "scipy", "scikit-learn")},
        "memberships": {
            "indices": indices[:, 1:].tolist(),
            "distances": distances[:, 1:].tolist(),
            "nearest": rhos.tolist(),
            "scales": sigmas.tolist(),
            "weights": strengths.reshape(60, 8)[:, 1:].tolist(),
            "union": union.round(7).tolist(),
        },
        "curves": curves,
        "digits": {"x": pixels.astype(int).tolist(), "trustworthiness": trust},
    }
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(result, separators=(",", ":")) + "\n")
    print(path.stat().st_size, trust)


if __name__ == "__main__":
    main()
