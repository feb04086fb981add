"""The methods that are judged on known truths, each a function of simulated cells to a signed W.

Every method takes (data, seed) and returns [target, regulator] (genes x genes); what it says of
genes that are no TF is not judged.
"""

from collections.abc import Callable, Sequence

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
    Z, tfs = standardised(data.X), np.arange(data.n_tfs)
    types = (data.types[:, None] == np.unique(data.types)).astype(float)
    nuisance = np.c_[types, standardised(np.log(data.depth)[:, None])]
    r = np.zeros_like(data.W)
    for target in range(len(data.W)):
        regulators = np.flatnonzero(data.W[target])
        others = np.setdiff1d(tfs, [*regulators, target])
        r[target, others] = partial(Z, target, others, np.c_[nuisance, Z[:, regulators]])
        for tf in regulators:
            rest = np.setdiff1d(regulators, tf)
            r[target, tf] = partial(Z, target, [int(tf)], np.c_[nuisance, Z[:, rest]])[0]
    return -0.5 * len(Z) * np.log1p(-np.minimum(r**2, 1 - 1e-12)) * np.sign(r)


def partial(Z: Array, target: int, tfs: Sequence[int] | Array, known: Array) -> Array:
    """Correlations of the target with each TF, given the columns of `known`."""
    Q = np.linalg.qr(known)[0]
    y, x = (Z[:, genes] - Q @ (Q.T @ Z[:, genes]) for genes in ([target], tfs))
    products = (x * y).sum(axis=0)
    return np.asarray(products / np.maximum(np.sqrt((x**2).sum(axis=0) * (y**2).sum()), 1e-12))


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
