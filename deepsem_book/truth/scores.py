"""How well a signed score matrix finds a known W: precision, both signs, direction, degrees."""

import numpy as np
from numpy.typing import NDArray

from deepsem_minimal.metrics import early_precision, ranking_areas

from ..known_truth import auroc_among

Array = NDArray[np.floating]

TOP = 200  # edges whose signs are judged, and which two members should share


def pairs(n_genes: int, n_tfs: int) -> NDArray[np.bool_]:
    """Candidate edges of [target, regulator]: the first `n_tfs` genes regulate, none itself."""
    allowed = ~np.eye(n_genes, dtype=bool)
    allowed[:, n_tfs:] = False
    return allowed


def score(S: Array, W: Array, n_tfs: int) -> dict[str, float]:
    """Scores of S against the truth W (both genes x genes, [target, regulator], signed).

    auroc, auprc_ratio, early_precision   of |S| over all candidates
    auroc_activating, auroc_repressing    with the edges of the other sign left out
    sign          share of right signs among the true edges of the first TOP candidates
    direction     share of one-way edges between TFs with |S| larger than that of the way back; ½
                  says nothing, as for a correlation
    recall_half   largest share of the true edges that a list of precision ≥ ½ can have
    from_degrees  auprc_ratio of (mean of the target) x (mean of the TF) of |S|, by that of |S|
    NaN where the truth has no such edge.
    """
    allowed = pairs(len(W), n_tfs)
    true, size = W[allowed], np.abs(S)
    ranked = size[allowed]
    density = (true != 0).mean()
    auprc, auroc = ranking_areas(true != 0, ranked)
    degrees = np.outer(mean_over(size, allowed, 1), mean_over(size, allowed, 0))
    first = np.argsort(-ranked, kind="stable")[:TOP]
    first = first[true[first] != 0]
    right = np.sign(S[allowed][first]) == np.sign(true[first])
    return {
        "auroc": auroc,
        "auroc_activating": auroc_among(true >= 0, true, ranked),
        "auroc_repressing": auroc_among(true <= 0, true, ranked),
        "auprc_ratio": auprc / density,
        "early_precision": early_precision(true != 0, ranked),
        "sign": float(right.mean()) if len(right) else np.nan,
        "direction": direction(size[:n_tfs, :n_tfs], W[:n_tfs, :n_tfs]),
        "recall_half": recall_at(0.5, true != 0, ranked),
        "from_degrees": ranking_areas(true != 0, degrees[allowed])[0] / auprc,
        "density": density,
    }


def mean_over(size: Array, allowed: NDArray[np.bool_], axis: int) -> Array:
    return (size * allowed).sum(axis=axis) / np.maximum(allowed.sum(axis=axis), 1)


def direction(size: Array, W: Array) -> float:
    one_way = (W != 0) & (W.T == 0)
    if not one_way.any():
        return np.nan
    forth, back = size[one_way], size.T[one_way]
    return float(np.mean(np.where(forth == back, 0.5, forth > back)))


def recall_at(precision: float, true: NDArray[np.bool_], scores: Array) -> float:
    hits = np.cumsum(true[np.argsort(-scores, kind="stable")])
    enough = hits >= precision * np.arange(1, len(hits) + 1)
    return float(hits[enough].max() / hits[-1]) if enough.any() else 0.0


def shared(S: Array, T: Array, n_tfs: int) -> float:
    """Share of the first TOP candidates that two score matrices have in common."""
    allowed = pairs(len(S), n_tfs)
    first = [set(np.argsort(-np.abs(M[allowed]), kind="stable")[:TOP]) for M in (S, T)]
    return len(first[0] & first[1]) / len(first[0])
