"""SCODE: the linear ODE dx/dt = A x that explains expression along pseudotime; |A| is the network.

Matsumoto et al., Bioinformatics 2017, doi 10.1093/bioinformatics/btx194. Expression is modelled as
x(t) = V z(t) with D exponentials z_d(t) = exp(b_d t); the rates b are found by random search (one
rate redrawn per iteration, kept when the residual falls), V by least squares, and
A = V diag(b) V^+. Rates lie in [-10, 2], time is divided by its maximum. D = 10, 1000 iterations
and the mean A of 6 repetitions are BEELINE's settings.

A[i, j] is the effect of gene j on gene i, hence W = A. BEELINE's parser reads the rows of A as
regulators, which scores the transposed network; that is not repeated here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from .common import lineages, matrix_and_tfs, only_tfs, spread, strongest, varying

RATES = (-10.0, 2.0)
JITTER = 0.001  # uniform noise on z keeps close rates from making the regression singular


def infer(
    X: np.ndarray, genes: Sequence[str], tfs: Iterable[str], seed: int = 0, pseudotime: np.ndarray |
    None = None, n_rates: int = 10, n_iterations: int = 1000, n_repeats: int = 6,
) -> np.ndarray:  # fmt: skip
    """W[target, regulator] = mean A (signed), the strongest of the lineages.

    pseudotime: cells x lineages, NaN = cell not in the lineage (see `common.lineages` for errors).
    """
    X, is_tf = matrix_and_tfs(X, genes, tfs)
    rng = np.random.default_rng(seed)
    per_lineage = []
    for cells, times in lineages(pseudotime, len(X), "SCODE"):
        kept = varying(X[cells])
        expression = X[np.ix_(cells, kept)]
        since_start = times - min(times[0], 0.0)
        clock = since_start / since_start[-1]
        repeats = [fit_ode(expression, clock, n_rates, n_iterations, rng) for _ in range(n_repeats)]
        per_lineage.append(spread(np.mean(repeats, axis=0), kept))
    return only_tfs(strongest(per_lineage), is_tf)


def fit_ode(
    X: np.ndarray, t: np.ndarray, n_rates: int, n_iterations: int, rng: np.random.Generator
) -> np.ndarray:
    """A (genes x genes) of dx/dt = A x for cells x genes X at times t in [0, 1]."""

    def waves(rates: np.ndarray) -> np.ndarray:  # (cells, rates)
        exact = np.exp(np.outer(t, rates))
        return exact + rng.uniform(-JITTER, JITTER, size=exact.shape)

    rates = rng.uniform(*RATES, size=n_rates)
    best = -np.inf
    for _ in range(n_iterations - 1):
        proposal = rates.copy()
        proposal[rng.integers(n_rates)] = rng.uniform(*RATES)
        Q = np.linalg.qr(waves(proposal))[0]
        explained = np.sum((Q.T @ X) ** 2)  # total sum of squares minus the residual's
        if explained > best:
            best, rates = explained, proposal
    V = np.linalg.lstsq(waves(rates), X, rcond=None)[0].T  # (genes, rates)
    return V @ np.diag(rates) @ np.linalg.pinv(V, rcond=np.sqrt(np.finfo(float).eps))
