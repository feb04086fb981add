"""Ridge regression on the TFs: what a linear model of each gene finds, in closed form.

Each gene is regressed on all TFs but itself. A correlation counts every path between two genes; a
regression keeps what is left of a TF when all other TFs are known, so that an indirect path ranks
low. The penalty keeps apart what few cells cannot tell apart (Hoerl & Kennard, Technometrics 1970,
doi 10.1080/00401706.1970.10488634). Genes are standardised, coefficients are signed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from .common import matrix_and_tfs, only_tfs, standardise

PENALTY = 0.1  # on the scale of a correlation


def infer(
    X: np.ndarray, genes: Sequence[str], tfs: Iterable[str], seed: int = 0, penalty: float = PENALTY
) -> np.ndarray:
    """W[target, regulator] = coefficient of the TF. Deterministic: `seed` has no effect."""
    X, is_tf = matrix_and_tfs(X, genes, tfs)
    Z = standardise(X)
    return of_correlations(Z.T @ Z / len(Z), is_tf, penalty)


def of_correlations(r: np.ndarray, is_tf: np.ndarray, penalty: float = PENALTY) -> np.ndarray:
    """The coefficients (genes x genes) from the correlations r of all genes; penalty > 0.

    Of a gene that is no TF they are (r_TT + λI)⁻¹ r_T. Of a TF they follow without another
    inversion: with P the inverse above, the row of the regression on all others is -P_j. / P_jj.
    """
    tfs = np.flatnonzero(is_tf)
    W = np.zeros_like(r)
    W[:, tfs] = on_tfs(r[:, tfs], tfs, penalty)
    return only_tfs(W, is_tf)


def on_tfs(r: np.ndarray, tfs: np.ndarray, penalty: float = PENALTY) -> np.ndarray:
    """`of_correlations` from the columns of the TFs alone (genes x TFs); `tfs` are their rows."""
    P = np.linalg.inv(r[tfs] + penalty * np.eye(len(tfs)))
    W = r @ P
    W[tfs] = -P / np.diag(P)[:, None]
    W[tfs, np.arange(len(tfs))] = 0
    return W
