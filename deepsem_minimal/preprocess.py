"""From log expression to what a training takes: standardised, masked, whole or in pieces."""

import contextlib
import ctypes
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from scipy.cluster.vq import kmeans2
from torch import Tensor

from .config import Config

Array = NDArray[np.floating]

# Entries (cells x genes) that may be dense at a time: more data pass in pieces of PIECE entries,
# since what is computed of a piece at once (tables, scans) takes many times its memory.
CHUNK = 2**24
PIECE = 2**22
LARGEST_LOG = 30  # e^30 counts are not possible, so log expression ends below
GENES_AT_ONCE = 64  # columns of a large matrix that are dense in float64 at the same time


@dataclass(frozen=True)
class Expression:
    """What a member is trained on: all cells standardised, or a large matrix in pieces.

    `X` (cells x genes, float32) is standardised, or log expression (sparse or dense) if `large`;
    `mean` and `sd` (genes,) undo it. `nonzero` is 1 where an entry counts in the reconstruction
    (ledger 7), None where all count. `part` (genes,) restricts the regulators (see `columns_of`).
    """

    X: Any
    mean: Array
    sd: Array
    large: bool = False
    nonzero: Any = None
    part: Tensor | None = None

    @classmethod
    def of(cls, X: Any, config: Config) -> "Expression":
        """Log expression X (cells x genes, sparse or dense) as `config` wants it."""
        if X.shape[0] * X.shape[1] > CHUNK:
            X = X.tocsr() if sparse.issparse(X) else X
            return cls(X, *moments_of_large(X, config.standardise), large=True)
        X = dense(X)
        nonzero = (X != 0).astype(np.float32) if config.reconstruct == "nonzero" else None
        return replace(standardise(X, config.standardise, config.clip), nonzero=nonzero)

    @property
    def shape(self) -> tuple[int, int]:
        return self.X.shape

    def with_columns(self, part: Tensor) -> "Expression":
        """The same cells for few regulators; `part` is that of `columns_of`."""
        return replace(self, part=part)

    def to(self, device: str) -> "Expression":
        """With tensors on the device; a large matrix stays where it is."""
        if self.shape[0] * self.shape[1] > PIECE:
            give_memory_back()
        if self.large:
            return self
        X = torch.as_tensor(self.X, dtype=torch.float32, device=device)
        mask = None if self.nonzero is None else torch.as_tensor(self.nonzero, device=device)
        return replace(self, X=X, nonzero=mask)

    def pieces(
        self, config: Config, generator: torch.Generator, device: str
    ) -> Iterator[tuple[Tensor, Tensor | None]]:
        """What an epoch goes through, standardised x and mask, of `to(device)`.

        All cells at once, or random pieces of whole batches where the matrix is large or an epoch
        sees a sample of the cells.
        """
        if not self.large and config.cells_per_epoch is None:
            yield self.X, self.nonzero
            return
        n_cells, n_genes = self.shape
        batches = max(1, PIECE // (n_genes * config.batch_size)) if self.large else n_cells
        order = torch.randperm(n_cells, generator=generator)[: config.cells_per_epoch]
        for rows in order.split(batches * config.batch_size):
            if self.large:
                x = torch.as_tensor(dense(self.X[rows.numpy()]), device=device)
                mask = (x != 0).float() if config.reconstruct == "nonzero" else None
                yield scaled_(x.double(), self.mean, self.sd, config.clip), mask
            else:
                yield self.X[rows], None if self.nonzero is None else self.nonzero[rows]


def in_memory(X: Any) -> Any:
    """X as an array, or as csr without an entry that is split in two; read if it is on disk."""
    X = X.to_memory() if hasattr(X, "to_memory") else X
    if not sparse.issparse(X):
        return np.asarray(X, np.float32 if getattr(X, "dtype", "") == "O" else None)
    X = X.tocsr(copy=not getattr(X, "has_canonical_format", False))
    X.sum_duplicates()
    return X


def columns_of(
    expression: Expression, is_regulator: NDArray[np.bool_], nuisance: int = 0
) -> Tensor:
    """The column of W that each gene is part of (genes,), from 1: `engine.summed` explains it.

    Each regulator has its own; the other genes have none or, with `nuisance`, one for each of as
    many groups (k-means of their standardised expression in at most 1,000 cells), which takes up
    what genes share. Raises ValueError for fewer other genes than groups.
    """
    part = np.zeros(len(is_regulator), dtype=np.int64)
    part[is_regulator] = np.arange(1, is_regulator.sum() + 1)
    if nuisance:
        others = np.flatnonzero(~is_regulator)
        if not 0 < nuisance <= len(others):
            raise ValueError(f"nuisance = {nuisance}, but {len(others)} genes are no regulators.")
        rng = np.random.default_rng(0)
        rows = np.sort(rng.permutation(expression.shape[0])[:1000])
        mean, sd = expression.mean[others], expression.sd[others]
        profiles = dense(expression.X[rows][:, others])
        profiles = scale(profiles, mean, sd) if expression.large else profiles
        group = kmeans2(profiles.T.astype(np.float64), nuisance, minit="++", rng=rng)[1]
        part[others] = part.max() + 1 + np.unique(group, return_inverse=True)[1]
    return torch.as_tensor(part)


def dense(X: Any) -> Array:
    return X.toarray() if sparse.issparse(X) else np.asarray(X)


def standardise(X: Array, how: str = "cells", clip: float | None = None) -> Expression:
    """Standardise log expression X (cells x genes) gene by gene (ledger 8).

    "cells": mean and sd over all cells. "nonzero": over the non-zero entries of the gene; zeros
    then become -mean/sd and stay inputs. A gene whose sd is 0 or undefined becomes 0 everywhere.
    `clip` bounds |z|.
    """
    X = np.asarray(X, dtype=np.float64)
    mean, sd = moments(X, how)
    return Expression(scale(X, mean, sd, clip), mean, sd)


def moments(X: Array, how: str) -> tuple[Array, Array]:
    """Mean and sd of each gene, X (cells x genes) in float64; sd is 0 where it says nothing."""
    if how == "cells":
        mean, sd = X.mean(0), X.std(0)
    elif how == "nonzero":
        n = (X != 0).sum(0)
        mean = X.sum(0) / np.maximum(n, 1)
        sd = np.sqrt(((X - mean) ** 2 * (X != 0)).sum(0) / np.maximum(n, 1))
    else:
        raise ValueError(f'how is "cells" or "nonzero"; got {how!r}.')
    flat = sd <= 1e-8 * np.maximum(1.0, np.abs(mean))  # rounding leaves a constant gene a tiny sd
    return mean, np.where(flat, 0.0, sd)


def moments_of_large(X: Any, how: str) -> tuple[Array, Array]:
    """`moments` of a matrix, sparse or dense, of which a few columns are dense at a time."""
    columns = X.tocsc() if sparse.issparse(X) else X
    blocks = np.array_split(np.arange(X.shape[1]), -(-X.shape[1] // GENES_AT_ONCE))
    parts = [moments(dense(columns[:, b[0] : b[-1] + 1]).astype(np.float64), how) for b in blocks]
    mean, sd = (np.concatenate(part) for part in zip(*parts, strict=True))
    return mean, sd


def scale(X: Array, mean: Array, sd: Array, clip: float | None = None) -> Array:
    """(X - mean) / sd within ±clip (cells x genes, float32); a gene of sd 0 becomes 0."""
    return scaled_(torch.from_numpy(np.array(X, dtype=np.float64)), mean, sd, clip).numpy()


def scaled_(z: Tensor, mean: Array, sd: Array, clip: float | None = None) -> Tensor:
    """`scale` of float64 z where it lies, on a CPU or a GPU; z is overwritten."""
    divisor = np.where(sd > 0, sd, np.inf)
    z.sub_(torch.tensor(mean, device=z.device)).div_(torch.tensor(divisor, device=z.device))
    return (z if clip is None else z.clamp_(-clip, clip)).float()


def give_memory_back() -> None:
    """Let the system have blocks of 8 MB and more as soon as they are freed.

    glibc keeps what is below 32 MB for later; of many pieces and matrices like W nothing fits the
    gaps, and the process grows to several times what it uses. Other allocators are left alone.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).mallopt(-3, 2**23)  # M_MMAP_THRESHOLD
