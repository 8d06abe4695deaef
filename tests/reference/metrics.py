"""Writes metrics.json: scikit-learn's and scipy's values for a few labelings, tables and codes.

    python tests/reference/metrics.py
"""
import json
import pathlib

import numpy as np
import scipy
import sklearn
from scipy.optimize import linear_sum_assignment
from sklearn import metrics
from sklearn.metrics.cluster import contingency_matrix
from sklearn.neighbors import KNeighborsClassifier

random = np.random.default_rng(11)


def scores(labels, clusters):
    table = contingency_matrix(labels, clusters).T
    rows, columns = linear_sum_assignment(table, maximize=True)

    def nmi(mean):
        return metrics.normalized_mutual_info_score(labels, clusters, average_method=mean)

    return {
        "labels": labels.tolist(),
        "clusters": clusters.tolist(),
        "accuracy_hungarian": table[rows, columns].sum() / len(labels),
        "accuracy_majority": table.max(axis=1).sum() / len(labels),
        "nmi_arithmetic": nmi("arithmetic"),
        "nmi_geometric": nmi("geometric"),
        "nmi_max": nmi("max"),
        "ari": metrics.adjusted_rand_score(labels, clusters),
        "homogeneity": metrics.homogeneity_score(labels, clusters),
        "completeness": metrics.completeness_score(labels, clusters),
        "mutual_information": metrics.mutual_info_score(labels, clusters),
    }


def noisy(labels, clusters, share):
    result = labels % clusters
    flips = random.random(len(labels)) < share
    result[flips] = random.integers(clusters, size=flips.sum())
    return result


labels = random.integers(5, size=200)
partitions = [scores(labels, noisy(labels, k, share)) for k in (3, 5, 8) for share in (0.1, 0.6)]
partitions += [scores(labels, np.zeros(200, int)), scores(np.zeros(200, int), np.zeros(200, int)),
               scores(labels, np.arange(200)), scores(np.arange(200), np.arange(200)[::-1])]

assignments = []
for shape in ((1, 1), (4, 4), (6, 3), (3, 7), (12, 12)):
    gain = random.normal(size=shape).round(6)
    rows, columns = linear_sum_assignment(gain, maximize=True)
    assignments.append({"gain": gain.tolist(), "total": gain[rows, columns].sum()})

x = np.concatenate([random.normal(m, 1, size=(n, 3)) for m, n in ((0, 30), (2, 40), (5, 20))])
clusters = np.repeat([0, 1, 2], [30, 40, 20])
clusters[::9] = 3
clusters[4] = 4  # alone
truth = np.repeat([0, 1, 2], [30, 40, 20])
truth[::7] = 1
split = random.permutation(90)
train, test = split[:60], split[60:]
knn = {str(k): 1 - KNeighborsClassifier(k, algorithm="brute").fit(x[train], truth[train]).score(x[test], truth[test])
       for k in (3, 5, 10)}

path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps({
    "made_by": "tests/reference/metrics.py",
    "versions": {"numpy": np.__version__, "scipy": scipy.__version__, "scikit-learn": sklearn.__version__},
    "partitions": partitions,
    "assignments": assignments,
    "silhouette": {"x": x.tolist(), "clusters": clusters.tolist(), "mean": metrics.silhouette_score(x, clusters)},
    "knn": {"labels": truth.tolist(), "train": train.tolist(), "test": test.tolist(), "errors": knn},
}, separators=(",", ":")) + "\n")
