"""Cells that never were: DeepSEM as the authors simulate, as a generative model, and controls.

Everything is log expression, ln(1 + x), cells x genes, non-negative. `normalised` brings cells to
one library size, so that no comparison can be won or lost by the library size alone.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import stats
from scipy.special import expit
from torch import Tensor

from .ensemble import Result
from .preprocess import dense, scale

Array = NDArray[np.floating]
Control = Callable[[Array, int, int], Array]  # (training cells, n, seed) -> n cells


def normalised(X: Array, library: float = 1e4) -> Array:
    """Log expression (cells x genes) with sum(expm1) = library in every cell that is not empty."""
    values = np.expm1(np.maximum(np.asarray(X, dtype=np.float64), 0))
    total = values.sum(1, keepdims=True)
    return np.log1p(values * library / np.where(total > 0, total, 1)).astype(np.float32)


# --- DeepSEM --------------------------------------------------------------------------------------


def simulate(
    result: Result,
    X: Array,
    n: int,
    seed: int = 0,
    member: int = 0,
    rows: NDArray[np.int64] | None = None,
) -> tuple[Array, NDArray[np.int64]]:
    """`n` cells of log expression (n x genes) and the rows of X that they come from (ledger 17).

    X (cells x genes) is the log expression that was fitted. A cell is drawn with replacement, one
    sample of its posterior decoded, scaled back (x (sd + 0.01) + mean as in the authors' code) and
    set to 0 where the cell itself is 0; negative values become 0. `rows` (n,) chooses the cells
    instead of chance. Raises ValueError for n < 1 or another number of rows.
    """
    rng, generator = generators(n, seed)
    rows = rng.integers(X.shape[0], size=n) if rows is None else np.asarray(rows)
    if len(rows) != n:
        raise ValueError(f"{len(rows)} rows for {n} cells.")
    model, config = result.members[member].model, result.config
    cells = dense(X[rows])
    x = torch.as_tensor(scale(cells, result.mean, result.sd, config.clip))
    with torch.no_grad():
        y, _ = model.cluster_of(x, 0.5, generator)
        mean, log_var = model.posterior(model.scan(x, y))
        z = mean + torch.exp(0.5 * log_var) * torch.randn(mean.shape, generator=generator)
        decoded = model.decode(model.inverse_grn(z)).numpy()
    found = unscaled(result, decoded)
    return (np.maximum(found, 0) * (cells != 0)).astype(np.float32), rows


def generate(
    result: Result,
    X: Array,
    n: int,
    seed: int = 0,
    member: int = 0,
    dropout: "Dropout | None" = None,
) -> Array:
    """`n` cells (n x genes) with z from the learned prior and zeros from a model of dropout.

    No real cell is used but through `dropout` (default: `fit_dropout` on X, cells x genes of log
    expression). Mean and log-variance of the prior pass the GRN layer as in training (ledger
    3). For K > 1 the component is drawn uniformly. Raises ValueError for n < 1.
    """
    rng, generator = generators(n, seed)
    dropout = dropout or fit_dropout(X)
    model = result.members[member].model
    K = model.n_components
    y = torch.eye(K)[torch.as_tensor(rng.integers(K, size=n))] if K > 1 else torch.ones(1, 1)
    with torch.no_grad():
        mean, log_var = (model.grn(part) for part in model.prior(y))
        noise = torch.randn((n, len(result.genes)), generator=generator)
        z = mean + torch.exp(0.5 * log_var) * noise
        decoded = model.decode(model.inverse_grn(z)).numpy()
    found = unscaled(result, decoded)
    zero = dropout.zeros(n, rng)
    return np.where(zero, 0, np.maximum(found, 0)).astype(np.float32)


class Dropout(NamedTuple):
    """logit P(zero) = gene + cell: a Rasch model of detection."""

    gene: Array  # (genes,)
    cells: Array  # (training cells,): one number each, of which new cells draw

    def probability(self, cell: Array) -> Array:
        """P(zero) (cells x genes) given the effect of each cell."""
        return expit(self.gene + cell[:, None])

    def draw(self, n: int, rng: np.random.Generator) -> Array:
        """Effects of n new cells, from those of the training cells."""
        return rng.choice(self.cells, n)

    def zeros(self, n: int, rng: np.random.Generator) -> NDArray[np.bool_]:
        """Where n new cells have zeros (n x genes)."""
        chance = rng.random((n, len(self.gene)))
        return chance < self.probability(self.draw(n, rng))


def fit_dropout(X: Array, n_steps: int = 30, ridge: float = 0.1) -> Dropout:
    """Detection of each gene and cell from the zeros of X (cells x genes).

    The loss does not look at zeros (ledger 7), so DeepSEM says nothing about where they fall, and
    what it decodes for a real cell cannot be used to learn it: the encoder has seen the zeros.
    Newton steps on genes and cells in turn; a weak ridge keeps genes without any zero finite.
    """
    zero = np.asarray(X) == 0
    gene, cell = np.zeros(zero.shape[1]), np.zeros(zero.shape[0])
    for _ in range(n_steps):
        for axis, effect in ((0, gene), (1, cell)):
            p = expit(gene + cell[:, None])
            slope = (zero - p).sum(axis) - ridge * effect
            effect += np.clip(slope / ((p * (1 - p)).sum(axis) + ridge), -2, 2)
    return Dropout(gene + cell.mean(), cell - cell.mean())


def posterior_mean(result: Result, X: Array, member: int = 0) -> Tensor:
    """Mean of z (cells x genes) given log expression X (cells x genes), after the GRN layer."""
    model = result.members[member].model
    x = torch.as_tensor(scale(X, result.mean, result.sd, result.config.clip))
    with torch.no_grad():
        y, _ = model.cluster_of(x, 0.5, torch.Generator().manual_seed(0))
        return model.posterior(model.scan(x, y))[0]


def through(z: Tensor, W: Array) -> Tensor:
    """h with h (I - Wᵀ) = z, cells x genes; W is [target, regulator]."""
    I_minus_W = torch.eye(len(W)) - torch.as_tensor(np.asarray(W, np.float32))
    return torch.linalg.solve(I_minus_W, z.T).T


def decoded(result: Result, h: Tensor, member: int = 0) -> Array:
    """Log expression (cells x genes) of h, not masked, not below 0."""
    with torch.no_grad():
        return np.maximum(unscaled(result, result.members[member].model.decode(h).numpy()), 0)


def unscaled(result: Result, decoded: Array) -> Array:
    """Standardised values back to log expression, as the authors do: x (sd + 0.01) + mean."""
    return decoded * (result.sd + 0.01) + result.mean


def knock_out(result: Result, X: Array, gene: str, member: int = 0) -> Array:
    """Mean change of log expression (genes,) when all edges out of `gene` are taken from W.

    Cells X are encoded with the learned network and decoded without the column of the gene, so
    every gene keeps its own z and loses what it inherits from the regulator, directly and along
    paths: its targets get what h = 0 of the regulator would give. But h = 0 does not stand for no
    expression: for that see `silence`. Raises ValueError for a gene that was not fitted.
    """
    k, W = place(result, gene), result.members[member].W.copy()
    z = posterior_mean(result, X, member)
    with_edges = decoded(result, through(z, W), member)
    W[:, k] = 0
    return (decoded(result, through(z, W), member) - with_edges).mean(0)


def silence(result: Result, X: Array, gene: str, member: int = 0) -> Array:
    """Mean change of log expression (genes,) when `gene` is not expressed: do(h = h of a zero).

    The gene loses the edges into it, its z becomes the h that the encoder gives to expression 0,
    every other gene keeps its own z, and W carries the difference on, directly and along paths.
    Raises ValueError for a gene that was not fitted.
    """
    k, W = place(result, gene), result.members[member].W.copy()
    z = posterior_mean(result, X, member)
    before = decoded(result, through(z, W), member)
    absent = np.array(X)
    absent[:, k] = 0
    off = through(posterior_mean(result, absent, member), W)[:, k]  # h is gene by gene (Eq. 5)
    z, W[k] = z.clone(), 0
    z[:, k] = off
    return (decoded(result, through(z, W), member) - before).mean(0)


def place(result: Result, gene: str) -> int:
    """Index of a gene that was fitted; ValueError otherwise."""
    if gene not in result.genes:
        raise ValueError(f"{gene!r} is not among the {len(result.genes)} genes that were fitted.")
    return list(result.genes).index(gene)


def generators(n: int, seed: int) -> tuple[np.random.Generator, torch.Generator]:
    """NumPy's and torch's generator of a seed; ValueError for n < 1."""
    if n < 1:
        raise ValueError(f"n must be at least 1; got {n}.")
    return np.random.default_rng(seed), torch.Generator().manual_seed(seed)


# --- controls: X (cells x genes) log expression of the training cells -----------------------------


def bootstrap(X: Array, n: int, seed: int = 0) -> Array:
    """Training cells drawn with replacement: a simulator that copies and models nothing."""
    return np.asarray(X)[generators(n, seed)[0].integers(len(X), size=n)]


def copy(X: Array, n: int, seed: int = 0) -> Array:
    """Training cells, none twice before all are used: what a perfect memory would give."""
    return np.asarray(X)[each_once(len(X), n, seed)]


def each_once(n_cells: int, n: int, seed: int = 0) -> NDArray[np.int64]:
    """n row numbers below n_cells in random order, none twice before all are used."""
    rng = generators(n, seed)[0]
    passes = [rng.permutation(n_cells) for _ in range(-(-n // n_cells))]
    return np.concatenate(passes)[:n]


def shuffle(X: Array, n: int, seed: int = 0) -> Array:
    """Each gene drawn from its own training values: right marginals, no dependence at all."""
    rows = generators(n, seed)[0].integers(len(X), size=(n, X.shape[1]))
    return np.take_along_axis(np.asarray(X), rows, axis=0)


def shuffle_with_zeros(X: Array, n: int, seed: int = 0) -> Array:
    """`generate` without its model: values drawn gene by gene, zeros from the same `fit_dropout`.

    Each gene's values are drawn from its own training values above 0, each cell has one effect on
    its zeros, and nothing else depends on anything.
    """
    rng, X = generators(n, seed)[0], np.asarray(X)
    dropout = fit_dropout(X)
    zero = dropout.zeros(n, rng)
    found = np.zeros((n, X.shape[1]), X.dtype)
    for gene, values in enumerate(X.T):
        if (values > 0).any():
            found[:, gene] = rng.choice(values[values > 0], n)
    return np.where(zero, 0, found)


def negative_binomial(X: Array, n: int, seed: int = 0) -> Array:
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


def gaussian(X: Array, n: int, seed: int = 0) -> Array:
    """Multivariate normal with mean and covariance of the logs; negative values become 0."""
    rng, X = generators(n, seed)[0], np.asarray(X, dtype=np.float64)
    return np.maximum(X.mean(0) + correlated(X - X.mean(0), n, rng), 0).astype(np.float32)


def copula(X: Array, n: int, seed: int = 0) -> Array:
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


def correlated(centred: Array, n: int, rng: np.random.Generator) -> Array:
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
