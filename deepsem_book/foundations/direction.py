"""Does a W link the right pairs of genes, and do its edges point the right way?

All matrices are [target, regulator].
"""

import numpy as np


def covariance(W: np.ndarray, noise_var: np.ndarray) -> np.ndarray:
    """Covariance of the genes under a linear SEM: (I - W)⁻¹ D (I - W)⁻ᵀ."""
    spread = np.linalg.inv(np.eye(len(W)) - W)
    return spread @ np.diag(noise_var) @ spread.T


def in_colliders(truth: np.ndarray) -> np.ndarray:
    """Edges whose target has another regulator that is not linked with this one (bool)."""
    edge = truth != 0
    apart = ~(edge | edge.T | np.eye(len(edge), dtype=bool))
    return edge & (edge.astype(int) @ apart.astype(int) > 0)
