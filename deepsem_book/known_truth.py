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


def varsortability(X: np.ndarray, W: np.ndarray) -> float:
    """Share of the paths regulator → … → target of W along which the variance of X grows.

    A path counts once for each pair of ends and length; equal variances count one half, so ½ says
    that variances tell nothing of direction. Reisach, Seiler & Weichwald, NeurIPS 2021.
    """
    log_var, paths, growths = np.log(X.var(axis=0)), W != 0, []  # paths: [target, regulator], as W
    for _ in range(len(W) - 1):
        growths.append((log_var[:, None] - log_var)[paths])
        paths = paths @ (W != 0)  # of booleans: is there a path that is one edge longer?
    growth = np.concatenate(growths)
    return float(np.mean(np.where(np.abs(growth) < 1e-9, 0.5, growth > 0)))
