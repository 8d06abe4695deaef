"""Writes classical.json: what scikit-learn finds on a small data set, from starts that both sides share.

    python tests/reference/classical.py
"""
import json
import pathlib
import warnings

import numpy as np
import scipy
import sklearn
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import KNeighborsClassifier

warnings.simplefilter("ignore", ConvergenceWarning)
random = np.random.default_rng(7)
blobs = [random.normal(m, s, size=(n, 4)) for m, s, n in ([0, 0.8, 40], [2, 1.1, 30], [-2.5, 0.5, 20])]
x = np.concatenate(blobs) * [1, 2, 0.5, 3] + [10, 0, -5, 0]
truth = np.repeat([0, 1, 2], [40, 30, 20])
start = x[[0, 1, 45]]

result = {
    "made_by": "tests/reference/classical.py",
    "versions": {"numpy": np.__version__, "scipy": scipy.__version__, "scikit-learn": sklearn.__version__},
    "x": x.tolist(),
    "labels": truth.tolist(),
    "start": start.tolist(),
}

fit = KMeans(3, init=start, n_init=1, tol=0, algorithm="lloyd").fit(x)
one = KMeans(3, init=start, n_init=1, tol=0, max_iter=1, algorithm="lloyd").fit(x)
result["kmeans"] = {
    "centres": fit.cluster_centers_.tolist(),
    "labels": fit.labels_.tolist(),
    "inertia": fit.inertia_,
    "centres_after_one_step": one.cluster_centers_.tolist(),
}

far = np.array([x[0], x[1], [1e4, 1e4, 1e4, 1e4]])
one = KMeans(3, init=far, n_init=1, tol=0, max_iter=1, algorithm="lloyd").fit(x)
result["kmeans_with_an_empty_cluster"] = {"start": far.tolist(), "centres_after_one_step": one.cluster_centers_.tolist()}

for kind in ("diag", "full"):
    variances = np.tile(x.var(axis=0), (3, 1))
    precisions = 1 / variances if kind == "diag" else np.stack([np.diag(1 / v) for v in variances])
    trace = []
    for steps in (1, 5, 25):
        mixture = GaussianMixture(3, covariance_type=kind, weights_init=[0.2, 0.3, 0.5], means_init=start,
                                  precisions_init=precisions, reg_covar=0, tol=0, max_iter=steps).fit(x)
        trace.append({"steps": steps, "log_likelihood": mixture.score(x), "weights": mixture.weights_.tolist(),
                      "means": mixture.means_.tolist(), "covariances": mixture.covariances_.tolist()})
    result["mixture_" + kind] = {"weights": [0.2, 0.3, 0.5], "variances": variances.tolist(), "trace": trace,
                                 "responsibilities": mixture.predict_proba(x[:5]).tolist()}

for name, rows in (("pca_tall", x), ("pca_wide", x[:3])):
    pca = PCA(2, svd_solver="full").fit(rows)
    signs = np.sign(pca.components_[np.arange(2), np.abs(pca.components_).argmax(axis=1)])
    result[name] = {
        "mean": pca.mean_.tolist(),
        "components": (pca.components_ * signs[:, None]).tolist(),
        "explained_variance": pca.explained_variance_.tolist(),
        "explained_variance_ratio": pca.explained_variance_ratio_.tolist(),
        "codes": (pca.transform(rows) * signs).tolist(),
    }

train, test = np.arange(0, 90, 2), np.arange(1, 90, 2)
noisy = truth.copy()
noisy[::7] = (noisy[::7] + 1) % 3
result["nearest"] = {"noisy_labels": noisy.tolist(), "errors": {}}
for k in (3, 5, 10):
    classifier = KNeighborsClassifier(k, algorithm="brute").fit(x[train], noisy[train])
    result["nearest"]["errors"][str(k)] = 1 - classifier.score(x[test], noisy[test])
distances, indices = classifier.kneighbors(x[test], 4)
result["nearest"] |= {"indices": indices.tolist(), "distances": distances.tolist()}

path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps(result, separators=(",", ":")) + "\n")
