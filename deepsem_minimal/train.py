"""Training of one member: initial W, the alternating loop, one step, its history."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .config import Config
from .engine import Factor, give_memory_back, rmsprop_l1_
from .model import DeepSEM, Scan
from .preprocess import PIECE, Cells

Array = NDArray[np.floating]
Piece = tuple[Tensor, Tensor | None]  # x and keep


class TrainingError(RuntimeError):
    """Training cannot go on; the message says why and what to change."""


@dataclass
class Member:
    """One trained member of the ensemble. `history` has one row an epoch."""

    seed: int
    model: DeepSEM
    history: list[dict[str, Any]]
    seconds: float

    @property
    def W(self) -> Array:
        """(genes x genes), signed, [target, regulator]."""
        return self.model.grn.W.detach().cpu().numpy()


def initial_W(m: int, how: str, generator: torch.Generator) -> Tensor:
    """W before training, (m, m), diagonal 0 (ledger 9)."""
    if how == "paper":  # N(1/(m - 1), ε²): row sums near 1, I - W singular but for the noise
        W = 1 / (m - 1) + 1e-4 * torch.randn(m, m, generator=generator)
    elif how == "authors":
        W = 1 / (m - 1) + 2e-4 * torch.rand(m, m, generator=generator)
    else:  # "safe": row sums of ½ keep ‖(I - Wᵀ)⁻¹‖ near 2 for any number of genes
        W = 0.5 / (m - 1) + 2e-4 * (torch.rand(m, m, generator=generator) - 0.5)
    return W.fill_diagonal_(0)


def train(
    X: Array | Cells,
    keep: Array | None,
    config: Config,
    seed: int = 0,
    device: str = "cpu",
    on_epoch: Callable[[], None] = lambda: None,
) -> Member:
    """Train one member.

    X: standardised expression (cells x genes); keep: 1 where an entry counts in the reconstruction,
    or None for all. X as `Cells` is made dense and standardised piece by piece, and config says
    what counts. Raises TrainingError when I - Wᵀ becomes singular or the loss is not finite.
    """
    start = time.perf_counter()
    generator = torch.Generator().manual_seed(seed)
    model = DeepSEM(
        initial_W(X.shape[1], config.W_init, generator),
        config.n_hidden, config.n_components, config.encoder_bias, config.n_knots, generator,
    ).to(device)  # fmt: skip
    mlps = torch.optim.RMSprop(
        [p for n, p in model.named_parameters() if n != "grn.W"], lr=config.lr, foreach=True
    )
    average = torch.zeros_like(model.grn.W)  # RMSprop's running mean of squared gradients of W
    pieces = piecewise(X, keep, config, device, generator)
    noise = torch.Generator(device).manual_seed(seed)
    history = []
    for epoch in range(config.n_epochs):
        on_W = epoch % (config.K1 + config.K2) >= config.K1  # ledger 10
        model.requires_grad_(not on_W)
        model.grn.W.requires_grad_(on_W)
        mlps.param_groups[0]["lr"] = config.lr * config.lr_decay**epoch  # ledger 12
        temperature = max(0.95**epoch, 0.5)  # of the Gumbel-softmax (ledger 4)
        losses = []
        for x_all, keep_all in pieces():
            scans = scan_once(model, x_all) if on_W and config.n_components == 1 else None
            for x, kept, scan in batches(x_all, keep_all, scans, config.batch_size, generator):
                losses.append(backward(model, x, kept, scan, config, temperature, noise))
                if on_W:
                    step_on_W(model, average, config)
                else:
                    mlps.step()
                    mlps.zero_grad()
        history.append(summary(epoch, on_W, torch.stack(losses), model, config, seed))
        history[-1]["seconds"] = time.perf_counter() - start
        on_epoch()
    model.inverse_grn.factor = Factor()  # frees the memory of the last factors
    return Member(seed, model.requires_grad_(False).to("cpu"), history, time.perf_counter() - start)


def piecewise(
    X: Array | Cells, keep: Array | None, config: Config, device: str, generator: torch.Generator
) -> Callable[[], Iterator[Piece]]:
    """What an epoch goes through, (x, keep) on the device: all cells at once, or, of `Cells` and
    of a sample of the cells, random pieces of at most PIECE entries.
    """

    def sample(n_at_once: int) -> tuple[Tensor, ...]:
        return torch.randperm(X.shape[0], generator=generator)[: config.cells_per_epoch].split(
            n_at_once
        )

    if isinstance(X, Cells):
        give_memory_back()
        lazy, masked = X, config.reconstruct == "nonzero"
        size = max(1, PIECE // (X.shape[1] * config.batch_size)) * config.batch_size

        def made_dense() -> Iterator[Piece]:
            for cells in sample(size):
                x, nonzero = (torch.as_tensor(part, device=device) for part in lazy.take(cells))
                yield x, nonzero if masked else None

        return made_dense
    x_all = torch.as_tensor(X, dtype=torch.float32, device=device)
    keep_all = None if keep is None else torch.as_tensor(keep, dtype=torch.float32, device=device)

    def chosen() -> Iterator[Piece]:
        if config.cells_per_epoch is None:
            yield x_all, keep_all
        else:
            [cells] = sample(len(x_all))
            yield x_all[cells], None if keep_all is None else keep_all[cells]

    return chosen


@torch.no_grad()
def scan_once(model: DeepSEM, x: Tensor) -> Scan:
    """f₂ and the prior for all cells: while W trains, the MLPs stand still."""
    return model.scan(x, x.new_ones(1, 1))


def backward(
    model: DeepSEM,
    x: Tensor,
    kept: Tensor | None,
    scan: Scan | None,
    config: Config,
    temperature: float,
    noise: torch.Generator,
) -> Tensor:
    """Gradients of the loss of one batch, except for its L1 term; returns MSE and KL."""
    y, cluster_divergence = model.cluster_of(x, temperature, noise)
    scan = model.scan(x, y) if scan is None else scan
    epsilon = torch.randn(x.shape, generator=noise, device=x.device)
    loss = model.loss(scan, x, kept, epsilon, config.beta, config.kl)
    (loss.elbo + config.beta * cluster_divergence).backward()
    return torch.stack([loss.mse, loss.kl]).detach()


def step_on_W(model: DeepSEM, average: Tensor, config: Config) -> None:
    W = model.grn.W
    assert W.grad is not None
    rmsprop_l1_(W.data, W.grad, average, config.lr_W, config.alpha)
    W.grad = None
    model.inverse_grn.factor.stale = True


def batches(
    x: Tensor, keep: Tensor | None, scan: Scan | None, size: int, generator: torch.Generator
) -> Iterator[tuple[Tensor, Tensor | None, Scan | None]]:
    """Shuffled batches of cells with what belongs to them; the prior has one row for all cells."""
    order = torch.randperm(len(x), generator=generator).to(x.device)
    x, keep = x[order], None if keep is None else keep[order]
    scan = scan and Scan(scan.mu[order], scan.log_var[order], scan.prior_mu, scan.prior_log_var)
    for i in range(0, len(x), size):
        cells = slice(i, i + size)
        part = scan and Scan(scan.mu[cells], scan.log_var[cells], scan.prior_mu, scan.prior_log_var)
        yield x[cells], None if keep is None else keep[cells], part


def summary(
    epoch: int, on_W: bool, losses: Tensor, model: DeepSEM, config: Config, seed: int
) -> dict[str, Any]:
    """One row of the history; raises TrainingError if the numbers have gone astray."""
    mse, kl = losses.mean(0).tolist()
    l1 = model.grn.W.detach().abs().mean().item()
    total = mse + config.beta * kl + config.alpha * l1  # Eq. 7
    pivot = model.inverse_grn.factor.smallest_pivot()
    if not np.isfinite(total) or pivot < 1e-6:  # what rounding leaves of 0
        what = (
            f"the loss is {total}"
            if not np.isfinite(total)
            else f"I - Wᵀ is singular (pivot ratio {pivot:.0e})"
        )
        raise TrainingError(
            f"Seed {seed}, epoch {epoch}: {what}. With {len(model.grn.W)} genes and "
            f"W_init={config.W_init!r} the network may start near a singular point: try "
            "Config(W_init='safe'), more genes, a smaller lr_W, or look for genes that are "
            "constant or copies of each other."
        )
    return dict(
        seed=seed, epoch=epoch, phase="W" if on_W else "MLP", loss=total, mse=mse, kl=kl, l1=l1
    )
