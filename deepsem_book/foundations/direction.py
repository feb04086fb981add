"""Does a W link the right pairs of genes, and do its edges point the right way?

All matrices are [target, regulator].
"""

import numpy as np

from deepsem_minimal import metrics


def auprc(scores: np.ndarray, truth: np.ndarray) -> float:
    """Area under precision and recall over all ordered pairs, direction included."""
    off = ~np.eye(len(truth), dtype=bool)
    return metrics.ranking_areas(truth[off] != 0, np.abs(scores)[off])[0]


def auprc_of_tfs(scores: np.ndarray, truth: np.ndarray, n_tfs: int = 10) -> float:
    """AUPRC over the candidate edges TF → gene, where the first `n_tfs` genes are the TFs."""
    tfs, others = np.arange(n_tfs), np.arange(len(truth))[:, None]
    allowed = tfs != others
    true = truth[:, :n_tfs][allowed] != 0
    return metrics.ranking_areas(true, np.abs(scores[:, :n_tfs])[allowed])[0]


def right_way(scores: np.ndarray, truth: np.ndarray) -> float:
    """Share of true edges whose score is higher than that of the reversed edge; ties count ½."""
    targets, regulators = np.nonzero(truth)
    gap = np.abs(scores[targets, regulators]) - np.abs(scores[regulators, targets])
    return float(np.mean(np.where(np.abs(gap) < 1e-12, 0.5, gap > 0)))


def covariance(W: np.ndarray, noise_var: np.ndarray) -> np.ndarray:
    """Covariance of the genes under a linear SEM: (I - W)⁻¹ D (I - W)⁻ᵀ."""
    spread = np.linalg.inv(np.eye(len(W)) - W)
    return spread @ np.diag(noise_var) @ spread.T


def in_colliders(truth: np.ndarray) -> np.ndarray:
    """Edges whose target has another regulator that is not linked with this one (bool)."""
    edge = truth != 0
    apart = ~(edge | edge.T | np.eye(len(edge), dtype=bool))
    return edge & (edge.astype(int) @ apart.astype(int) > 0)
