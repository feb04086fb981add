"""Training: the alternating loop of one member, and ten of them side by side.

`train` knows arrays only; `ensemble.fit` is the door for AnnData. Rows `ledger n` are those of the
book's ledger of paper against code.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .fast import Factor, give_memory_back, kept_threads, rmsprop_l1_
from .model import DeepSEM, Scan
from .preprocess import Cells

Array = NDArray[np.floating]

# Entries (cells x genes) that may be dense at a time: more data pass in pieces of PIECE entries,
# since what is computed of a piece at once (tables, scans) takes many times its memory.
CHUNK = 2**24
PIECE = 2**22

# Of `Config.for_data`.
ALPHA_PER_GENE = 0.01
ROW_REACH = 10.0  # how far the entries of a row of W can move, summed, with 1,000 cells
STEPS_ON_W = 600

Piece = tuple[Tensor, Tensor | None]  # x and keep


class TrainingError(RuntimeError):
    """Training cannot go on; the message says why and what to change."""


@dataclass(frozen=True)
class Config:
    """Every choice of a run. The defaults are those of the non-specific GRN task."""

    alpha: float = 100.0  # weight of mean|W| (ledger 6)
    beta: float = 1.0  # weight of the KL term
    n_epochs: int = 90 + 1  # the authors' GRN classes loop over range(n_epochs + 1) (ledger 13)
    reconstruct: Literal["all", "nonzero"] = "all"  # entries in the MSE (ledger 7)
    standardise: Literal["cells", "nonzero"] = "cells"  # whose mean and sd (ledger 8)
    clip: float | None = None  # bound on standardised values (ledger 8)
    n_components: int = 1  # K of the prior (ledger 4)
    kl: Literal["sample", "closed"] = "sample"  # (ledger 5)
    W_init: Literal["authors", "paper", "safe", "zero"] = "authors"  # (ledger 9)
    encoder_bias: Literal["random", "zero"] = "random"  # (ledger 4b)
    K1: int = 1  # epochs on the MLPs, then ...
    K2: int = 2  # ... epochs on W (ledger 10); K1 = 0 leaves the MLPs as drawn
    lr: float = 1e-4  # RMSprop of the MLPs (ledger 11)
    lr_W: float = 2e-5  # RMSprop of W, never decayed
    lr_decay: float = 0.95  # per epoch, on lr; torch ≥ 1.4 made the authors' call 1.0 (ledger 12)
    batch_size: int = 64
    cells_per_epoch: int | None = None  # a new random sample of the cells each epoch; None: all
    n_hidden: int = 128
    n_knots: int = 256  # tables for f₁ and f₂; 0 evaluates the MLPs on every entry

    def __post_init__(self) -> None:
        for name, allowed in {
            "reconstruct": ("all", "nonzero"),
            "standardise": ("cells", "nonzero"),
            "kl": ("sample", "closed"),
            "W_init": ("authors", "paper", "safe", "zero"),
            "encoder_bias": ("random", "zero"),
        }.items():
            if getattr(self, name) not in allowed:
                raise ValueError(f"Config.{name} is one of {allowed}; got {getattr(self, name)!r}.")
        for name in ("n_epochs", "n_components", "K2", "batch_size", "n_hidden"):
            if getattr(self, name) < 1:
                raise ValueError(f"Config.{name} must be at least 1; got {getattr(self, name)}.")
        if self.cells_per_epoch is not None and self.cells_per_epoch < 1:
            raise ValueError(f"Config.cells_per_epoch is None or ≥ 1; got {self.cells_per_epoch}.")
        if 0 < self.n_knots < 8 or self.n_knots < 0 or self.K1 < 0:
            raise ValueError(
                "Config.n_knots is 0 (no table) or at least 8, and Config.K1 at least 0."
            )
        ranges = {
            "alpha": 0 <= self.alpha < np.inf,
            "beta": 0 <= self.beta < np.inf,
            "lr": 0 < self.lr < np.inf,
            "lr_W": 0 < self.lr_W < np.inf,
            "lr_decay": 0 < self.lr_decay <= 1,
            "clip": self.clip is None or self.clip > 0,
        }
        for name, inside in ranges.items():
            if not inside:
                raise ValueError(
                    f"Config.{name} = {getattr(self, name)}; alpha and beta are finite and ≥ 0, "
                    "lr and lr_W > 0, lr_decay in (0, 1], clip None or > 0."
                )

    @classmethod
    def nonspecific(cls, **changes: Any) -> "Config":
        """GRN inference against STRING and non-specific ChIP-seq (authors' README)."""
        return replace(cls(), **changes)

    @classmethod
    def cell_type_specific(cls, dataset: str = "", **changes: Any) -> "Config":
        """GRN inference against cell-type-specific ChIP-seq; hESC and mHSC-E have their own α."""
        alpha = 0.1 if dataset.split("/")[-1].startswith(("hESC", "mHSC-E")) else 1.0
        base = cls(
            alpha=alpha,
            beta=0.01,
            n_epochs=150 + 1,
            reconstruct="nonzero",
            standardise="nonzero",
            clip=10.0,
        )
        return replace(base, **changes)

    @classmethod
    def embedding(cls, **changes: Any) -> "Config":
        """Cell embedding and clustering."""
        base = cls(
            alpha=10.0, n_epochs=120, reconstruct="nonzero", standardise="nonzero", clip=15.0
        )
        return replace(base, **changes)

    @classmethod
    def simulation(cls, **changes: Any) -> "Config":
        """Simulation of cells: the same values as the embedding."""
        return cls.embedding(**changes)

    @classmethod
    def for_data(cls, n_cells: int, n_genes: int, **changes: Any) -> "Config":
        """A network of one's own data, of any size; the reasons were measured on known truths.

        Start at 0: no offset hides one sign. α per gene: it weighs a mean over all pairs, and an
        entry feels α / genes beside its gene's share of the loss. Epochs: W takes STEPS_ON_W steps
        or more. lr_W: the entries of a row can move by `reach` in all, which is what the paper's
        settings allow at 1,000 genes and 1,000 cells; as 1/√cells is what a correlation errs by,
        more cells let W go further before it fits noise. The MLPs' rate does not decay: with few
        cells there are so many epochs that they would hardly be trained.
        """
        used = min(n_cells, STEPS_ON_W // 2 * 64)
        batches = -(-used // 64)
        cycles = -(-STEPS_ON_W // (2 * batches))  # each of one epoch on the MLPs and two on W
        reach = ROW_REACH * np.sqrt(n_cells / 1000)
        base = cls(
            alpha=ALPHA_PER_GENE * n_genes,
            n_epochs=3 * cycles,
            W_init="zero",
            lr_W=reach / n_genes / (2 * cycles * batches),
            lr_decay=1.0,
            cells_per_epoch=used if used < n_cells else None,
            n_knots=64,
        )
        return replace(base, **changes)


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


def mean_weight(Ws: Iterable[Array]) -> Array:
    """The ensemble: mean |W| over its members (Methods, "GRN inference"; ledger 14)."""
    return np.mean([np.abs(W) for W in Ws], axis=0)


def initial_W(m: int, how: str, generator: torch.Generator) -> Tensor:
    """W before training, (m, m), diagonal 0 (ledger 9)."""
    if how == "paper":  # N(1/(m - 1), ε²): row sums near 1, I - W singular but for the noise
        W = 1 / (m - 1) + 1e-4 * torch.randn(m, m, generator=generator)
    elif how == "authors":
        W = 1 / (m - 1) + 2e-4 * torch.rand(m, m, generator=generator)
    else:
        # "safe": row sums of ½ keep ‖(I - Wᵀ)⁻¹‖ near 2 for any number of genes; "zero": no offset
        # that would hide one sign
        offset = 0.5 / (m - 1) if how == "safe" else 0.0
        W = offset + 2e-4 * (torch.rand(m, m, generator=generator) - 0.5)
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


def train_ensemble(
    X: Array | Cells,
    keep: Array | None,
    config: Config,
    seeds: Sequence[int],
    device: str = "cpu",
    n_jobs: int | None = None,
    on_epoch: Callable[[], None] = lambda: None,
) -> list[Member]:
    """Train one member a seed, `n_jobs` at a time, each in a thread with its share of the cores.

    On a CPU many small products run better as one thread a member than as one member over many
    threads; on a GPU the members take turns (n_jobs = 1).
    """
    cores = os.cpu_count() or 1
    n_jobs = n_jobs or (1 if device != "cpu" else min(len(seeds), torch.get_num_threads()))
    before = torch.get_num_threads()

    def one(seed: int) -> Member:
        torch.set_num_threads(max(1, min(before, cores) // n_jobs))
        return train(X, keep, config, seed, device, on_epoch)

    with kept_threads(), ThreadPoolExecutor(n_jobs) as pool:
        return list(pool.map(one, seeds))
