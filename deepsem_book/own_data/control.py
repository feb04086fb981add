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
from numpy.typing import NDArray
from scipy import stats

from deepsem_minimal.networks import edge_table, product_corrected, tf_mask
from deepsem_minimal.preprocess import PIECE, Array, dense

from ..baselines import apc, ridge

Places = NDArray[np.integer]
IN_WORDS = {
    "correlation": "a correlation",
    "corrected": "a correlation with its hubs corrected",
    "ridge": "a ridge regression on the TFs",
}
TOP = 200  # edges that the control and DeepSEM are asked to share


def correlations(X: Any, columns: Places | None = None) -> Array:
    """Pearson r of all genes of X (cells x genes, sparse or dense), which passes in pieces.

    With `columns` (positions of genes) only r of all genes with these: (genes, columns), for so
    many genes that all pairs have no room. Genes that do not vary have r = 0, also with themselves.
    """
    n_cells, n_genes = X.shape
    columns = np.arange(n_genes) if columns is None else columns
    step = max(1, PIECE // n_genes)
    pieces = [slice(start, start + step) for start in range(0, n_cells, step)]
    mean = sum(dense(X[rows]).sum(axis=0, dtype=np.float64) for rows in pieces) / n_cells
    products, squares = np.zeros((n_genes, len(columns))), np.zeros(n_genes)
    for rows in pieces:
        centred = dense(X[rows]).astype(np.float64) - mean
        products += centred.T @ centred[:, columns]
        squares += np.square(centred).sum(axis=0)
    sd = np.sqrt(squares / n_cells)
    scale = np.divide(1, sd, out=np.zeros_like(sd), where=sd > 1e-6 * np.maximum(mean, 1))
    products *= scale[columns] / n_cells
    products *= scale[:, None]
    return products


def scores(method: str, r: Array, is_tf: Array) -> Array:
    """Signed scores [target, regulator] of one of IN_WORDS from the correlations r.

    r is that of all genes or, with a column for each TF alone, genes x TFs: then the means of the
    correction are over these columns.
    """
    if r.shape[1] < len(r):
        return of_columns(method, r, np.flatnonzero(is_tf))
    if method == "ridge":
        return ridge.of_correlations(r, is_tf)
    return r if method == "correlation" else apc.shifted(apc.corrected(np.abs(r))) * np.sign(r)


def of_columns(method: str, r: Array, tfs: Places) -> Array:
    """`scores` from r (genes x TFs); `tfs` are the rows of the columns' genes."""
    if method == "ridge":
        return ridge.on_tfs(r, tfs)
    size, itself = np.abs(r), (tfs, np.arange(len(tfs)))
    if method == "corrected":
        size[itself] = np.nan
        size = product_corrected(size)
        size -= np.nanmin(size)
    size[itself] = 0
    return size * np.sign(r)


def edges(
    method: str, r: Array, genes: Sequence[str], tfs: Iterable[str] | None = None,
    top: int | None = None,
) -> pd.DataFrame:  # fmt: skip
    """TF, target, importance, sign of one of IN_WORDS, most important first (`Result.edges`)."""
    is_tf = np.ones(len(genes), bool) if tfs is None else tf_mask(genes, tfs)
    return edge_table(
        scores(method, r, is_tf), genes, tfs, True, regulators_of(r, genes, is_tf), top
    )


def regulators_of(r: Array, genes: Sequence[str], is_tf: Array) -> list[str]:
    """The genes of the columns of r."""
    return list(genes if r.shape[1] == len(r) else np.asarray(genes, object)[is_tf])


def beside(
    network: pd.DataFrame, r: Array, genes: Sequence[str], method: str = "corrected",
    tfs: Iterable[str] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """How much of a network (`Result.edges`) a control of the same cells already says.

    rank     Spearman correlation of the two scores over the edges of the network
    shared   share of the first `top` edges in common, and `chance` that of two random lists
    sign     share of the first `top` edges with the sign of the control, NaN without signs
    Rank and shared near 1: DeepSEM says little else. Near 0: it says something that the control
    does not support, which asks for an explanation. `tfs` are needed where the network is
    cut to its first edges; else they are the network's.
    """
    is_tf = tf_mask(genes, network["TF"].unique() if tfs is None else tfs)
    columns, S = regulators_of(r, genes, is_tf), scores(method, r, is_tf)
    theirs = of_edges(network, S, genes, columns)
    n_pairs = int(is_tf.sum()) * (len(genes) - 1)
    top = min(TOP, n_pairs // 2, len(network))
    head = edge_table(S, genes, np.asarray(genes, object)[is_tf], True, columns, top)
    first, ours = (set(zip(table["TF"][:top], table["target"][:top])) for table in (head, network))
    same = network["sign"] == np.sign(theirs) if "sign" in network else None
    return {
        "method": method,
        "rank": float(stats.spearmanr(network["importance"], np.abs(theirs))[0]),
        "shared": len(first & ours) / top,
        "chance": top / n_pairs,
        "sign": float("nan") if same is None else float(same[:top].mean()),
        "top": top,
    }


def of_edges(
    network: pd.DataFrame, matrix: Array, genes: Sequence[str], columns: Sequence[str] | None = None
) -> Array:
    """The entries of a matrix [target, regulator] at the edges of a table."""
    rows = pd.Index(genes).get_indexer(network["target"])
    at = pd.Index(genes if columns is None else columns).get_indexer(network["TF"])
    return np.asarray(matrix[rows, at])


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
