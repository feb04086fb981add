"""What other methods take on the cells of `genome`: rows for the same table.

    python -m deepsem_book.speed.genome_rivals [--sizes 2000 5000] [--cells 1000]

The corrected correlation runs whole. RegDiffusion (requirements-baselines.txt) takes a few of its
1,000 steps and GRNBoost2 a few of the targets: `few_regulators.scale` extrapolates a whole run from
them, and calls it so.
"""

import argparse
import importlib.util
import time
from collections.abc import Callable

import numpy as np
import torch

from deepsem_minimal.networks import product_corrected
from deepsem_minimal.preprocess import Array

from ..baselines import grnboost2, regdiffusion
from ..baselines.common import standardise
from ..provenance import PeakMemory
from .genome import SIZES, Row, described, made, results

STEPS = 4  # of RegDiffusion, beside one whose time is taken off
TARGETS = 4  # of GRNBoost2


def corrected(X: Array, n_tfs: int) -> float:
    """CPU seconds of the corrected correlation of all genes with the first n_tfs."""
    start = time.process_time()
    Z = standardise(X)
    product_corrected(np.abs(Z.T @ Z[:, :n_tfs]) / len(Z))
    return time.process_time() - start


def regdiffusion_step(X: Array, n_tfs: int) -> float:
    """CPU seconds of a step: what STEPS more of them add to a run of one, after a first run."""
    genes = [f"g{i}" for i in range(X.shape[1])]
    taken = []
    for n_steps in (1, 1, 1 + STEPS):  # the first one imports the package
        start = time.process_time()
        regdiffusion.infer(X, genes, genes[:n_tfs], n_steps=n_steps)
        taken.append(time.process_time() - start)
    return (taken[2] - taken[1]) / STEPS


def grnboost2_target(X: Array, n_tfs: int) -> float:
    """CPU seconds of a target, mean of TARGETS spread over the genes; sorting is not counted."""
    values = np.ascontiguousarray(X.T[:n_tfs], dtype=np.float32)
    order = np.argsort(values, axis=1, kind="stable").astype(np.int32)
    targets = np.linspace(n_tfs, X.shape[1] - 1, TARGETS).astype(int)
    rng = np.random.default_rng(0)
    grnboost2.boost(values[:20], order[:20], X[:, 0].copy(), 30, rng)  # compiles
    start = time.process_time()
    for target in targets:
        grnboost2.boost(values, order, X[:, target].copy(), 5000, rng)
    return (time.process_time() - start) / TARGETS


RIVALS: dict[str, Callable[[Array, int], float]] = {
    "corrected correlation": corrected,
    "GRNBoost2, one target": grnboost2_target,
    "RegDiffusion, one step": regdiffusion_step,
}


def measure(what: str, n_cells: int, n_genes: int, n_tfs: int) -> Row:
    X = made(n_cells, n_genes).toarray().astype(np.float64)
    start = time.perf_counter()
    with PeakMemory() as memory:
        seconds = RIVALS[what](X, n_tfs)
    size = {"n_cells": n_cells, "n_genes": n_genes, "n_regulators": n_tfs, "nuisance": 0}
    run = {"what": what, "threads": torch.get_num_threads(), "repeat": 0, "steps": 1}
    cost = {"seconds": seconds, "wall": time.perf_counter() - start, "peak_mb": memory.peak / 1e6}
    return run | size | cost | described()


def main() -> None:
    parser = argparse.ArgumentParser(description="Time other methods on many genes.")
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES)
    parser.add_argument("--cells", type=int, default=1000)
    parser.add_argument("--regulators", type=int, default=1500)
    parser.add_argument("--only", nargs="+", choices=RIVALS, default=list(RIVALS))
    options = parser.parse_args()
    torch.set_num_threads(1)
    table = results()
    for n_genes in options.sizes:
        for what in options.only:
            if "RegDiffusion" in what and importlib.util.find_spec("regdiffusion") is None:
                print("RegDiffusion needs `pip install -r requirements-baselines.txt`: left out")
                continue
            row = measure(what, options.cells, n_genes, options.regulators)
            table.put([row])
            print(what, n_genes, f"{row['seconds']:.3f} s, {row['peak_mb']:.0f} MB", flush=True)


if __name__ == "__main__":
    main()
