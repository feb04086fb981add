"""Scores of W [target, regulator] where the true network is known: AUPRC, signs, direction."""

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


def both_signs(S: np.ndarray, truth: np.ndarray, n_tfs: int | None = None) -> dict[str, float]:
    """AUROC of |S| for `activating` and for `repressing` edges, and the share of right `sign`s.

    Edges of the other sign are left out, so below ½ a kind ranks below pairs without an edge. The
    sign is judged on as many pairs as there are edges, the first in rank; NaN where nothing is to
    be judged. S and truth (genes x genes) are signed; the first `n_tfs` genes regulate (default:
    all).
    """
    n_tfs = len(truth) if n_tfs is None else n_tfs
    allowed = np.arange(n_tfs) != np.arange(len(truth))[:, None]
    weights, scores = truth[:, :n_tfs][allowed], S[:, :n_tfs][allowed]
    first = np.argsort(-np.abs(scores), kind="stable")[: np.count_nonzero(weights)]
    first = first[weights[first] != 0]
    right = np.sign(scores[first]) == np.sign(weights[first])
    return {
        "activating": auroc_among(weights >= 0, weights, scores),
        "repressing": auroc_among(weights <= 0, weights, scores),
        "sign": float(right.mean()) if len(right) else np.nan,
    }


def auroc_among(kept: np.ndarray, weights: np.ndarray, scores: np.ndarray) -> float:
    """AUROC of |score| among the kept pairs; an edge is a pair of weight other than 0."""
    edges = weights[kept] != 0
    return ranking_areas(edges, np.abs(scores)[kept])[1] if edges.any() else np.nan


def right_way(W: np.ndarray, truth: np.ndarray) -> float:
    """Share of the true edges that weigh more in W than their reverse; ties count ½."""
    return float(larger(np.abs(W)[truth != 0], np.abs(W.T)[truth != 0]).mean())


def larger(forward: np.ndarray, back: np.ndarray, rtol: float = 1e-4) -> np.ndarray:
    """1 where `forward` is above `back`, 0 where below, ½ where they tie within `rtol`.

    Correlations and inverses are symmetric but for rounding.
    """
    return np.where(np.isclose(forward, back, rtol=rtol, atol=0), 0.5, forward > back)


def varsortability(X: np.ndarray, W: np.ndarray) -> float:
    """Share of the paths regulator → … → target of W along which the variance of X grows.

    A path counts once for each pair of ends and length; equal variances count one half, so ½ says
    that variances tell nothing of direction. Reisach, Seiler & Weichwald, NeurIPS 2021.
    """
    log_var, paths, rises = np.log(X.var(axis=0)), W != 0, []  # paths: [target, regulator], as W
    for _ in range(len(W) - 1):
        rises.append((log_var[:, None] - log_var)[paths])
        paths = paths @ (W != 0)  # of booleans: is there a path that is one edge longer?
    growth = np.concatenate(rises)
    return float(np.mean(np.where(np.abs(growth) < 1e-9, 0.5, growth > 0)))
