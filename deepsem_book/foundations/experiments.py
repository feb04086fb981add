"""The experiments of chapter 2: what more cells buy, which way edges point, and the race."""

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

from deepsem_minimal import sem
from deepsem_minimal.config import Config
from deepsem_minimal.preprocess import standardise
from deepsem_minimal.train import train

from ..known_truth import auprc, right_way

LINKED, WAY = "which pairs are linked", "which way they point"
SIMULATED, UNIT = "as simulated", "variance 1"
# Ledger 6, 9, 11: what the presets' hundreds of genes need is not what 50 need (chapter 4).
FEW_GENES = Config(W_init="safe", alpha=0.5, lr_W=4e-4, n_epochs=46)


def more_cells(sizes: Iterable[int], n_networks: int = 5) -> pd.DataFrame:
    """A linear SEM fitted to ever more cells: columns cells, scale, question, value.

    20 genes with two regulators each; "value" is the AUPRC of linked pairs, whichever way, or the
    share of true edges that weigh more than their reverse.
    """
    rows = []
    for n_cells in sizes:
        for seed in range(n_networks):
            truth = sem.random_network(20, seed=seed)
            X = sem.simulate_linear(truth, n_cells, seed=seed)
            for scale, Y in ((SIMULATED, X), (UNIT, X / X.std(axis=0))):
                W = sem.fit_linear_sem(Y, n_steps=300)
                pairs = auprc(np.maximum(np.abs(W), np.abs(W.T)), truth + truth.T)
                way = right_way(W, truth)
                rows += [(n_cells, scale, LINKED, pairs), (n_cells, scale, WAY, way)]
    return pd.DataFrame(rows, columns=["cells", "scale", "question", "value"])


def undoing(seed: int = 0) -> pd.Series:
    """AUPRC of the linear SEM on exponentiated cells, as seen and after the logarithm."""
    truth = sem.random_network(50, n_tfs=10, seed=seed)
    X = np.exp(sem.simulate_linear(truth, 600, seed=seed))
    fits = {"X, as seen": X, "f₂(X), undone": np.log(X)}
    values = {
        name: auprc(sem.fit_linear_sem(standardise(Y).X, n_steps=300), truth, 10)
        for name, Y in fits.items()
    }
    return pd.Series(values, name="AUPRC of the linear SEM")


def answer(more: pd.DataFrame, undone: pd.Series) -> dict[str, float]:
    """The numbers of chapter 2's answer, from `more_cells` and `undoing`."""
    most = more[more["cells"] == more["cells"].max()]
    mean = most.groupby(["question", "scale"])["value"].mean()
    seen, logged = undone
    return {
        "cells": int(more["cells"].max()), "pairs": mean[LINKED, UNIT], "way": mean[WAY, UNIT],
        "way_simulated": mean[WAY, SIMULATED], "seen": seen, "logged": logged,
    }  # fmt: skip


Simulator = Callable[[np.ndarray, int], np.ndarray]  # W, seed -> cells x genes
WORLDS: dict[str, Simulator] = {
    "mild: saturation and zeros": lambda W, seed: sem.simulate_nonlinear(W, 600, 0.5, seed),
    "strong: logarithm forgotten": lambda W, seed: np.exp(sem.simulate_linear(W, 600, seed=seed)),
}


def race(seeds: Iterable[int], n_epochs: int) -> pd.DataFrame:
    """AUPRC of four rankings on simulated networks: columns cells, seed, method, value.

    50 genes, 10 of them TFs, 600 cells; all rankings see the same standardised matrix.
    """
    config, rows = Config(**(vars(FEW_GENES) | {"n_epochs": n_epochs})), []
    for seed in seeds:
        truth = sem.random_network(50, n_tfs=10, seed=seed)
        for world, simulate in WORLDS.items():
            cells = standardise(simulate(truth, seed))
            scores = {
                "random": np.random.default_rng(seed).random(truth.shape),
                "Pearson |r|": np.corrcoef(cells.X.T),
                "linear SEM": sem.fit_linear_sem(cells.X, alpha=0.02, n_steps=300),
                "DeepSEM": train(cells, config, seed).W,
            }
            rows += [(world, seed, name, auprc(W, truth, 10)) for name, W in scores.items()]
    return pd.DataFrame(rows, columns=["cells", "seed", "method", "value"])


def gains(table: pd.DataFrame) -> pd.DataFrame:
    """`race` by kind of cells: mean AUPRC of each ranking, and DeepSEM less the linear SEM.

    The last columns: its mean ± sd over networks, and on how many DeepSEM is the better one.
    """
    rows = {}
    for world, part in table.groupby("cells", sort=False):
        wide = part.pivot(index="seed", columns="method", values="value")
        gap = wide["DeepSEM"] - wide["linear SEM"]
        means = {name: f"{wide[name].mean():.2f}" for name in table["method"].unique()}
        rows[world] = means | {
            "DeepSEM − linear SEM": f"{gap.mean():+.3f} ± {gap.std():.3f}",
            "DeepSEM better on": f"{(gap > 0).sum()} of {len(gap)}",
        }
    return pd.DataFrame(rows).T
