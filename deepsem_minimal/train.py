"""Training of one member: initial W, the alternating loop, one step, its history."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .config import Config
from .engine import Factor, clear_self_, mean_abs, rmsprop_l1_
from .model import COLDEST, DeepSEM, Scan
from .preprocess import PIECE, Array, Expression

SCANNED = PIECE // 4  # entries of cells x genes that are scanned at a time


class TrainingError(RuntimeError):
    """Training cannot go on; the message says why. `result`: what `fit` had finished, or None."""

    result: Any = None


@dataclass
class Member:
    """One trained member of the ensemble. `history` has one row per epoch."""

    seed: int
    model: DeepSEM
    history: list[dict[str, Any]]
    seconds: float

    @property
    def W(self) -> Array:
        """(genes x genes, or x regulators and groups), signed, [target, regulator]."""
        return self.model.grn.W.detach().cpu().numpy()


def initial_W(m: int, how: str, generator: torch.Generator, part: Tensor | None = None) -> Tensor:
    """W before training, (m, m), diagonal 0 (ledger 9); (m, n) with `part`."""
    shape = m, m if part is None else int(part.max())
    if how == "paper":  # N(1/(m - 1), ε²): row sums near 1, I - W singular but for the noise
        W = 1 / (m - 1) + 1e-4 * torch.randn(shape, generator=generator)
    elif how == "authors":
        W = 1 / (m - 1) + 2e-4 * torch.rand(shape, generator=generator)
    else:  # "safe": row sums of ½ keep ‖(I - Wᵀ)⁻¹‖ near 2 for any number of genes; "zero": 1
        W = (how == "safe") * 0.5 / (m - 1) + 2e-4 * (torch.rand(shape, generator=generator) - 0.5)
    return clear_self_(W, part)


def train(
    expression: Expression, config: Config, seed: int = 0, device: str = "cpu",
    on_epoch: Callable[[], object] = lambda: None,
) -> Member:  # fmt: skip
    """Train one member on `Expression.of(X, config)`; `on_epoch` is called after each epoch.

    Raises TrainingError when I - Wᵀ becomes singular or the loss is not finite.
    """
    start = time.perf_counter()
    generator = torch.Generator().manual_seed(seed)
    W = initial_W(expression.shape[1], config.W_init, generator, expression.part)
    model = DeepSEM(config, W, generator)
    model.grn.part = expression.part
    model.to(device)
    weights = [p for name, p in model.named_parameters() if name != "grn.W"]
    mlps = torch.optim.RMSprop(weights, lr=config.lr, foreach=True)
    average = torch.zeros_like(model.grn.W)  # RMSprop's running mean of squared gradients of W
    model.grn.W.grad = torch.zeros_like(average)
    expression = expression.to(device)
    noise = torch.Generator(device).manual_seed(seed)
    history = []
    for epoch in range(config.n_epochs):
        on_W = epoch % (config.K1 + config.K2) >= config.K1  # ledger 10
        model.requires_grad_(not on_W)
        model.grn.W.requires_grad_(on_W)
        mlps.param_groups[0]["lr"] = config.lr * config.lr_decay**epoch  # ledger 12
        temperature = max(0.95**epoch, COLDEST)  # of the Gumbel-softmax (ledger 4)
        losses = []
        for x_all, keep_all in expression.pieces(config, generator, device):
            # While W trains, the MLPs stand still: one scan serves all batches.
            once = model if on_W and config.n_components == 1 else None
            for x, keep, scan in batches(x_all, keep_all, config.batch_size, generator, once):
                losses.append(backward(model, x, keep, scan, config, temperature, noise))
                if on_W:
                    step_on_W(model, average, config)
                else:
                    mlps.step()
                    mlps.zero_grad()
        history.append(summary(epoch, on_W, torch.stack(losses), model, config, seed))
        history[-1]["seconds"] = time.perf_counter() - start
        on_epoch()
    model.grn.W.grad, model.inverse_grn.factor = None, Factor()  # frees their memory
    return Member(seed, model.requires_grad_(False).to("cpu"), history, time.perf_counter() - start)


def batches(
    x: Tensor, keep: Tensor | None, size: int, generator: torch.Generator,
    scanned_by: DeepSEM | None = None,
) -> Iterator[tuple[Tensor, Tensor | None, Scan | None]]:  # fmt: skip
    """Shuffled batches of cells with what belongs to them, and their part of one scan of all."""
    scan = None if scanned_by is None else scan_in_pieces(scanned_by, x)
    for rows in torch.randperm(len(x), generator=generator).to(x.device).split(size):
        part = scan and scan._replace(mu=scan.mu[rows], log_var=scan.log_var[rows])
        yield x[rows], None if keep is None else keep[rows], part


def scan_in_pieces(model: DeepSEM, x: Tensor) -> Scan:
    """`model.scan` of all cells (n, m), K = 1; at once it would take ten times the memory of x."""
    mu, log_var = torch.empty_like(x), torch.empty_like(x)
    for rows in torch.arange(len(x), device=x.device).split(max(1, SCANNED // x.shape[1])):
        scan = model.scan(x[rows], x.new_ones(1, 1))
        mu[rows], log_var[rows] = scan.mu, scan.log_var
    return scan._replace(mu=mu, log_var=log_var)  # the prior has one row for all cells


def backward(
    model: DeepSEM, x: Tensor, keep: Tensor | None, scan: Scan | None, config: Config,
    temperature: float, noise: torch.Generator | None,
) -> Tensor:  # fmt: skip
    """Gradients of the loss of one batch, except for its L1 term; returns MSE and KL."""
    y, cluster_divergence = model.cluster_of(x, temperature, noise)
    scan = model.scan(x, y) if scan is None else scan
    epsilon = torch.randn(x.shape, generator=noise, device=x.device)
    loss = model.loss(scan, x, keep, epsilon, config.beta, config.kl)
    (loss.elbo + config.beta * cluster_divergence).backward()
    return torch.stack([loss.mse, loss.kl]).detach()


def step_on_W(model: DeepSEM, average: Tensor, config: Config) -> None:
    """One RMSprop step on W for the gradients of `backward` and the L1 term."""
    W = model.grn.W
    assert W.grad is not None
    rmsprop_l1_(W.data, W.grad, average, config.lr_W, config.alpha, model.grn.part)
    W.grad.zero_()
    model.inverse_grn.factor.stale = True


def summary(
    epoch: int, on_W: bool, losses: Tensor, model: DeepSEM, config: Config, seed: int
) -> dict[str, Any]:
    """One row of the history; TrainingError if the loss or the factors are out of bounds."""
    mse, kl = losses.mean(0).tolist()
    l1 = mean_abs(model.grn.W.detach(), model.grn.part).item()
    total = mse + config.beta * kl + config.alpha * l1  # Eq. 7
    pivot = model.inverse_grn.factor.smallest_pivot()
    fault = "" if np.isfinite(total) else f"the loss is {total}"
    if pivot < 1e-6:  # what rounding leaves of 0
        fault = fault or f"I - Wᵀ is singular (pivot ratio {pivot:.0e})"
    if fault:
        raise TrainingError(
            f"Seed {seed}, epoch {epoch}: {fault}. With {len(model.grn.W)} genes and "
            f"W_init={config.W_init!r} the network may start near a singular point: try "
            "Config(W_init='safe'), more genes, a smaller lr_W, or look for genes that are "
            "constant or copies of each other."
        )
    row = {"seed": seed, "epoch": epoch, "phase": "W" if on_W else "MLP"}
    return row | {"loss": total, "mse": mse, "kl": kl, "l1": l1}
