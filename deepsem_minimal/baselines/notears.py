"""NOTEARS: the linear SEM without loops (Zheng et al., NeurIPS 2018), on standardised genes.

`lineage.notears`. All genes are regulators in the fit, because a loop may pass through any of them;
columns of other genes are dropped afterwards. Each evaluation takes a matrix exponential of all
genes. `h_max` is where the authors' code stops; `l1` is that of their example. Their threshold on
|W| is left out: a ranking has no use for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from deepsem_minimal.baselines.common import from_all_genes


def infer(
    X: np.ndarray,
    genes: Sequence[str],
    tfs: Iterable[str],
    seed: int = 0,
    l1: float = 0.1,
    h_max: float = 1e-8,
) -> np.ndarray:
    """W[target, regulator], signed. Deterministic: `seed` has no effect."""
    from deepsem_minimal import lineage  # torch, which the other baselines do without

    return from_all_genes(lambda Z: lineage.notears(Z, l1, h_max), X, genes, tfs)
