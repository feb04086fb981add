"""The tables of the page's own cells: who is told from real, who copies, what chance gives."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from . import realism
from .study import Study


def scored(study: Study, drawn: Mapping[str, np.ndarray], n_trees: int) -> pd.DataFrame:
    """Every score of each simulator's cells, best AUC first (correlations of all pairs of genes).

    "auc_sd" is the sd over the five folds.
    """
    train, test, rows = study.train, study.test, {}
    for name, cells in drawn.items():
        folds, _ = realism.forest_auc(test, cells, n_trees)
        rows[name] = {
            "auc": folds.mean(), "auc_sd": folds.std(ddof=1),
            **realism.memorisation(cells, train, test), "mmd": mmd_of(train, test, cells),
            "marginal": realism.marginal_error(test, cells),
            "correlation": realism.correlation_error(test, cells),
        }  # fmt: skip
    return pd.DataFrame(rows).T.sort_values("auc")


def mmd_of(train: np.ndarray, test: np.ndarray, cells: np.ndarray) -> float:
    """`realism.mmd` of test and simulated cells in the principal components of the training."""
    _, real, simulated = realism.components(train, test, cells)
    return realism.mmd(real, simulated)


def chance_by_size(study: Study, n_splits: int = 10) -> pd.DataFrame:
    """Mean and sd of the AUC between halves of n training cells, for three numbers n (index)."""
    rows = {}
    for n in (len(study.test) // 2, len(study.test), 2 * len(study.test)):
        aucs = []
        for seed in range(n_splits):
            order = np.random.default_rng(seed).permutation(len(study.train))[:n]
            a, b = np.array_split(study.train[order], 2)
            aucs.append(realism.forest_auc(a, b, 30, seed)[0].mean())
        rows[len(order)] = {"mean": np.mean(aucs), "sd": np.std(aucs, ddof=1)}
    return pd.DataFrame(rows).T.rename_axis("cells in both halves")
