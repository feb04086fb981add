"""Two ideas that did not pay, timed: refining old factors, and members in one batch."""

from collections.abc import Iterator
from functools import partial
from unittest import mock

import torch

from deepsem_minimal.config import Config
from deepsem_minimal.engine import Factor
from deepsem_minimal.preprocess import Expression
from deepsem_minimal.train import train

from .timing import THREADS, Row, row, timed, zeisel


class Refined(Factor):
    """Old factors of I - Wᵀ as a preconditioner, renewed when four sweeps do not suffice.

    A sweep of iterative refinement costs 4 m² B flops, a factorisation ⅔ m³ at about half the
    speed.
    """

    TOLERANCE, MAX_SWEEPS = 1e-6, 4

    def solve(self, W: torch.Tensor, b: torch.Tensor, transposed: bool = False) -> torch.Tensor:
        if len(self.lu) != len(W):
            self.factorise(W)
        u = self.substitute(b, transposed)
        if not self.stale:
            return u
        weights = W if transposed else W.T
        for _ in range(self.MAX_SWEEPS):
            residual = b - u + u @ weights
            if residual.norm() <= self.TOLERANCE * b.norm():
                return u
            u += self.substitute(residual, transposed)
        self.factorise(W)
        return self.substitute(b, transposed)


def refinement() -> Iterator[Row]:
    """A run that refines the last factors beside one that factorises at every step on W."""
    for n_genes in (500, 1000, 2000, 4000):
        X, raw = zeisel(384, n_genes)
        config = Config.nonspecific(n_epochs=30)
        given = Expression.of(raw, config)
        for repeat in range(2):
            for engine, factor in {"factorise": Factor, "refine": Refined}.items():
                with mock.patch("deepsem_minimal.model.Factor", factor):
                    seconds = timed(partial(train, given, config))
                yield row("refinement", engine, X, config, repeat, seconds)


def batched() -> Iterator[Row]:
    """The algebra of one step on W for ten members, one thread: one batch, or one by one.

    One thread: with two, torch 2.13's batched LU on the CPU reports an error of oneMKL's SLASWP
    and does not return.
    """
    n_members, n_genes, n_cells = 10, 821, 64
    generator = torch.Generator().manual_seed(0)
    W = 1e-3 * torch.randn(n_members, n_genes, n_genes, generator=generator)
    b = torch.randn(n_members, n_genes, n_cells, generator=generator)

    def step(W: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        lu, pivots = torch.linalg.lu_factor(torch.eye(n_genes) - W)
        u = torch.linalg.lu_solve(lu, pivots, b)
        return u @ torch.linalg.lu_solve(lu, pivots, b, adjoint=True).mT

    def one_by_one() -> None:
        for i in range(n_members):
            step(W[i], b[i])

    torch.set_num_threads(1)
    one_by_one()  # warm-up
    for repeat in range(9):
        for engine, work in {"one batch": lambda: step(W, b), "one by one": one_by_one}.items():
            yield dict(
                section="batched", engine=engine, n_cells=n_cells, n_genes=n_genes,
                seeds=n_members, steps=1, repeat=repeat, seconds=timed(work),
            )  # fmt: skip
    torch.set_num_threads(THREADS)
