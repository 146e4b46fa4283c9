"""Times scikit-learn's detectors, fitted to and scored on the same standardised rows as ClassicalBenchmark's.

usage: classical.py DATA.npz [--runs 5] [--threads 2]        (for one thread set OPENBLAS_NUM_THREADS=1 and OMP_NUM_THREADS=1, too)

The mixtures and the support vector machine have no parallel search: they use what BLAS gives them. Least of the runs.
"""
import argparse
import time

import numpy as np
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import LocalOutlierFactor, NearestNeighbors
from sklearn.svm import OneClassSVM

parser = argparse.ArgumentParser()
parser.add_argument("data")
parser.add_argument("--runs", type=int, default=5)
parser.add_argument("--threads", type=int, default=2)
options = parser.parse_args()
x = np.load(options.data)["X"].astype(np.float64)
deviation = x.std(axis=0)
x = (x - x.mean(axis=0)) / np.where(deviation > 0, deviation, 1)


def knn(algorithm):
    NearestNeighbors(n_neighbors=5, algorithm=algorithm, n_jobs=options.threads).fit(x).kneighbors()


def lof(algorithm):
    # With novelty, as here, new rows can be scored; without it scores of the rows that were fitted come from one search.
    LocalOutlierFactor(n_neighbors=20, algorithm=algorithm, n_jobs=options.threads).fit(x)


tasks = {
    "knn, 5 neighbours, best algorithm": lambda: knn("auto"),
    "knn, 5 neighbours, brute": lambda: knn("brute"),
    "lof, 20 neighbours, best algorithm": lambda: lof("auto"),
    "lof, 20 neighbours, brute": lambda: lof("brute"),
    "gmm of 1": lambda: GaussianMixture(1).fit(x).score_samples(x),
    "gmm of 8": lambda: GaussianMixture(8, random_state=0).fit(x).score_samples(x),
    "one-class svm": lambda: OneClassSVM().fit(x).decision_function(x),
}
for name, task in tasks.items():
    wall, processor = [], []
    for _ in range(options.runs):
        start, busy = time.perf_counter(), time.process_time()
        task()
        wall.append(time.perf_counter() - start)
        processor.append(time.process_time() - busy)
    print(f"{name}: least {min(wall):.3f} s ({min(processor):.3f} s of processor time)")
