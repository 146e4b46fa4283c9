"""Times scikit-learn's isolation forest (100 trees, 256 samples, two jobs), fit and score, and prints its ROC AUC over five seeds.

usage: isolation_forest.py DATA.npz [--runs 5]
"""
import argparse
import time

import numpy as np
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score

parser = argparse.ArgumentParser()
parser.add_argument("data")
parser.add_argument("--runs", type=int, default=5)
options = parser.parse_args()

data = np.load(options.data)
x, y = data["X"].astype(np.float32), data["y"].astype(int)
seconds, areas = [], []
for seed in range(options.runs):
    start = time.perf_counter()
    scores = -IsolationForest(n_estimators=100, max_samples=256, n_jobs=2, random_state=seed).fit(x).score_samples(x)
    seconds.append(time.perf_counter() - start)
    areas.append(roc_auc_score(y, scores))
print(f"rows {x.shape[0]}, features {x.shape[1]}: least {min(seconds):.3f} s of {[round(s, 3) for s in seconds]}")
print(f"ROC AUC mean {np.mean(areas):.4f} of {[round(a, 4) for a in areas]}")
