"""Pearson correlation: the control that any method of network inference has to beat.

W[target, regulator] = correlation of the two genes over all cells (signed; edge tables use |r|),
so W is symmetric up to the TF columns and says nothing about direction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from deepsem_minimal.baselines.common import only_tfs, prepare, standardise


def infer(X: np.ndarray, genes: Sequence[str], tfs: Iterable[str], seed: int = 0) -> np.ndarray:
    """W[target, regulator] = Pearson r. Deterministic: `seed` has no effect."""
    X, is_tf = prepare(X, genes, tfs)
    Z = standardise(X)
    return only_tfs(Z.T @ Z / len(Z), is_tf)
