"""Rankings that need no training, from the correlations of the same cells: DeepSEM's controls.

    correlation  |r|
    corrected    |r| less what the levels of its two genes explain (`baselines.apc`)
    ridge        each gene regressed on all TFs together (`baselines.ridge`)

All three take seconds, and on known truths one of them often ranks edges better.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from deepsem_minimal.networks import edge_table, tf_mask
from deepsem_minimal.preprocess import PIECE, Array, dense

from ..baselines import apc, ridge

IN_WORDS = {
    "correlation": "a correlation",
    "corrected": "a correlation with its hubs corrected",
    "ridge": "a ridge regression on the TFs",
}
TOP = 200  # edges that the control and DeepSEM are asked to share


def correlations(X: Any) -> Array:
    """Pearson r of all genes of X (cells x genes, sparse or dense), which passes in pieces.

    Genes that do not vary have r = 0, also with themselves.
    """
    n_cells, n_genes = X.shape
    step = max(1, PIECE // n_genes)
    pieces = [slice(start, start + step) for start in range(0, n_cells, step)]
    mean = sum(dense(X[rows]).sum(axis=0, dtype=np.float64) for rows in pieces) / n_cells
    products = np.zeros((n_genes, n_genes))
    for rows in pieces:
        centred = dense(X[rows]).astype(np.float64) - mean
        products += centred.T @ centred
    sd = np.sqrt(np.diag(products) / n_cells)
    scale = np.divide(1, sd, out=np.zeros_like(sd), where=sd > 1e-6 * np.maximum(mean, 1))
    return products / n_cells * scale * scale[:, None]


def scores(method: str, r: Array, is_tf: Array) -> Array:
    """Signed scores [target, regulator] of one of IN_WORDS from the correlations r."""
    if method == "ridge":
        return ridge.of_correlations(r, is_tf)
    return r if method == "correlation" else apc.shifted(apc.corrected(np.abs(r))) * np.sign(r)


def edges(
    method: str, r: Array, genes: Sequence[str], tfs: Iterable[str] | None = None
) -> pd.DataFrame:
    """TF, target, importance, sign of one of IN_WORDS, most important first (`Result.edges`)."""
    is_tf = np.ones(len(genes), bool) if tfs is None else tf_mask(genes, tfs)
    return edge_table(scores(method, r, is_tf), genes, tfs, signed=True)


def beside(
    network: pd.DataFrame, r: Array, genes: Sequence[str], method: str = "corrected"
) -> dict[str, Any]:
    """How much of a network (`Result.edges`) a control of the same cells already says.

    rank     Spearman correlation of the two scores over all edges
    shared   share of the first `top` edges in common, and `chance` that of two random lists
    sign     share of the first `top` edges with the sign of the control, NaN without signs
    Rank and shared near 1: DeepSEM says little else. Near 0: it says something that the control
    does not support, which asks for an explanation.
    """
    theirs = of_edges(network, scores(method, r, tf_mask(genes, network["TF"].unique())), genes)
    top = min(TOP, len(network) // 2)
    first = set(np.argsort(-np.abs(theirs), kind="stable")[:top].tolist())
    same = network["sign"] == np.sign(theirs) if "sign" in network else None
    return {
        "method": method,
        "rank": float(stats.spearmanr(network["importance"], np.abs(theirs))[0]),
        "shared": len(first & set(range(top))) / top,
        "chance": top / len(network),
        "sign": float("nan") if same is None else float(same[:top].mean()),
        "top": top,
    }


def of_edges(network: pd.DataFrame, matrix: Array, genes: Sequence[str]) -> Array:
    """The entries of a matrix [target, regulator] at the edges of a table."""
    index = pd.Index(genes)
    return np.asarray(
        matrix[index.get_indexer(network["target"]), index.get_indexer(network["TF"])]
    )


def with_ranks(network: pd.DataFrame, control: pd.DataFrame) -> pd.DataFrame:
    """The network with the column `control`: the place (from 1) of its edges in the control's."""
    place = pd.Series(
        np.arange(1, len(control) + 1), pd.MultiIndex.from_frame(control[["TF", "target"]])
    )
    at = pd.MultiIndex.from_frame(network[["TF", "target"]])
    ranked = network.assign(control=place.reindex(at).to_numpy())
    ranked.attrs = dict(network.attrs)
    return ranked


def in_words(control: dict[str, Any]) -> str:
    """`beside` as a sentence."""
    signs = "" if np.isnan(control["sign"]) else f"; signs agree for {control['sign']:.0%}"
    return (
        f"control: {IN_WORDS[control['method']]} has {control['shared']:.0%} of the first "
        f"{control['top']:.0f} edges too (chance {control['chance']:.1%}; rank correlation of all "
        f"edges {control['rank']:.2f}{signs}): only the rest is what the network adds"
    )
