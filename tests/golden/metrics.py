#!/usr/bin/env python3
"""Writes metrics.json: figures of scikit-learn on scores with many ties, for the tests of DetectionMetrics."""
import json, pathlib
import numpy as np
import sklearn
from sklearn import metrics

rng = np.random.default_rng(7)
cases = []
for n, share, digits in [(20, 0.3, 1), (200, 0.1, 1), (200, 0.5, 6), (500, 0.02, 2), (500, 0.9, 0)]:
    labels = np.zeros(n, int)
    labels[: max(1, int(n * share))] = 1
    scores = np.round(rng.normal(labels * 1.0, 1.0), digits).astype(np.float32) + np.float32(0)
    threshold = float(np.quantile(scores, 0.8).astype(np.float32))
    flagged = (scores > np.float32(threshold)).astype(int)
    tn, fp, fn, tp = metrics.confusion_matrix(labels, flagged).ravel()
    fpr, tpr, _ = metrics.roc_curve(labels, scores)
    precision, recall, _ = metrics.precision_recall_curve(labels, scores)
    with np.errstate(invalid="ignore"):
        f1 = np.nan_to_num(2 * precision * recall / (precision + recall))
    cases.append({
        "scores": [float(s) for s in scores],
        "labels": [int(y) for y in labels],
        "threshold": threshold,
        "rocAuc": metrics.roc_auc_score(labels, scores),
        "averagePrecision": metrics.average_precision_score(labels, scores),
        "auprIn": metrics.average_precision_score(1 - labels, -scores),
        "precision": metrics.precision_score(labels, flagged),
        "recall": metrics.recall_score(labels, flagged),
        "specificity": tn / (tn + fp),
        "f1": metrics.f1_score(labels, flagged),
        "bestF1": float(f1.max()),
        "youdenJ": float((tpr - fpr).max()),
        "confusion": [int(tp), int(fp), int(fn), int(tn)],
    })
path = pathlib.Path(__file__).with_name("metrics.json")
path.write_text(json.dumps({"madeWith": f"scikit-learn {sklearn.__version__}", "cases": cases}) + "\n")
