"""What to expect before a run and what to believe after it: cost, warnings, stability."""

import os
import sys
from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .ensemble import Result
from .networks import edge_table
from .preprocess import dense, standardise
from .train import CHUNK, Config, train

Array = NDArray[np.floating]

# Smallest and largest of the eight BEELINE matrices on which the book's scores were measured.
TESTED = {"cells": (383, 889), "genes": (560, 1448), "zeros": (0.12, 0.38)}


def expected_cost(
    X: Array, config: Config, n_seeds: int, n_jobs: int | None = None
) -> dict[str, float]:
    """Seconds and MB that training on X (cells x genes) will take, from one measured cycle.

    Two alternations of K1 + K2 epochs are run on at most 512 cells; the second, without the
    start-up of the first, is scaled by the number of cells of an epoch. Memory is what the process
    has taken so far (programme and data) and what training adds: for each member at a time W, its
    gradient, factors and average, and a piece of the standardised matrix with its scans; and the
    embedding that `fit` writes.
    """
    n_cells, n_genes = X.shape
    some = np.random.default_rng(0).permutation(n_cells)[:512]
    sample = dense(X[some])
    Z = standardise(sample, config.standardise, config.clip).X
    keep = (sample != 0).astype(np.float32) if config.reconstruct == "nonzero" else None
    cycle = config.K1 + config.K2
    trial = replace(config, n_epochs=2 * cycle, W_init="safe", cells_per_epoch=None)
    history = train(Z, keep, trial).history
    seconds = history[-1]["seconds"] - history[cycle - 1]["seconds"]
    per_epoch = seconds / cycle * min(config.cells_per_epoch or n_cells, n_cells) / len(some)
    at_once = min(n_jobs or os.cpu_count() or 1, n_seeds)
    piece = min(n_cells * n_genes, CHUNK)
    entries = at_once * (8 * n_genes**2 + 4 * piece) + 2 * piece + n_cells * n_genes
    megabytes = taken_so_far() + 4e-6 * entries
    return {"seconds": per_epoch * config.n_epochs * n_seeds / at_once, "megabytes": megabytes}


def taken_so_far() -> float:
    """Largest resident memory of this process up to now, MB; 0 where the system does not say."""
    try:
        import resource
    except ImportError:  # Windows
        return 0.0
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def warnings_for(X: Array, config: Config) -> list[str]:
    """In which ways X (cells x genes, log expression) is unlike the data of the tests."""
    n_cells, n_genes = X.shape
    found = []
    sizes = {"cells": n_cells, "genes": n_genes, "zeros": float((X == 0).mean())}
    for name, value in sizes.items():
        low, high = TESTED[name]
        if not low <= value <= high:
            form = ".0%" if name == "zeros" else ".0f"
            found.append(f"{value:{form}} {name}: the tests had {low:{form}} to {high:{form}}")
    if n_cells < config.batch_size:
        found.append(f"{n_cells} cells are fewer than a batch of {config.batch_size}")
    if n_cells < n_genes / 10:
        found.append(f"{n_genes / n_cells:.0f} genes for each cell: expect unstable edges")
    return found


def edge_stability(result: Result, top: int = 1000) -> pd.DataFrame:
    """The ensemble's `top` edges with the share of single members that rank them in their top too.

    Columns TF, target, importance, in_top (0 to 1), rank_low and rank_high over the members.
    """
    edges = result.edges()
    best = edges.head(top).reset_index(drop=True)
    places = [
        edge_table(np.abs(W), result.genes, result.tfs)
        .reset_index(drop=True)
        .reset_index(names="rank")
        .set_index(["TF", "target"])["rank"]
        for W in result.Ws
    ]
    at = pd.MultiIndex.from_frame(best[["TF", "target"]])
    ranks = np.stack([place.reindex(at).to_numpy() for place in places]) + 1  # members x edges
    best["in_top"] = (ranks <= len(best)).mean(axis=0)
    best["rank_low"], best["rank_high"] = ranks.min(axis=0), ranks.max(axis=0)
    return best


def stability(result: Result, top: int = 1000) -> dict[str, float]:
    """Mean share of common edges among the `top` of two members, beside that of chance.

    `shared` is NaN for one member: nothing can be said then.
    """
    tops = []
    for W in result.Ws:
        edges = edge_table(np.abs(W), result.genes, result.tfs).head(top)
        edges = edges[edges["importance"] > 0]  # tied zeros lie in the order of the genes
        tops.append(set(zip(edges["TF"], edges["target"])))
    pairs = [len(a & b) / max(len(a), len(b), 1) for a, b in combinations(tops, 2)]
    return {
        "top": float(max(map(len, tops))),
        "shared": float(np.mean(pairs)) if pairs else float("nan"),
        "chance": max(map(len, tops)) / len(result.edges()),
    }
