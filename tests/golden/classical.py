"""Writes classical.json: what scikit-learn's neighbours and isolation forest give on 200 rows and 8 columns of the Wisconsin diagnostic breast
cancer data (Wolberg, Mangasarian, Street, Street; UCI Machine Learning Repository, 1995; CC BY 4.0), which scikit-learn brings along.

usage: python3 classical.py > classical.json        (made with scikit-learn 1.2.1)
"""
import json

import numpy as np
import sklearn
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import IsolationForest
from sklearn.neighbors import NearestNeighbors

K, SEEDS, SAMPLES = 5, 50, 128
data = load_breast_cancer()
x = data.data[:200, :8]
x = np.round((x - x.mean(axis=0)) / x.std(axis=0), 3).astype(np.float32)
distances, _ = NearestNeighbors(n_neighbors=K, algorithm="brute").fit(x.astype(np.float64)).kneighbors()
forest = np.mean([
    -IsolationForest(n_estimators=100, max_samples=SAMPLES, random_state=seed).fit(x).score_samples(x) for seed in range(SEEDS)
], axis=0)


def numbers(values, digits):
    return [round(float(value), digits) for value in np.ravel(values)]


print(json.dumps({
    "source": f"scikit-learn {sklearn.__version__}: NearestNeighbors(n_neighbors={K}), the mean of {SEEDS} IsolationForest(max_samples={SAMPLES})",
    "features": x.shape[1],
    "values": numbers(x, 3),
    "kth": numbers(distances[:, -1], 7),
    "mean": numbers(distances.mean(axis=1), 7),
    "median": numbers(np.median(distances, axis=1), 7),
    "forest": numbers(forest, 5),
}))
