"""Cells of a trained model: posterior samples and draws from the prior."""

from collections.abc import Callable
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
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
    result: Trained, zeros: Callable[[int, np.random.Generator], NDArray[np.bool_]], n: int,
    seed: int = 0, member: int = 0,
) -> Array:  # fmt: skip
    """`n` cells of log expression (n x genes) with z from the learned prior.

    Mean and log-variance of the prior pass the GRN layer as in training (ledger 3); for K > 1 the
    component is drawn uniformly. The loss does not look at zeros (ledger 7), so DeepSEM says
    nothing about where they fall: `zeros`(n, rng) says it (n x genes). Raises ValueError for n < 1.
    """
    (rng, generator), model = generators(n, seed), result.members[member].model
    K = model.n_components
    y = torch.eye(K)[torch.as_tensor(rng.integers(K, size=n))] if K > 1 else torch.ones(1, 1)
    with torch.no_grad():
        mean, log_var = (model.grn(part) for part in model.prior(y))
        drawn = decoded_draw(result, model, mean, log_var, n, generator)
    return np.where(zeros(n, rng), 0, drawn).astype(np.float32)


def decoded_draw(
    result: Trained, model: DeepSEM, mean: Tensor, log_var: Tensor, n: int,
    generator: torch.Generator,
) -> Array:  # fmt: skip
    """Log expression (n x genes), not below 0, of one draw of z ~ N(mean, exp log_var)."""
    noise = torch.randn((n, len(result.mean)), generator=generator)
    z = mean + torch.exp(0.5 * log_var) * noise
    return np.maximum(unscaled(result, model.decode(model.inverse_grn(z)).numpy()), 0)


def unscaled(result: Trained, decoded: Array) -> Array:
    """Standardised values back to log expression, as the authors do: x (sd + 0.01) + mean."""
    return decoded * (result.sd + 0.01) + result.mean


def generators(n: int, seed: int) -> tuple[np.random.Generator, torch.Generator]:
    """NumPy's and torch's generator of a seed; ValueError for n < 1."""
    if n < 1:
        raise ValueError(f"n must be at least 1; got {n}.")
    return np.random.default_rng(seed), torch.Generator().manual_seed(seed)
