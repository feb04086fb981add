"""ppcor: rank correlation of two genes after removing what all other genes explain.

Kim, Commun. Stat. Appl. Methods 2015, doi 10.5351/CSAM.2015.22.6.665. As BEELINE runs it: Spearman
(covariance of ranks), inverse of the covariance matrix, Moore-Penrose inverse where it is singular
(R: MASS::ginv with tolerance sqrt(machine epsilon)), edges with p > 0.01 set to 0.

Deviation: with p genes and n <= p cells the t statistic has no degrees of freedom (n - p). R
returns NaN there and BEELINE's parser then drops every edge; here all edges keep their estimate.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from scipy.stats import rankdata, t

from .common import matrix_and_tfs, only_tfs, spread, varying


def infer(
    X: np.ndarray, genes: Sequence[str], tfs: Iterable[str], seed: int = 0, p_cutoff: float = 0.01,
) -> np.ndarray:  # fmt: skip
    """W[target, regulator] = signed partial rank correlation, 0 where p > p_cutoff.

    The conditioning set is all other genes, TFs or not. Deterministic: `seed` has no effect.
    """
    X, is_tf = matrix_and_tfs(X, genes, tfs)
    kept = varying(X)
    r, p = partial_correlation(rankdata(X[:, kept], axis=0))
    significant = np.isnan(p) | (p <= p_cutoff)
    return only_tfs(spread(np.where(significant, r, 0.0), kept), is_tf)


def partial_correlation(X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Partial correlations of the columns given all others, and two-sided p values.

    X: cells x genes without constant columns. Both results are genes x genes; the diagonal of r
    is 1, p is NaN on the diagonal and everywhere when cells <= genes.
    """
    n_cells, n_genes = X.shape
    covariance = np.cov(X, rowvar=False).reshape(n_genes, n_genes)
    tolerance = np.sqrt(np.finfo(float).eps)
    precision = np.linalg.pinv(covariance, rcond=tolerance, hermitian=True)
    scale = np.sqrt(np.diag(precision))
    r = np.clip(-precision / np.outer(scale, scale), -1.0, 1.0)
    np.fill_diagonal(r, 1.0)

    p = np.full_like(r, np.nan)
    degrees = n_cells - n_genes  # n - 2 - (genes - 2) conditioning variables
    if degrees > 0:
        off = ~np.eye(n_genes, dtype=bool)
        with np.errstate(divide="ignore"):  # |r| = 1 gives an infinite statistic, p = 0
            statistic = r[off] * np.sqrt(degrees / (1 - r[off] ** 2))
        p[off] = 2 * t.sf(np.abs(statistic), degrees)
    return r, p
