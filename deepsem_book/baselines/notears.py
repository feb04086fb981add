"""NOTEARS: the linear SEM without loops (Zheng et al., NeurIPS 2018), on standardised genes.

All genes are regulators in the fit, because a loop may pass through any of them; columns of genes
that are not TFs are dropped afterwards. Each evaluation takes a matrix exponential of all
genes. `h_max` is where the authors' code stops; `l1` is that of their example. Their threshold on
|W| is left out: a ranking has no use for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from scipy.linalg import expm
from scipy.optimize import minimize

from .common import from_all_genes


def acyclicity(W: np.ndarray) -> tuple[float, np.ndarray]:
    """h(W) = tr exp(W∘W) - m, zero exactly without loops, and its gradient (genes x genes).

    Zheng et al., NeurIPS 2018, theorem 1.
    """
    E = expm(W * W)
    return float(np.trace(E) - len(W)), 2 * E.T * W


def notears(
    X: np.ndarray, l1: float = 0.05, h_max: float = 1e-8, max_rounds: int = 100, max_iter: int =
    1000,
) -> np.ndarray:  # fmt: skip
    """W (genes x genes) without loops: min ½‖X - X Wᵀ‖²/n + l1 ‖W‖₁ subject to h(W) = 0.

    X (cells x genes) is centred but not scaled: the answer depends on the units of the genes.
    An augmented Lagrangian (Zheng et al. 2018, algorithm 1) with L-BFGS-B inside. W is the
    difference of two non-negative matrices, which makes the L1 term smooth. Nothing is thresholded.
    """
    S, m = np.cov(X, rowvar=False, bias=True), X.shape[1]
    free = np.tile(~np.eye(m, dtype=bool).ravel(), 2)
    bounds = [(0, None) if is_free else (0, 0) for is_free in free]  # no gene regulates itself
    parts, penalty, multiplier, h = np.zeros(2 * m * m), 1.0, 0.0, np.inf

    def split(parts: np.ndarray) -> np.ndarray:
        return (parts[: m * m] - parts[m * m :]).reshape(m, m)

    def lagrangian(parts: np.ndarray) -> tuple[float, np.ndarray]:
        W = split(parts)
        B, (h, grad_h) = np.eye(m) - W, acyclicity(W)
        loss = 0.5 * np.sum((B @ S) * B) + multiplier * h + 0.5 * penalty * h * h
        grad = (-B @ S + (multiplier + penalty * h) * grad_h).ravel()
        return loss + l1 * parts.sum(), np.concatenate([grad, -grad]) + l1

    for _ in range(max_rounds):
        while True:
            new_parts = minimize(lagrangian, parts, jac=True, method="L-BFGS-B", bounds=bounds,
                             options={"maxiter": max_iter}).x  # fmt: skip
            new_h = acyclicity(split(new_parts))[0]
            if new_h <= 0.25 * h or penalty >= 1e16:
                break
            penalty *= 10
        parts, h = new_parts, new_h
        multiplier += penalty * h
        if h <= h_max or penalty >= 1e16:
            break
    return split(parts)


def infer(
    X: np.ndarray, genes: Sequence[str], tfs: Iterable[str], seed: int = 0, l1: float = 0.1, h_max:
    float = 1e-8,
) -> np.ndarray:  # fmt: skip
    """W[target, regulator], signed. Deterministic: `seed` has no effect."""
    return from_all_genes(lambda Z: notears(Z, l1, h_max), X, genes, tfs)
