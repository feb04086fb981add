"""Correlation with its hubs corrected: the control in closed form for a method with a model.

A gene that correlates with everything, for one because it follows how much RNA of a cell was
caught, fills the head of a list of correlations. The average product correction (APC) takes out
what the two genes' own levels explain. For a similarity c (genes x genes, symmetric),

    apc_ij = c_ij - c_i. c_.j / c_..                                        (i and j differ)

c_i. is the mean of c_ij over the other genes j, c_.. the mean over all pairs of different genes: a
gene's similarity to itself is left out of both. All genes that vary enter the means; columns of
genes that are no TF are dropped afterwards.

c_i. c_.j / c_.. is what is expected of genes that differ in their level alone: the one similarity
that is a product of a number for each gene and has these means.

`infer` corrects |r|, `squared` corrects r^2. What is below its expectation comes out negative, and
edge tables rank by absolute value: W is shifted so that its smallest entry is 0, which changes no
rank. W has no sign of regulation and, up to the TF columns, is symmetric. `after` does the same to
the finished W of any method.

Dunn, Wahl & Gloor, Bioinformatics 2008, doi 10.1093/bioinformatics/btm604 (there for mutual
information of positions in a protein). Older and alike: CLR, Faith et al., PLoS Biol. 2007,
doi 10.1371/journal.pbio.0050008, which compares an entry with mean and sd of its row and column.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from deepsem_minimal.networks import product_corrected

from .common import from_all_genes


def infer(X: np.ndarray, genes: Sequence[str], tfs: Iterable[str], seed: int = 0) -> np.ndarray:
    """W[target, regulator] = |r| after APC, shifted to a minimum of 0. `seed` has no effect."""
    return from_all_genes(lambda Z: shifted(corrected(np.abs(Z.T @ Z / len(Z)))), X, genes, tfs)


def squared(X: np.ndarray, genes: Sequence[str], tfs: Iterable[str], seed: int = 0) -> np.ndarray:
    """W[target, regulator] = r^2 after APC, shifted to a minimum of 0. `seed` has no effect."""
    return from_all_genes(lambda Z: shifted(corrected((Z.T @ Z / len(Z)) ** 2)), X, genes, tfs)


def corrected(c: np.ndarray) -> np.ndarray:
    """APC of a symmetric similarity c >= 0 (k x k); its diagonal is not used, and 0 in the result.

    Similarities that are all 0 stay so, as does a single gene.
    """
    others = c - np.diag(np.diag(c))
    sums = others.sum(axis=0)
    if not (total := sums.sum()):
        return np.zeros_like(others)
    k = len(c)
    # mean_i mean_j / mean = [s_i / (k - 1)] [s_j / (k - 1)] / [total / (k (k - 1))]
    apc = others - np.outer(sums, sums) * k / ((k - 1) * total)
    np.fill_diagonal(apc, 0.0)
    return apc


def after(W: np.ndarray, is_tf: np.ndarray) -> np.ndarray:
    """APC of the finished W[target, regulator] of a method, with the means of |W| over candidates.

    Candidates are the pairs of a TF (`is_tf`: genes,) and another gene. All other entries are 0,
    and so is the smallest candidate. A W that is 0 throughout stays so.
    """
    candidates = np.where(np.eye(len(W), dtype=bool), np.nan, np.abs(W))[:, is_tf]
    apc = product_corrected(candidates)
    scores = np.zeros(W.shape)
    scores[:, is_tf] = np.nan_to_num(apc - np.nanmin(apc))
    return scores


def shifted(scores: np.ndarray) -> np.ndarray:
    """Scores (k x k) less the smallest one off the diagonal; a single gene has none."""
    pairs = scores[~np.eye(len(scores), dtype=bool)]
    return scores - pairs.min() if len(pairs) else scores
