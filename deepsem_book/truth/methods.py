"""The methods that are judged on known truths, each a function of simulated cells to a signed W.

Every method takes (data, seed) and returns [target, regulator] (genes x genes); what it says of
genes that are no TF is not judged.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from deepsem_book.baselines.hub_corrected import corrected_correlation
from deepsem_minimal.baselines import grnboost2, regdiffusion
from deepsem_minimal.sem import fit_linear_sem

from .simulator import Simulated

Array = NDArray[np.floating]
Method = Callable[[Simulated, int], Array]


def standardised(X: Array) -> Array:
    """Genes to mean 0 and variance 1; a gene that does not vary to 0."""
    sd = X.std(axis=0)
    return np.where(sd > 0, (X - X.mean(axis=0)) / np.where(sd > 0, sd, 1), 0)


def correlation(data: Simulated, seed: int = 0) -> Array:
    Z = standardised(data.X)
    return Z.T @ Z / len(Z)


def corrected(data: Simulated, seed: int = 0) -> Array:
    return corrected_correlation(data.X)


def ridge(data: Simulated, seed: int = 0, penalty: float = 0.1) -> Array:
    """Each gene regressed on all other TFs: (S + λI)⁻¹ s on standardised genes."""
    Z = standardised(data.X)
    S, n = Z.T @ Z / len(Z), data.n_tfs
    W = np.zeros_like(S)
    W[:, :n] = np.linalg.solve(S[:n, :n] + penalty * np.eye(n), S[:n]).T
    for tf in range(n):  # of a TF all TFs but itself
        others = np.delete(np.arange(n), tf)
        inner = S[np.ix_(others, others)] + penalty * np.eye(n - 1)
        W[tf, :n] = 0
        W[tf, others] = np.linalg.solve(inner, S[others, tf])
    return W


def linear_sem(data: Simulated, seed: int = 0) -> Array:
    return fit_linear_sem(standardised(data.X), alpha=0.1, n_steps=100)


def names(data: Simulated) -> list[str]:
    return [f"G{i}" for i in range(data.X.shape[1])]


def boosting(data: Simulated, seed: int = 0) -> Array:
    """GRNBoost2; its importances have no sign, so it is that of the correlation."""
    found = grnboost2.infer(data.X, names(data), names(data)[: data.n_tfs], seed, max_trees=500)
    return found * np.sign(correlation(data))


def diffusion(data: Simulated, seed: int = 0) -> Array:
    return regdiffusion.infer(data.X, names(data), names(data)[: data.n_tfs], seed)


def degrees(data: Simulated, seed: int = 0) -> Array:
    """Knows the degrees of the truth and no edge."""
    edge = (data.W != 0).astype(float)
    return np.outer(edge.sum(axis=1), edge.sum(axis=0))


def oracle(data: Simulated, seed: int = 0) -> Array:
    """A bound: is a pair an edge, given depth, cell types and all other edges of the target?

    The log likelihood ratio of two Gaussian regressions of the target, with the candidate and
    without, on its true other regulators, log depth and cell types; signed as the coefficient.
    """
    Z, n = standardised(data.X), data.n_tfs
    types = (data.types[:, None] == np.unique(data.types)).astype(float)
    nuisance = np.c_[types, standardised(np.log(data.depth))]
    ratio = np.zeros_like(data.W)
    for target in range(len(data.W)):
        regulators = np.flatnonzero(data.W[target])
        for tf in range(n):
            if tf == target:
                continue
            known = np.c_[nuisance, Z[:, regulators[regulators != tf]]]
            Q = np.linalg.qr(known)[0]
            y, x = (Z[:, g] - Q @ (Q.T @ Z[:, g]) for g in (target, tf))
            r = x @ y / max(np.sqrt((x @ x) * (y @ y)), 1e-12)
            ratio[target, tf] = -0.5 * len(Z) * np.log(max(1 - r**2, 1e-12)) * np.sign(r)
    return ratio


METHODS: dict[str, Method] = {
    "correlation": correlation,
    "corrected": corrected,
    "ridge": ridge,
    "linear SEM": linear_sem,
    "GRNBoost2": boosting,
    "RegDiffusion": diffusion,
    "degrees": degrees,
    "oracle": oracle,
}
