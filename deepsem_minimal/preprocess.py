"""From log expression to the model's input: standardisation, both ways, and gene selection."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Array = NDArray[np.floating]
# Entries (cells x genes) that may be dense at a time: more data pass in pieces of PIECE entries,
# since what is computed of a piece at once (tables, scans) takes many times its memory.
CHUNK = 2**24
PIECE = 2**22
GENES_AT_ONCE = 64  # columns of a large matrix that are dense in float64 at the same time


class Standardised(NamedTuple):
    """z = (x - mean) / sd; `mean` and `sd` (genes,) undo it."""

    X: Array  # (cells, genes) float32
    mean: Array
    sd: Array


class Cells(NamedTuple):
    """Log expression (cells x genes, sparse or dense) that is standardised when rows are taken."""

    X: Any
    mean: Array
    sd: Array
    clip: float | None

    @property
    def shape(self) -> tuple[int, int]:
        return self.X.shape

    def take(self, rows: Any) -> tuple[Array, Array]:
        """Standardised rows, and 1 where they are not 0; both (rows x genes) float32."""
        x = dense(self.X[np.asarray(rows)])
        return scale(x, self.mean, self.sd, self.clip), (x != 0).astype(np.float32)


def dense(X: Any) -> Array:
    return X.toarray() if sparse.issparse(X) else np.asarray(X)


def standardise(X: Array, how: str = "cells", clip: float | None = None) -> Standardised:
    """Standardise log expression X (cells x genes) gene by gene (ledger 8).

    "cells": mean and sd over all cells. "nonzero": over the non-zero entries of the gene; zeros
    then become -mean/sd and stay inputs. A gene whose sd is 0 or undefined becomes 0 everywhere.
    `clip` bounds |z|.
    """
    X = np.asarray(X, dtype=np.float64)
    mean, sd = moments(X, how)
    return Standardised(scale(X, mean, sd, clip), mean, sd)


def lazily(X: Any, how: str = "cells", clip: float | None = None) -> Cells:
    """`standardise` for a large X, sparse or dense: only mean and sd are computed at once."""
    columns = X.tocsc() if sparse.issparse(X) else X
    blocks = np.array_split(np.arange(X.shape[1]), -(-X.shape[1] // GENES_AT_ONCE))
    parts = [moments(dense(columns[:, b[0] : b[-1] + 1]).astype(np.float64), how) for b in blocks]
    mean, sd = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Cells(X.tocsr() if sparse.issparse(X) else X, mean, sd, clip)


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


def scale(X: Array, mean: Array, sd: Array, clip: float | None = None) -> Array:
    """(X - mean) / sd within ±clip (cells x genes, float32); a gene of sd 0 becomes 0."""
    Z = (np.asarray(X, dtype=np.float64) - mean) / np.where(sd > 0, sd, 1.0)
    Z = np.where(sd > 0, Z, 0.0)
    return (Z if clip is None else Z.clip(-clip, clip)).astype(np.float32)
