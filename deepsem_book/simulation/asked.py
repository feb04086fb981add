"""What a regulator does: the model's answers against a known truth, and on the page's cells."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deepsem_minimal import sem
from deepsem_minimal.result import Result

from .. import datasets
from ..in_silico import knock_out, silence
from . import realism

BY_W, BY_Z, BY_R = "W: edges taken away", "z: regulator silent", "no model: -r"
SETTINGS: dict[str, Any] = {"n_cells": 1000, "dropout": 0.5}  # of the cells with a known network
# TFs of blood that the list of Lambert et al. (Cell 172:650, 2018) has, as few of BEELINE's are.
CURATED = ("SPI1", "KLF6", "FOS")
RIGHT, SIZE = "right sign", "size, of the truth"


def known_network() -> tuple[NDArray, NDArray, list[str]]:
    """W [target, regulator] of the simulated cells, their expression (cells x genes), the genes."""
    W = datasets.load("sim/nonlinear-100").varp["true_W"]
    X = sem.simulate_nonlinear(W, **SETTINGS).astype(np.float32)
    return W, X, [f"g{i}" for i in range(len(W))]


def against_truth(result: Result, W: NDArray, X: NDArray) -> pd.DataFrame:
    """Three ways to ask about each regulator of W, beside its silence in the simulation of X.

    One row per regulator and way: correlation with the truth, right sign (of the genes that do
    change), size of the truth.
    """
    r, rows = realism.correlations(X), []
    for k in map(int, np.flatnonzero((W != 0).any(0))):
        true = (sem.simulate_nonlinear(W, **SETTINGS, silent=k) - X).mean(0)
        gene = list(result.genes)[k]
        answers = {BY_W: knock_out(result, X, gene), BY_Z: silence(result, X, gene), BY_R: -r[k]}
        rows += [{"way": way} | beside_truth(change, true, k) for way, change in answers.items()]
    return pd.DataFrame(rows)


def beside_truth(change: NDArray, true: NDArray, k: int) -> dict[str, float]:
    """A predicted change of each gene (genes,) beside the true one when gene k is silent."""
    rest = np.delete(np.arange(len(true)), k)
    below = rest[np.abs(true[rest]) > 1e-6]
    return {
        "correlation with the truth": np.corrcoef(change[rest], true[rest])[0, 1],
        RIGHT: (np.sign(change[below]) == np.sign(true[below])).mean(),
        SIZE: np.abs(change[below]).max() / np.abs(true[below]).max(),
    }


def medians(by_regulator: pd.DataFrame) -> pd.DataFrame:
    """Medians of `against_truth` over the regulators, by way."""
    table = by_regulator.groupby("way", sort=False).median()
    table.loc[BY_R, SIZE] = np.nan  # r has no unit of expression
    return table


# --- on the cells of the page ---------------------------------------------------------------------


def regulators(result: Result, n: int = 3) -> list[str]:
    """CURATED regulators among the genes; where there is none, the n with the largest total |W|."""
    total = pd.Series(np.abs(result.Ws[0]).sum(0), list(result.genes))
    return [gene for gene in CURATED if gene in total.index] or list(total.nlargest(n).index)


def emptied(result: Result) -> pd.Series:
    """What is left of W: mean |W|, its start, and one step of its optimiser."""
    W, config = np.abs(result.Ws[0]), result.config
    start = (0.5 if config.W_init == "safe" else 1) / (len(W) - 1)  # ledger 9
    return pd.Series({"mean |W|": W.mean(), "start": start, "one step": config.lr_W}, name="W")


def changes(result: Result, expression: pd.DataFrame, gene: str) -> pd.DataFrame:
    """Changes of the other genes when `gene` is silent by two members (0, 1), and minus_r.

    `expression` (cells x genes) has the genes of the result.
    """
    X = expression.to_numpy()
    by_member = {member: silence(result, X, gene, member) for member in (0, 1)}
    table = pd.DataFrame(by_member, index=expression.columns).drop(gene)
    r = expression[table.index].corrwith(expression[gene]).fillna(0)
    return table.assign(minus_r=-r)


def read_off(result: Result, expression: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Per regulator: do two trainings agree, does the correlation say the same, how far it goes.

    "largest change, sd": of a gene's sd between cells.
    """
    rows = {}
    for name in names:
        change = changes(result, expression, name)
        sd = expression[change.index].std().replace(0, np.inf)
        rows[name] = {
            "r of two trainings": change[0].corr(change[1]),
            "rank r with -r": change[0].corr(change["minus_r"], method="spearman"),
            "genes that rise": (change[0] > 0).mean(),
            "genes with -r above 0": (change["minus_r"] > 0).mean(),
            "largest change, sd": (change[0].abs() / sd).max(),
        }
    return pd.DataFrame(rows).T.rename_axis("silent regulator")
