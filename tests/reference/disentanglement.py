"""Writes disentanglement.json: a small code, its factors, and what numpy, scipy and scikit-learn make of them.

    python tests/reference/disentanglement.py
"""
import json
import pathlib

import numpy as np
import scipy.stats
import sklearn
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.metrics import mutual_info_score
from sklearn.svm import LinearSVC

random = np.random.default_rng(4)
n = 400
factors = np.stack([random.integers(4, size=n), random.integers(3, size=n), random.integers(2, size=n)], 1)
mix = np.array([[1.0, 0.2, 0.0], [0.1, -0.8, 0.3], [0.0, 0.1, 1.5], [0.0, 0.0, 0.0], [0.5, 0.5, 0.5]])
codes = np.round(factors @ mix.T + 0.4 * random.normal(size=(n, 5)), 4)


def bins(column):
    return np.digitize(column, np.histogram(column, 20)[1][:-1])


information = np.array([[mutual_info_score(factors[:, f], bins(codes[:, d])) for f in range(3)] for d in range(5)])
entropies = np.array([mutual_info_score(factors[:, f], factors[:, f]) for f in range(3)])
ordered = -np.sort(-information, axis=0)
squares = information**2
largest = squares.max(1)

train, test = codes[:300], codes[300:]
svm = np.zeros((5, 3))
for d in range(5):
    for f in range(3):
        model = LinearSVC(C=0.01, class_weight="balanced", max_iter=100000, tol=1e-10, dual=False)
        model.fit(train[:, [d]], factors[:300, f])
        svm[d, f] = (model.predict(test[:, [d]]) == factors[300:, f]).mean()

# Deep nodes hold few examples, which several features split alike; scikit-learn then draws lots. Stumps have no such ties.
stumps = np.stack([GradientBoostingClassifier(max_depth=1, random_state=0).fit(train, factors[:300, f])
                   .feature_importances_ for f in range(3)], 1)
importance, accuracy = np.zeros((5, 3)), []
for f in range(3):
    model = GradientBoostingClassifier(random_state=0).fit(train, factors[:300, f])
    importance[:, f] = model.feature_importances_
    accuracy.append(float((model.predict(test) == factors[300:, f]).mean()))
by_code = 1 - scipy.stats.entropy(importance.T + 1e-11, base=3)
by_factor = 1 - scipy.stats.entropy(importance + 1e-11, base=5)

result = {
    "made_by": "tests/reference/disentanglement.py",
    "versions": {"numpy": np.__version__, "scipy": scipy.__version__, "scikit-learn": sklearn.__version__},
    "codes": codes.tolist(),
    "factors": factors.tolist(),
    "information": information.tolist(),
    "mig": float(((ordered[0] - ordered[1]) / entropies).mean()),
    "modularity": float((1 - (squares.sum(1) - largest) / (largest * 2)).mean()),
    "svm": svm.tolist(),
    "stumps": stumps.tolist(),
    "importance": importance.tolist(),
    "accuracy": accuracy,
    "disentanglement": float((by_code * importance.sum(1) / importance.sum()).sum()),
    "completeness": float((by_factor * importance.sum(0) / importance.sum()).sum()),
}
out = pathlib.Path(__file__).with_suffix(".json")
out.write_text(json.dumps(result) + "\n")
print(out, {k: v for k, v in result.items() if k not in ("codes", "factors")})
