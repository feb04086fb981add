"""Cells of a trained model: posterior samples, draws from the prior, and where zeros fall."""

from typing import NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import expit
from torch import Tensor

from .config import Config
from .model import DeepSEM
from .preprocess import Array, dense, scale
from .train import Member


class Trained(Protocol):
    """What sampling needs of a `Result`: its members, and how expression was standardised."""

    members: list[Member]
    config: Config
    mean: Array  # (genes,)
    sd: Array


def simulate(
    result: Trained, X: Array, n: int, seed: int = 0, member: int = 0,
    rows: NDArray[np.int64] | None = None,
) -> tuple[Array, NDArray[np.int64]]:  # fmt: skip
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
    model, cells = result.members[member].model, dense(X[rows])
    x = torch.as_tensor(scale(cells, result.mean, result.sd, result.config.clip))
    with torch.no_grad():
        drawn = decoded_draw(result, model, *model.encode(x, generator), n, generator)
    return (drawn * (cells != 0)).astype(np.float32), rows


def generate(
    result: Trained, X: Array, n: int, seed: int = 0, member: int = 0,
    dropout: "Dropout | None" = None,
) -> Array:  # fmt: skip
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
        drawn = decoded_draw(result, model, mean, log_var, n, generator)
    return np.where(dropout.zeros(n, rng), 0, drawn).astype(np.float32)


def decoded_draw(
    result: Trained,
    model: DeepSEM,
    mean: Tensor,
    log_var: Tensor,
    n: int,
    generator: torch.Generator,
) -> Array:
    """Log expression (n x genes), not below 0, of one draw of z ~ N(mean, exp log_var)."""
    noise = torch.randn((n, len(result.mean)), generator=generator)
    z = mean + torch.exp(0.5 * log_var) * noise
    return np.maximum(unscaled(result, model.decode(model.inverse_grn(z)).numpy()), 0)


class Dropout(NamedTuple):
    """logit P(zero) = gene + cell: a Rasch model of detection."""

    gene: Array  # (genes,)
    cells: Array  # (training cells,): one number each, of which new cells draw

    def probability(self, cell: Array) -> Array:
        """P(zero) (cells x genes) given the effect of each cell."""
        return expit(self.gene + cell[:, None])

    def zeros(self, n: int, rng: np.random.Generator) -> NDArray[np.bool_]:
        """Where n new cells have zeros (n x genes)."""
        chance = rng.random((n, len(self.gene)))
        return chance < self.probability(rng.choice(self.cells, n))


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


def unscaled(result: Trained, decoded: Array) -> Array:
    """Standardised values back to log expression, as the authors do: x (sd + 0.01) + mean."""
    return decoded * (result.sd + 0.01) + result.mean


def generators(n: int, seed: int) -> tuple[np.random.Generator, torch.Generator]:
    """NumPy's and torch's generator of a seed; ValueError for n < 1."""
    if n < 1:
        raise ValueError(f"n must be at least 1; got {n}.")
    return np.random.default_rng(seed), torch.Generator().manual_seed(seed)
