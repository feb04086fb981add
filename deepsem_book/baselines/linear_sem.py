"""Linear SEM: X = X W^T + Z with Gaussian Z, DeepSEM's model without neural networks.

`sem.fit_linear_sem` on standardised genes: the likelihood of GOLEM (Ng, Ghassami & Zhang, NeurIPS
2020) without its rule against loops, and an L1 term. W has all genes as regulators in the fit, as
in DeepSEM; columns of other genes are dropped afterwards. `n_steps` may stop the descent before it
converges, and `alpha` was not tuned on any benchmark.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from deepsem_minimal.sem import fit_linear_sem

from .common import from_all_genes


def infer(
    X: np.ndarray, genes: Sequence[str], tfs: Iterable[str], seed: int = 0, alpha: float = 0.1,
    n_steps: int = 30,
) -> np.ndarray:  # fmt: skip
    """W[target, regulator], signed. Deterministic: `seed` has no effect."""
    return from_all_genes(lambda Z: fit_linear_sem(Z, alpha, n_steps), X, genes, tfs)
