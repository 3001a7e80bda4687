"""Trains `implicit` on one data set of als-data.js and prints JSON; see train.js and score.js.

usage: als-baseline.py START COLUMN VIEWERS FILMS K cg|cholesky ITERATIONS THREADS CONFIDENCE REGULARISATION [FACTORS_FOLDER]
"""
import json
import os
import resource
import sys
import time

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as implicit itself asks for: its own threads are the parallel ones
os.environ["MKL_NUM_THREADS"] = "1"

import numpy as np
import scipy.sparse as sp
from implicit.cpu.als import AlternatingLeastSquares


def read(start, column, viewers, films):
    indptr = np.fromfile(start, np.int32)
    indices = np.fromfile(column, np.int32)
    return sp.csr_matrix((np.ones(len(indices), np.float32), indices, indptr), (viewers, films))


def loss_of(x, y, cells, confidence, regularisation):
    """sum c (p - s)^2 + l (|x|^2 + |y|^2), c = confidence where observed, 1 elsewhere"""
    x64, y64 = x.astype(np.float64), y.astype(np.float64)
    total = ((x64.T @ x64) * (y64.T @ y64)).sum()
    for first in range(0, cells.shape[0], 20000):
        part = cells[first : first + 20000].tocoo()
        s = np.einsum("ij,ij->i", x[part.row + first], y[part.col], dtype=np.float64)
        total += (confidence - 1) * (s * s).sum() - 2 * confidence * s.sum()
    return total + confidence * cells.nnz + regularisation * ((x64**2).sum() + (y64**2).sum())


def main():
    start, column, viewers, films, k, solver, iterations, threads, confidence, regularisation = sys.argv[1:11]
    cells = read(start, column, int(viewers), int(films))
    cells.data[:] = float(confidence)
    model = AlternatingLeastSquares(
        factors=int(k),
        regularization=float(regularisation),
        alpha=1.0,
        iterations=int(iterations),
        use_cg=solver == "cg",
        use_native=True,
        num_threads=int(threads),
        random_state=42,
        calculate_training_loss=False,
    )
    cpu, wall = [], []

    def after_iteration(_iteration, seconds, _loss=None):
        cpu.append(time.process_time())
        wall.append(seconds)

    model.fit(cells, show_progress=False, callback=after_iteration)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    x, y = model.user_factors, model.item_factors
    out = {
        "cpu": [float(v) for v in np.diff(cpu)],
        "wall": wall[1:],
        "peakMiB": round(peak),
        "loss": loss_of(x, y, cells, float(confidence), float(regularisation)),
    }
    if len(sys.argv) > 11:
        folder = sys.argv[11]
        np.asarray(x, np.float32).tofile(f"{folder}/viewers.f32")
        np.asarray(y, np.float32).tofile(f"{folder}/films.f32")
        cpu0, wall0 = time.process_time(), time.perf_counter()
        ids, scores = model.recommend(np.arange(int(viewers)), cells, N=10, filter_already_liked_items=True)
        out["recommend"] = {"cpu": time.process_time() - cpu0, "wall": time.perf_counter() - wall0}
        np.asarray(ids, np.int32).tofile(f"{folder}/top.i32")
        np.asarray(scores, np.float32).tofile(f"{folder}/top.f32")
        out["recommend"]["peakMiB"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(json.dumps(out))


main()
