"""Scores of W [target, regulator] where the true network is known."""

import numpy as np

from deepsem_minimal.metrics import ranking_areas


def auprc(W: np.ndarray, truth: np.ndarray, n_tfs: int | None = None) -> float:
    """AUPRC of |W| over the ordered pairs regulator → gene; the first `n_tfs` genes regulate.

    Without `n_tfs` every gene may.
    """
    n_tfs = len(truth) if n_tfs is None else n_tfs
    allowed = np.arange(n_tfs) != np.arange(len(truth))[:, None]
    is_edge, scores = truth[:, :n_tfs][allowed] != 0, np.abs(W[:, :n_tfs])[allowed]
    return ranking_areas(is_edge, scores)[0]


def right_way(W: np.ndarray, truth: np.ndarray) -> float:
    """Share of the true edges that weigh more in W than their reverse; ties count ½."""
    forward, back = np.abs(W)[truth != 0], np.abs(W.T)[truth != 0]
    # Correlations are symmetric but for rounding.
    tied = np.isclose(forward, back, rtol=1e-4, atol=0)
    return float(np.mean(np.where(tied, 0.5, forward > back)))
