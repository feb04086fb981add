"""What an expression matrix shows: an order of its cells, its main axis, and genes along it."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from anndata import AnnData

from deepsem_minimal.preprocess import standardise


class Order(NamedTuple):
    """Cells in an order, and each gene's correlation with it."""

    name: str  # "pseudotime", or "PC 1" where the data have none
    time: np.ndarray  # (cells,)
    with_gene: np.ndarray  # (genes,) correlation, 0 for a constant gene


def size(adata: AnnData) -> dict[str, Any]:
    """Cells, genes, TFs, share of zeros and candidate edges (each TF with each other gene)."""
    n_tfs = int(adata.var["tf"].sum())
    edges = n_tfs * (adata.n_vars - 1)
    return {
        "name": adata.uns["source"]["name"], "cells": adata.n_obs, "genes": adata.n_vars,
        "tfs": n_tfs, "zeros": float((np.asarray(adata.X) == 0).mean()),
        "others": adata.n_vars - 1, "edges": edges, "each": edges / adata.n_obs,
    }  # fmt: skip


def main_axis(X: np.ndarray) -> tuple[np.ndarray, float]:
    """First principal component of standardised X (cells x genes), and its share of variance."""
    parts = np.linalg.svd(standardise(X).X, full_matrices=False)
    return parts.U[:, 0] * np.sqrt(len(X)), float(parts.S[0] ** 2 / np.sum(parts.S**2))


def order_of(adata: AnnData) -> Order:
    """Cells by pseudotime; simulated cells have none, and the main axis stands in for it."""
    X = np.asarray(adata.X)
    known = "pseudotime_1" in adata.obs
    time = adata.obs["pseudotime_1"].to_numpy() if known else main_axis(X)[0]
    return Order("pseudotime" if known else "PC 1", time, correlations(time, X))


def correlations(values: np.ndarray, X: np.ndarray) -> np.ndarray:
    """Pearson r of values (cells,) with each column of X (cells x genes); 0 for a constant one."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.nan_to_num([np.corrcoef(values, x)[0, 1] for x in X.T])


def telling_genes(adata: AnnData, order: Order) -> pd.DataFrame:
    """Expression of three genes: that rises most, that falls most, and the TF that varies most."""
    sd = pd.Series(np.asarray(adata.X).std(axis=0), adata.var_names)
    trend = sd * order.with_gene  # covariance, up to a factor
    ends = [trend.idxmax(), trend.idxmin()]
    of_tfs = sd[adata.var["tf"].to_numpy() & ~sd.index.isin(ends)]
    return adata.to_df()[[*ends, of_tfs.idxmax()]]


def hours_of(adata: AnnData) -> pd.Series:
    """When each cell was taken, read off its name (LPS_4h...); "cells" where names say nothing."""
    hours = pd.Series(adata.obs_names).str.extract(r"LPS_(\d)h", expand=False)
    return (hours + " h").fillna("cells")


def depth_table(adata: AnnData, order: Order) -> pd.DataFrame:
    """What the order and the main axis have to do with a cell's zeros, a stand-in for depth."""
    X = np.asarray(adata.X)
    zeros = (X == 0).sum(axis=1)
    axis, share = main_axis(X)
    axes = {order.name: order.time, "first principal component": axis}
    rows = {
        name: {
            "|r| with a cell's number of zeros": f"{abs(np.corrcoef(values, zeros)[0, 1]):.2f}",
            "genes against the others": f"{minority(correlations(values, X))} of {adata.n_vars}",
        }
        for name, values in axes.items()
    }
    rows["first principal component"]["share of all variance"] = f"{share:.0%}"
    return pd.DataFrame(rows).T.fillna("–")


def minority(signed: np.ndarray) -> int:
    """How many values have the rarer sign."""
    return int(min((signed < 0).sum(), (signed > 0).sum()))
