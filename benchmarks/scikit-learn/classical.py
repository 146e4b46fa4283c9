"""Times scikit-learn's detectors, fitted to and scored on the same rows as those of PeerComparison, which runs this: processor seconds, the least
of the runs, as JSON.

usage: classical.py FOLDER_OF_NPZ [--runs 5] [--threads 1]        (OPENBLAS_NUM_THREADS and OMP_NUM_THREADS limit the threads of BLAS)
"""
import argparse
import json
import time

import numpy as np
from sklearn.ensemble import IsolationForest
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import LocalOutlierFactor, NearestNeighbors
from sklearn.svm import OneClassSVM

parser = argparse.ArgumentParser()
parser.add_argument("folder")
parser.add_argument("--runs", type=int, default=5)
parser.add_argument("--threads", type=int, default=1)
options = parser.parse_args()
shuttle = np.load(f"{options.folder}/shuttle.npz")["X"].astype(np.float32)
x = np.load(f"{options.folder}/pendigits.npz")["X"].astype(np.float64)
deviation = x.std(axis=0)
x = (x - x.mean(axis=0)) / np.where(deviation > 0, deviation, 1)


def knn(algorithm):
    NearestNeighbors(n_neighbors=5, algorithm=algorithm, n_jobs=options.threads).fit(x).kneighbors()


def lof(algorithm):
    # With novelty, as here, new rows can be scored; without it scores of the rows that were fitted come from one search.
    LocalOutlierFactor(n_neighbors=20, algorithm=algorithm, n_jobs=options.threads).fit(x)


def forest():
    IsolationForest(n_estimators=100, max_samples=256, n_jobs=options.threads, random_state=0).fit(shuttle).score_samples(shuttle)


# The mixtures and the support vector machine have no parallel search: they use what BLAS gives them. Of two algorithms the faster counts.
tasks = {
    "knn": [lambda: knn("auto"), lambda: knn("brute")],
    "lof": [lambda: lof("auto"), lambda: lof("brute")],
    "isolation forest": [forest],
    "gmm of 1": [lambda: GaussianMixture(1).fit(x).score_samples(x)],
    "gmm of 8": [lambda: GaussianMixture(8, random_state=0).fit(x).score_samples(x)],
    "one-class svm": [lambda: OneClassSVM().fit(x).decision_function(x)],
}
least = {}
for name, ways in tasks.items():
    for way in ways:
        for _ in range(options.runs):
            start = time.process_time()
            way()
            least[name] = min(least.get(name, float("inf")), time.process_time() - start)
print(json.dumps(least))
