"""Writes neighbour_maps.json: affinities, costs at a given map, and what openTSNE's descent ends with.

    python tests/reference/neighbour_maps.py
"""
import json
import pathlib

import numpy as np
import openTSNE
import sklearn
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.manifold import _t_sne

digits = load_digits().data[:600]
x = np.round(PCA(8, random_state=0).fit_transform(digits) / 10, 3)
perplexity = 20

affinities = openTSNE.affinity.PerplexityBasedNN(x, perplexity=perplexity, method="exact", n_jobs=1)
P = np.asarray(affinities.P.todense())

# A descent is chaotic: the last digit of the start decides between minima some per cent apart. So several starts are
# taken, moved by a hundredth of their size, and medians compared.
first = openTSNE.initialization.pca(x, n_components=2, random_state=0, add_jitter=False)
starts = [first + 1e-6 * np.sin((s + 1) * np.arange(1, 1201)).reshape(600, 2) for s in range(9)]
descents = {}
for name, settings in (("nearly_exact", {"negative_gradient_method": "bh", "theta": 0.1}),
                       ("barnes_hut", {"negative_gradient_method": "bh"}),
                       ("interpolated", {"negative_gradient_method": "fft"})):
    ends = []
    for start in starts:
        embedding = openTSNE.TSNEEmbedding(start, affinities, n_jobs=1, random_state=0, **settings)
        embedding = embedding.optimize(250, exaggeration=12, momentum=0.8).optimize(500, momentum=0.8)
        ends.append(float(embedding.kl_divergence))
    descents[name] = ends

# Costs at a map that is far from any minimum, over all pairs of the first 60 examples.
few, places = x[:60], np.round(np.random.default_rng(5).normal(size=(60, 2)), 3)
squares = ((few[:, None] - few[None]) ** 2).sum(2)
dense = _t_sne._joint_probabilities(squares.astype(np.float32), 10, verbose=0)  # condensed; sums to 1 over both halves
tsne, gradient = _t_sne._kl_divergence(places.ravel(), dense, 1, 60, 2)


def conditionals(d, wanted):
    low, high = 0.0, 1e6
    for _ in range(200):
        beta = (low + high) / 2
        p = np.exp(-beta * (d - d.min()))
        p /= p.sum()
        entropy = -(p[p > 0] * np.log(p[p > 0])).sum()
        low, high = (beta, high) if entropy > np.log(wanted) else (low, beta)
    return beta, p


rows = np.zeros((60, 60))
for i in range(60):
    others = np.arange(60) != i
    rows[i, others] = conditionals(squares[i, others], 10)[1]
joint = (rows + rows.T) / 120
near = np.exp(-((places[:, None] - places[None]) ** 2).sum(2)) * (1 - np.eye(60))
q = near / near.sum(1, keepdims=True)


def divergence(p, q):
    return float((p[p > 0] * np.log(p[p > 0] / q[p > 0])).sum())


result = {
    "made_by": "tests/reference/neighbour_maps.py",
    "versions": {"numpy": np.__version__, "openTSNE": openTSNE.__version__, "scikit-learn": sklearn.__version__},
    "x": x.tolist(),
    "perplexity": perplexity,
    "joint_rows": {"index": [0, 7, 599], "values": [[[int(j), float(P[i, j])] for j in np.flatnonzero(P[i])]
                                                    for i in (0, 7, 599)]},
    "joint_entropy": float(-(P[P > 0] * np.log(P[P > 0])).sum()),
    "divergence": descents,
    "places": places.tolist(),
    "tsne": float(tsne),
    "tsne_gradient": gradient.reshape(60, 2).tolist(),
    "symmetric_sne": divergence(joint, near / near.sum()),
    "sne": divergence(rows, q),
}
out = pathlib.Path(__file__).with_suffix(".json")
out.write_text(json.dumps(result) + "\n")
print(out, {k: v for k, v in result.items() if not isinstance(v, list) and k != "joint_rows"})
