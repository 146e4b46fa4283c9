"""Times scikit-learn's brute-force neighbour search against AnomalySharp's, on the same rows, in turns.

usage: neighbors.py DATA.npz [--rows 20000] [--k 10] [--runs 5] [--out distances.f32]

Rows are standardised in float32. Every row is asked for its k nearest others, as kNN detectors do in training. With --out the distances
(rows x k, float32) and beside them the standardised rows (DATA.rows.f32) are written, for NeighborBenchmark's comparison.
"""
import argparse
import time

import numpy as np
from sklearn.neighbors import NearestNeighbors

parser = argparse.ArgumentParser()
parser.add_argument("data")
parser.add_argument("--rows", type=int, default=20000)
parser.add_argument("--k", type=int, default=10)
parser.add_argument("--runs", type=int, default=5)
parser.add_argument("--out")
options = parser.parse_args()

x = np.load(options.data)["X"].astype(np.float64)[: options.rows]
deviation = x.std(axis=0)
x = ((x - x.mean(axis=0)) / np.where(deviation > 0, deviation, 1)).astype(np.float32)
seconds = []
for _ in range(options.runs):
    start = time.perf_counter()
    model = NearestNeighbors(n_neighbors=options.k, algorithm="brute", n_jobs=2).fit(x)
    distances, _ = model.kneighbors()
    seconds.append(time.perf_counter() - start)
print(f"rows {x.shape[0]}, features {x.shape[1]}, k {options.k}: least {min(seconds):.3f} s of {[round(s, 3) for s in seconds]}")
print("mean distance to the k-th:", distances[:, -1].mean(dtype=np.float64))
if options.out:
    distances.astype(np.float32).tofile(options.out)
    x.tofile(options.out + ".rows.f32")
