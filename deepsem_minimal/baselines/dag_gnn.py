"""DAG-GNN: a VAE around the SEM without loops (Yu et al., ICML 2019), on standardised genes.

`lineage.dag_gnn`, our small version: the decoder's variance is a constant and the optimisation has
a fixed number of rounds, so that what is left of the loops depends on both. All genes are
regulators in the fit; columns of other genes are dropped afterwards.
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
    n_rounds: int = 8,
    n_steps: int = 150,
) -> np.ndarray:
    """W[target, regulator], signed."""
    from deepsem_minimal import lineage  # torch, which the other baselines do without

    return from_all_genes(lambda Z: lineage.dag_gnn(Z, n_rounds, n_steps, seed=seed), X, genes, tfs)
