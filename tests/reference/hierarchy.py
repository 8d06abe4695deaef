"""Writes hierarchy.json: trees of scipy, and labels of scikit-learn's and hdbscan's density clusterings.

    python tests/reference/hierarchy.py          (needs scipy, scikit-learn and hdbscan)
"""
import json
import pathlib
import warnings
from importlib import metadata

import hdbscan
import numpy as np
import scipy
import sklearn
from scipy.cluster.hierarchy import linkage
from sklearn.cluster import DBSCAN, HDBSCAN
from sklearn.metrics import adjusted_rand_score

warnings.simplefilter("ignore")
random = np.random.default_rng(11)


def rounded(values):
    return np.round(values, 6).tolist()


def blobs(sizes, width, spread):
    parts = [random.normal(random.normal(0, 4, width), spread * (1 + i % 3) / 2, (n, width)) for i, n in enumerate(sizes)]
    return np.round(np.concatenate(parts), 4)


result = {
    "made_by": "tests/reference/hierarchy.py",
    "versions": {"scipy": scipy.__version__, "scikit-learn": sklearn.__version__, "hdbscan": metadata.version("hdbscan")},
    "trees": [],
    "dbscan": [],
    "hdbscan": [],
}

plain = blobs([30, 25, 20], 5, 1)
for name, x in (("plain", plain), ("duplicates", np.concatenate([plain[:40], plain[10:25], plain[:5], plain[:1]])),
                ("two", plain[:2]), ("far_away", plain[:30] + 1e4)):
    case = {"name": name, "x": x.tolist()}
    for method in ("single", "complete", "average", "ward", "centroid"):
        tree = linkage(x, method)
        case[method] = {"heights": tree[:, 2].tolist(), "merges": tree[:, :2].astype(int).tolist(),
                        "sizes": tree[:, 3].astype(int).tolist()}
    result["trees"].append(case)

grid = np.stack(np.meshgrid(np.arange(9), np.arange(7)), -1).reshape(-1, 2)[random.permutation(63)].astype(float)
for x, eps, points in ((plain, 1.5, 4), (plain, 2.2, 8), (blobs([60, 60, 40], 2, 1), 0.5, 5), (grid, 1.0, 5),
                       (grid, 1.5, 9), (np.concatenate([plain, plain[:20]]), 1.2, 3)):
    fit = DBSCAN(eps=eps, min_samples=points).fit(x)
    result["dbscan"].append({"x": x.tolist(), "eps": eps, "min_points": points, "labels": fit.labels_.tolist(),
                             "core": fit.core_sample_indices_.tolist()})

wide = blobs([80, 60, 50, 40], 12, 1.2)
flat = blobs([90, 70, 60, 30], 2, 1)
# Mutual reachabilities are often equal (one core distance, several edges), and scikit-learn sorts them with numpy's
# default argsort, which leaves the order of equals to the processor. Here they keep the order in which its spanning tree
# finds them; "as_installed" says whether the labels are the same without that.
unstable_argsort = np.argsort


def stable_argsort(values, *arguments, **options):
    return unstable_argsort(values, *arguments, **{**options, "kind": "stable"})


def labels_of(x, size, points, selection):
    return HDBSCAN(min_cluster_size=size, min_samples=points, cluster_selection_method=selection, copy=True).fit(x)


for x, size, points in ((plain, 5, 5), (flat, 5, 5), (flat, 10, 3), (flat, 12, 12), (wide, 5, 5), (wide, 15, 8)):
    case = {"x": x.tolist(), "min_cluster_size": size, "min_points": points}
    for selection in ("eom", "leaf"):
        np.argsort = stable_argsort
        fit = labels_of(x, size, points, selection)
        np.argsort = unstable_argsort
        as_installed = np.array_equal(fit.labels_, labels_of(x, size, points, selection).labels_)
        other = hdbscan.HDBSCAN(min_cluster_size=size, min_samples=points - 1, cluster_selection_method=selection,
                                approx_min_span_tree=False).fit(x)
        print(size, points, selection, fit.labels_.max() + 1, (fit.labels_ < 0).sum(), "as installed:", as_installed,
              "hdbscan:", adjusted_rand_score(fit.labels_, other.labels_))
        case[selection] = {"labels": fit.labels_.tolist(), "probabilities": rounded(fit.probabilities_),
                           "as_installed": as_installed}
    result["hdbscan"].append(case)

path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps(result, separators=(",", ":")) + "\n")
print(path, path.stat().st_size)
