"""Simulators that need no network: copies, shuffled genes, Gaussians."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from deepsem_minimal.sampling import generators

from .dropout import fit_dropout

Control = Callable[[np.ndarray, int, int], np.ndarray]  # (training cells, n, seed) -> n cells


def normalised(X: np.ndarray, library: float = 1e4) -> np.ndarray:
    """Log expression (cells x genes) with sum(expm1) = library in every cell that is not empty."""
    values = np.expm1(np.maximum(np.asarray(X, dtype=np.float64), 0))
    total = values.sum(1, keepdims=True)
    return np.log1p(values * library / np.where(total > 0, total, 1)).astype(np.float32)


# --- controls: X (cells x genes) log expression of the training cells -----------------------------


def bootstrap(X: np.ndarray, n: int, seed: int = 0) -> np.ndarray:
    """Training cells drawn with replacement: a simulator that copies and models nothing."""
    return np.asarray(X)[generators(n, seed)[0].integers(len(X), size=n)]


def copy(X: np.ndarray, n: int, seed: int = 0) -> np.ndarray:
    """Training cells, none twice before all are used: what a perfect memory would give."""
    return np.asarray(X)[each_once(len(X), n, seed)]


def each_once(n_cells: int, n: int, seed: int = 0) -> NDArray[np.int64]:
    """n row numbers below n_cells in random order, none twice before all are used."""
    rng = generators(n, seed)[0]
    passes = [rng.permutation(n_cells) for _ in range(-(-n // n_cells))]
    return np.concatenate(passes)[:n]


def shuffle(X: np.ndarray, n: int, seed: int = 0) -> np.ndarray:
    """Each gene drawn from its own training values: right marginals, no dependence at all."""
    rows = generators(n, seed)[0].integers(len(X), size=(n, X.shape[1]))
    return np.take_along_axis(np.asarray(X), rows, axis=0)


def shuffle_with_zeros(X: np.ndarray, n: int, seed: int = 0) -> np.ndarray:
    """`generate` without its model: values drawn gene by gene, zeros from the same `fit_dropout`.

    Each gene's values are drawn from its own training values above 0, each cell has one effect on
    its zeros, and nothing else depends on anything.
    """
    rng, X = generators(n, seed)[0], np.asarray(X)
    dropout = fit_dropout(X)
    zero = dropout.zeros(n, rng)
    drawn = np.zeros((n, X.shape[1]), X.dtype)
    for gene, values in enumerate(X.T):
        if (values > 0).any():
            drawn[:, gene] = rng.choice(values[values > 0], n)
    return np.where(zero, 0, drawn)


def negative_binomial(X: np.ndarray, n: int, seed: int = 0) -> np.ndarray:
    """Independent negative binomial per gene, by moments of expm1(X); Poisson where var <= mean.

    The values are integers on the scale of expm1(X): give logs of counts, not of fractions.
    """
    rng = generators(n, seed)[0]
    counts = np.expm1(np.asarray(X, dtype=np.float64))
    mean, var = counts.mean(0), counts.var(0)
    over = np.maximum(var - mean, 0)
    shape = np.where(over > 0, mean**2 / np.where(over > 0, over, 1), np.inf)
    finite = np.where(np.isfinite(shape) & (shape > 0), shape, 1)
    rate = np.where(over > 0, rng.gamma(finite, mean / finite, (n, len(mean))), mean)
    return np.log1p(rng.poisson(rate)).astype(np.float32)


def gaussian(X: np.ndarray, n: int, seed: int = 0) -> np.ndarray:
    """Multivariate normal with mean and covariance of the logs; negative values become 0."""
    rng, X = generators(n, seed)[0], np.asarray(X, dtype=np.float64)
    return np.maximum(X.mean(0) + correlated(X - X.mean(0), n, rng), 0).astype(np.float32)


def copula(X: np.ndarray, n: int, seed: int = 0) -> np.ndarray:
    """Right marginals and right rank correlations, nothing else: a Gaussian copula of the logs.

    Each gene is turned into normal scores (ties in random order), new scores are drawn with their
    covariance, and each is turned back into the training value of the same rank.
    """
    rng, X = generators(n, seed)[0], np.asarray(X, dtype=np.float64)
    order = np.lexsort((rng.random(X.shape), X), axis=0)
    rank = np.argsort(order, axis=0)
    scores = stats.norm.ppf((rank + 0.5) / len(X))
    new = stats.norm.cdf(correlated(scores, n, rng) / scores.std(0))
    at = np.minimum((new * len(X)).astype(int), len(X) - 1)
    return np.take_along_axis(np.sort(X, axis=0), at, axis=0).astype(np.float32)


def correlated(centred: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """n draws (n x genes) of N(0, covariance of the centred rows), without forming the matrix."""
    return rng.standard_normal((n, len(centred))) @ centred / np.sqrt(len(centred))


CONTROLS: dict[str, Control] = {
    "copy": copy,
    "bootstrap": bootstrap,
    "shuffle": shuffle,
    "shuffle, our zeros": shuffle_with_zeros,
    "negative binomial": negative_binomial,
    "Gaussian": gaussian,
    "copula": copula,
}
