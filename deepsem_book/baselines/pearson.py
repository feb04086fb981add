"""Pearson correlation: the controls that any method of network inference has to beat.

`infer`: W[target, regulator] = correlation of the two genes over all cells (signed; edge tables use
|r|), so W is symmetric up to the TF columns and says nothing about direction.

`given_detection`: the same after removing from every gene what the number of undetected genes of
the cell explains (a partial correlation). Cells differ in how much of their RNA was caught, which
correlates all genes with each other; a method that models the cell as a whole removes that without
knowing any edge. It is an ordinary covariate adjustment, not a published GRN method.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from .common import matrix_and_tfs, only_tfs, standardise


def infer(X: np.ndarray, genes: Sequence[str], tfs: Iterable[str], seed: int = 0) -> np.ndarray:
    """W[target, regulator] = Pearson r. Deterministic: `seed` has no effect."""
    X, is_tf = matrix_and_tfs(X, genes, tfs)
    Z = standardise(X)
    return only_tfs(Z.T @ Z / len(Z), is_tf)


def given_detection(
    X: np.ndarray, genes: Sequence[str], tfs: Iterable[str], seed: int = 0
) -> np.ndarray:
    """W[target, regulator] = Pearson r given the number of zeros of each cell. Deterministic.

    Equals `infer` where all cells have the same number of zeros.
    """
    X, is_tf = matrix_and_tfs(X, genes, tfs)
    zeros = standardise((X == 0).sum(axis=1, keepdims=True).astype(float))
    Z = standardise(X)
    explained = zeros * (zeros.T @ Z / len(Z))
    # What is left of a gene that is a function of the zeros alone is rounding error: set it to 0.
    left = np.where(np.ptp(Z - explained, axis=0) > 1e-8, Z - explained, 0.0)
    Z = standardise(left)
    return only_tfs(Z.T @ Z / len(Z), is_tf)
