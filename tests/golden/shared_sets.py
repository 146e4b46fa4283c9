"""Writes shared_sets.json: what scikit-learn and formulas in numpy give on wdbc, thyroid and pendigits of ADBench (tabular/*.npz, which are not in
the repository).

usage: python3 shared_sets.py FOLDER_OF_NPZ > shared_sets.json        (made with scikit-learn 1.2.1)

Features are standardised with the mean and the (population) deviation of all rows. Figures are kept for every n-th row: about 120 of each set.
Of LOF, rows are left out where the k-th and the next neighbour are equally far away, from the row or from one of its neighbours: there scikit-learn
and others may take different ones.
"""
import json
import sys

import numpy as np
import scipy.stats
import sklearn
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import LocalOutlierFactor, NearestNeighbors
from sklearn.svm import OneClassSVM

LOF_K, KNN_K, COMPONENTS, PRINCIPAL = 20, 5, 3, 4


def numbers(values):
    return [float(f"{value:.9g}") for value in np.ravel(values)]


def tails(x, combine):
    """ECOD and COPOD: -log of the empirical tail probabilities (left, right, the longer one by skewness)."""
    n = len(x)
    left = -np.log(np.stack([np.searchsorted(np.sort(c), c, side="right") for c in x.T], axis=1) / n)
    right = -np.log(np.stack([n - np.searchsorted(np.sort(c), c, side="left") for c in x.T], axis=1) / n)
    skew = np.sign(np.nan_to_num(scipy.stats.skew(x, axis=0)))
    longer = np.where(skew < 0, left, np.where(skew > 0, right, left + right))
    if combine == "features":
        return np.maximum(longer, (left + right) / 2).sum(axis=1)
    return np.max([left.sum(axis=1), right.sum(axis=1), longer.sum(axis=1)], axis=0)


def histogram_score(x):
    n, total = len(x), 0
    for column in x.T:
        low, high, bins = column.min(), column.max(), int(np.round(np.sqrt(n)))
        at = np.zeros(n, int) if high == low else np.minimum(bins - 1, ((column - low) / (high - low) * bins).astype(int))
        counts = np.bincount(at, minlength=bins)
        total = total + np.log(counts.max() / counts[at])
    return total


sets = {}
for name in ["wdbc", "thyroid", "pendigits"]:
    data = np.load(f"{sys.argv[1]}/{name}.npz")
    raw, labels = data["X"].astype(np.float32).astype(np.float64), data["y"].ravel().astype(int)
    deviation = raw.std(axis=0)
    x = (raw - raw.mean(axis=0)) / np.where(deviation > 0, deviation, 1)
    rows = np.arange(0, len(x), max(1, len(x) // 120))

    distances, neighbors = NearestNeighbors(n_neighbors=LOF_K + 1, algorithm="brute").fit(x).kneighbors()
    tied = distances[:, LOF_K] - distances[:, LOF_K - 1] <= 1e-6 * distances[:, LOF_K]
    clear = rows[~(tied | tied[neighbors[:, :LOF_K]].any(axis=1))[rows]]
    lof = -LocalOutlierFactor(n_neighbors=LOF_K, algorithm="brute").fit(x).negative_outlier_factor_

    svm = OneClassSVM(nu=0.5, gamma="scale", tol=1e-8).fit(x)
    mixtures = {kind: GaussianMixture(COMPONENTS, covariance_type=kind, random_state=0).fit(x) for kind in ["full", "diag"]}
    single = {kind: GaussianMixture(1, covariance_type=kind).fit(x) for kind in ["full", "diag"]}
    pca = PCA(PRINCIPAL, svd_solver="full").fit(x)
    whitened = PCA(svd_solver="full").fit(x)
    forest = [roc_auc_score(labels, -IsolationForest(n_estimators=100, random_state=seed).fit(raw).score_samples(raw)) for seed in range(10)]
    sets[name] = {
        "rows": rows.tolist(),
        "knn": numbers(distances[rows, KNN_K - 1]),
        "lofRows": clear.tolist(),
        "lof": numbers(lof[clear]),
        "svm": numbers(svm.decision_function(x[rows])),
        "svmVectors": int(len(svm.support_)),
        "pca": numbers(np.linalg.norm(x - pca.inverse_transform(pca.transform(x)), axis=1)[rows]),
        "pcaWeighted": numbers((whitened.transform(x)[rows] ** 2 / (whitened.explained_variance_ * (len(x) - 1) / len(x))).sum(axis=1)),
        "gmm": {kind: numbers(single[kind].score_samples(x[rows])) for kind in single},
        "mixture": {
            kind: {
                "weights": numbers(mixture.weights_),
                "means": numbers(mixture.means_),
                "covariances": numbers(mixture.covariances_) if len(x[0]) <= 16 or kind == "diag" else None,
                "logDensities": numbers(mixture.score_samples(x[rows])),
                "meanLogLikelihood": float(mixture.score(x)),
            }
            for kind, mixture in mixtures.items()
        },
        "ecodFeatures": numbers(tails(raw, "features")[rows]),
        "ecodSums": numbers(tails(raw, "sums")[rows]),
        "hbos": numbers(histogram_score(raw)[rows]),
        "rocAuc": {
            "forest": float(np.mean(forest)),
            "ecod": float(roc_auc_score(labels, tails(raw, "features"))),
            "copod": float(roc_auc_score(labels, tails(raw, "sums"))),
            "hbos": float(roc_auc_score(labels, histogram_score(raw))),
            "lof": float(roc_auc_score(labels, lof)),
            "svm": float(roc_auc_score(labels, -svm.decision_function(x))),
            "gmm": float(roc_auc_score(labels, -single["full"].score_samples(x))),
        },
    }
print(json.dumps({"source": f"scikit-learn {sklearn.__version__}", "sets": sets}))
