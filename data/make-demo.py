#!/usr/bin/env python3
"""Makes breast-cancer.csv from the copy that scikit-learn bundles (on Debian: the package python3-sklearn).

All 357 benign samples and the first 21 malignant ones of the file, shuffled with a fixed seed: malignant samples are as rare as anomalies are.
"""
import csv
import os
import random
import sys

SOURCE = "/usr/lib/python3/dist-packages/sklearn/datasets/data/breast_cancer.csv"
MALIGNANT = 21
MEASURES = ["radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity", "concave_points", "symmetry", "fractal_dimension"]

source = sys.argv[1] if len(sys.argv) > 1 else SOURCE
with open(source, newline="") as file:
    reader = csv.reader(file)
    next(reader)  # counts and class names: class 0 is malignant, class 1 benign
    rows = list(reader)

benign = [row for row in rows if row[-1] == "1"]
malignant = [row for row in rows if row[-1] == "0"][:MALIGNANT]
chosen = [row[:-1] + ["benign"] for row in benign] + [row[:-1] + ["malignant"] for row in malignant]
random.Random(0).shuffle(chosen)

# The names of the UCI repository: mean, standard error and worst (mean of the three largest) of each measure.
header = [f"{measure}_{suffix}" for suffix in ("mean", "se", "worst") for measure in MEASURES] + ["diagnosis"]
target = os.path.join(os.path.dirname(os.path.abspath(__file__)), "breast-cancer.csv")
with open(target, "w", newline="") as file:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(chosen)
print(f"{target}: {len(benign)} benign, {len(malignant)} malignant")
