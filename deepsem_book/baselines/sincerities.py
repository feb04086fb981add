"""SINCERITIES: a regulator's change of distribution foretells the target's change one step later.

Papili Gao et al., Bioinformatics 2018, doi 10.1093/bioinformatics/btx575. Cells are cut into
pseudotime windows; d[k, g] is the Kolmogorov-Smirnov distance of gene g between windows k and
k + 1, divided by the time between them. Each target's d[k + 1] is regressed on all genes' d[k] by
ridge regression with coefficients >= 0, penalty by leave-one-out cross-validation over glmnet's
path. Signs come from the Spearman partial correlation. As BEELINE runs it: 10 windows of equal
numbers of cells, time of a window = middle of its interval, each lineage scaled to a maximum of 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from scipy.stats import rankdata

from .common import lineages, matrix_and_tfs, only_tfs, spread, standardise, strongest, varying
from .ppcor import partial_correlation

N_PENALTIES = 100  # glmnet's path


def infer(
    X: np.ndarray, genes: Sequence[str], tfs: Iterable[str], seed: int = 0, pseudotime: np.ndarray |
    None = None, n_windows: int = 10,
) -> np.ndarray:  # fmt: skip
    """W[target, regulator], signed, |W| <= 1; the strongest of the lineages.

    pseudotime: cells x lineages, NaN = cell not in the lineage (see `common.lineages` for errors).
    Raises ValueError when fewer than 5 windows differ. Deterministic: `seed` has no effect.
    """
    X, is_tf = matrix_and_tfs(X, genes, tfs)
    per_lineage = []
    for cells, times in lineages(pseudotime, len(X), "SINCERITIES"):
        kept = varying(X[cells])
        expression = X[np.ix_(cells, kept)]
        d = distances(expression, *windows(times, n_windows))
        coefficients = foretell(d[:-1], d[1:])
        sign = np.sign(partial_correlation(rankdata(expression, axis=0))[0])
        largest = coefficients.max()
        scaled = coefficients / largest if largest > 0 else coefficients
        per_lineage.append(spread(scaled * sign, kept))
    return only_tfs(strongest(per_lineage), is_tf)


def windows(times: np.ndarray, n_windows: int) -> tuple[np.ndarray, np.ndarray]:
    """(window number of each cell, middle of each window's interval); equal numbers of cells.

    Quantile edges that coincide are merged, so there can be fewer windows than asked for.
    """
    edges = np.unique(np.quantile(times, np.linspace(0, 1, n_windows + 1)))
    number = np.searchsorted(edges[1:-1], times, side="left")  # intervals are closed at the right
    used, number = np.unique(number, return_inverse=True)
    if len(used) < 5:
        raise ValueError(f"SINCERITIES: {len(used)} windows of pseudotime differ; 5 are needed")
    return number, ((edges[1:] + edges[:-1]) / 2)[used]


def distances(X: np.ndarray, number: np.ndarray, middle: np.ndarray) -> np.ndarray:
    """d (windows - 1, genes): KS distance between neighbouring windows per unit of time."""
    rows = [kolmogorov_smirnov(X[number == k], X[number == k + 1]) for k in range(len(middle) - 1)]
    return np.array(rows) / np.diff(middle)[:, None]


def kolmogorov_smirnov(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Largest gap between the empirical distribution functions, column by column."""
    both = np.concatenate([a, b])
    order = np.argsort(both, axis=0, kind="stable")
    ranked = np.take_along_axis(both, order, axis=0)
    gap = np.cumsum(np.where(order < len(a), 1 / len(a), -1 / len(b)), axis=0)
    last_of_tie = np.ones_like(gap, dtype=bool)
    last_of_tie[:-1] = np.diff(ranked, axis=0) != 0
    return np.abs(np.where(last_of_tie, gap, 0.0)).max(axis=0)


def foretell(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Coefficients [target, regulator] >= 0 of after (steps x genes) on before (steps x genes).

    The penalty of each target is the largest one with the smallest leave-one-out squared error.
    """
    n, n_genes = before.shape
    sd = after.std(axis=0)
    targets = np.flatnonzero(sd > 1e-12 * np.abs(after).max())
    strength = np.abs(standardise(before).T @ standardise(after[:, targets])).max(axis=0) / n
    ratio = 1e-2 if n < n_genes else 1e-4
    # glmnet's path for ridge starts where a mixture of 0.1 % lasso would set all to zero.
    path = strength / 1e-3 * ratio ** np.linspace(0, 1, N_PENALTIES)[:, None] * sd[targets]

    error = np.zeros_like(path)
    for left_out in range(n):
        train = np.arange(n) != left_out
        fits = ridge_path(before[train], after[np.ix_(train, targets)], path)
        for k, (intercept, slopes) in enumerate(fits):
            error[k] += (intercept + before[left_out] @ slopes - after[left_out, targets]) ** 2
    chosen = error.argmin(axis=0)  # ties: the first, largest penalty

    W = np.zeros((n_genes, n_genes))
    for k, (_, slopes) in enumerate(ridge_path(before, after[:, targets], path)):
        W[targets[chosen == k]] = slopes[:, chosen == k].T
    return W


def ridge_path(
    X: np.ndarray, Y: np.ndarray, path: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield (intercepts, slopes (predictors, targets)) for each row of penalties, slopes >= 0.

    Minimises |y - a - X s|^2 / (2 n) + penalty / (2 sd(y)) |sd(X) s|^2, glmnet's scaling.
    """
    n = len(X)
    Z, sd_x = standardise(X), X.std(axis=0)
    sd_y = Y.std(axis=0)
    varies = sd_y > 0
    target = standardise(Y)
    residual = target.copy()
    for penalties in path:
        ridge = np.ones(Y.shape[1])
        ridge[varies] = n * penalties[varies] / sd_y[varies]
        residual = nonnegative_ridge(Z, target, ridge, residual)
        slopes = np.maximum(Z.T @ residual, 0.0) / ridge * sd_y
        slopes[sd_x > 0] /= sd_x[sd_x > 0, None]  # the others are 0
        yield Y.mean(axis=0) - X.mean(axis=0) @ slopes, slopes


def nonnegative_ridge(
    Z: np.ndarray, Y: np.ndarray, ridge: np.ndarray, start: np.ndarray
) -> np.ndarray:
    """Residuals r (n, targets) of the minimum of |y - Z b|^2 + ridge |b|^2 over b >= 0.

    There b = (Z'r)+ / ridge, so that r solves r + Z (Z'r)+ / ridge = y: the gradient of a convex,
    piecewise quadratic function of n variables (n = number of steps, far below the number of
    predictors) is 0. Newton steps with halving end exactly once the set of positive coefficients
    no longer changes.
    """
    n, _ = Z.shape
    outer = np.einsum("ij,kj->jik", Z, Z).reshape(-1, n * n)

    def value(r: np.ndarray, dots: np.ndarray) -> np.ndarray:
        return (r * r / 2 - Y * r).sum(axis=0) + (np.maximum(dots, 0) ** 2).sum(axis=0) / ridge / 2

    r, dots = start, Z.T @ start
    for _ in range(100):
        active = dots > 0
        jacobian = (active.T.astype(float) @ outer).reshape(-1, n, n) / ridge[:, None, None]
        jacobian += np.eye(n)
        gradient = r + Z @ np.maximum(dots, 0) / ridge - Y
        step = -np.linalg.solve(jacobian, gradient.T[:, :, None])[:, :, 0].T
        size, now = np.ones(len(ridge)), value(r, dots)
        slope = (gradient * step).sum(axis=0)
        for _ in range(30):
            trial = r + size * step
            trial_dots = Z.T @ trial
            worse = value(trial, trial_dots) > now + 1e-4 * size * slope + 1e-12 * np.abs(now)
            if not worse.any():
                break
            size[worse] /= 2
        r, dots = trial, trial_dots
        if np.array_equal(active, dots > 0):
            break
    return r
