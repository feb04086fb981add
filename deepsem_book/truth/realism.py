"""Is the simulator like real cells? Statistics of a matrix that say so, real beside simulated."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.floating]
DATA = ("beeline/mESC-500", "beeline/hHEP-1000", "beeline/mDC-1000", "zeisel", "baron", "cbmc",
        "papalexi")  # fmt: skip
REAL = "real"
SIMULATED: dict[str, dict[str, Any]] = {
    "base": {}, "six types": {"n_types": 6}, "depth left in": {"normalised": False},
}  # fmt: skip
BINS = 12  # of genes, by their mean
LEVELS = np.linspace(0.01, 0.99, 15)  # quantiles


def statistics_of(X: Array) -> dict[str, float]:
    """What a matrix of log expression X (cells x genes, 0 = not seen) is like; NaN-free.

    zeros             share of the entries
    zeros_on_mean     Spearman correlation over genes of the share of zeros with the mean
    mean_sd           sd over genes of the mean of log expression
    gene_sd           median over genes of the sd of log expression
    sd_on_mean        Spearman correlation over genes of sd with mean
    depth_cv          coefficient of variation over cells of the number of genes seen
    r_mean, r_sd      mean and sd of the Pearson correlations between genes
    r_95              95 % quantile of |r|
    negative          share of r < 0
    first, ten        share of the variance of standardised genes in 1 and in 10 eigenvectors
    rank              (Σλ)² / Σλ² of the correlation matrix: how many directions there are
    """
    X = np.asarray(X, dtype=float)
    X = X[:, X.std(axis=0) > 0]
    mean, sd, zero = X.mean(axis=0), X.std(axis=0), X == 0
    R = np.asarray(np.corrcoef(X, rowvar=False))
    r = R[np.triu_indices(len(R), 1)]
    values = np.linalg.eigvalsh(R)[::-1]
    detected = (~zero).sum(axis=1)
    missing = zero.mean(axis=0)
    return {
        "cells": len(X),
        "genes": X.shape[1],
        "zeros": zero.mean(),
        "zeros_on_mean": rank_correlation(missing, mean),
        "mean_sd": mean.std(),
        "gene_sd": np.median(sd),
        "sd_on_mean": rank_correlation(sd, mean),
        "depth_cv": detected.std() / detected.mean(),
        "r_mean": r.mean(),
        "r_sd": r.std(),
        "r_95": np.quantile(np.abs(r), 0.95),
        "negative": (r < 0).mean(),
        "first": values[0] / values.sum(),
        "ten": values[:10].sum() / values.sum(),
        "rank": values.sum() ** 2 / (values**2).sum(),
    }


def rank_correlation(a: Array, b: Array) -> float:
    """Spearman's; 0 where one of the two does not vary."""
    return float(stats.spearmanr(a, b)[0]) if np.ptp(a) > 0 and np.ptp(b) > 0 else 0.0


def curves_of(X: Array) -> pd.DataFrame:
    """Five curves (columns curve, x, y) of a matrix as in `statistics_of`.

    zeros        medians of BINS equal groups of genes: mean of log expression, share of zeros
    sd           the same groups: mean, sd of log expression
    depth        quantiles over cells: level, genes seen by their mean
    eigenvalues  number k, share of the variance in the k-th eigenvector of the correlations
    correlation  quantiles over pairs of genes: level, r
    """
    X = np.asarray(X, dtype=float)
    X = X[:, X.std(axis=0) > 0]
    mean, zero = X.mean(axis=0), X == 0
    R = np.asarray(np.corrcoef(X, rowvar=False))
    values = np.linalg.eigvalsh(R)[::-1]
    detected = (~zero).sum(axis=1)
    k = np.unique(np.geomspace(1, len(values), 15).astype(int))
    groups = np.array_split(np.argsort(mean), min(BINS, len(mean)))

    def medians(of_gene: Array) -> list[float]:
        return [float(np.median(of_gene[group])) for group in groups]

    curves = {
        "zeros": (medians(mean), medians(zero.mean(axis=0))),
        "sd": (medians(mean), medians(X.std(axis=0))),
        "depth": (LEVELS, np.quantile(detected / detected.mean(), LEVELS)),
        "eigenvalues": (k, values[k - 1] / values.sum()),
        "correlation": (LEVELS, np.quantile(R[np.triu_indices(len(R), 1)], LEVELS)),
    }
    return pd.concat(
        pd.DataFrame({"curve": name, "x": x, "y": y}) for name, (x, y) in curves.items()
    )


def comparison(matrices: Mapping[str, Array]) -> pd.DataFrame:
    """One row a matrix, real or simulated, with its `statistics_of`."""
    return pd.DataFrame({name: statistics_of(X) for name, X in matrices.items()}).T


def beside(statistics: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Statistics (`names`: column, words) of each real matrix beside its simulated ones."""
    wide = statistics.pivot(index="data", columns="matrix", values=list(names))
    wide = wide.reindex(DATA)[[(name, m) for name in names for m in (REAL, *SIMULATED)]]
    return wide.rename(columns=dict(names), level=0)
