"""EPR, AUPRC ratio and AUROC of an edge table against a known network."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from .networks import candidates


def evaluate(
    edges: pd.DataFrame, network: pd.DataFrame, genes: Sequence[str] | None = None
) -> dict[str, float]:
    """EPR, AUPRC ratio and AUROC of an edge table against a network (arguments: `candidates`).

    epr               early precision / density; early precision as BEELINE v1.1 counts it, see
                      `early_precision` (scores are not rounded here; BEELINE rounds to 6 decimals)
    auprc_ratio       average precision / density, ties as scikit-learn treats them
    max_epr           1 / density, what a perfect ranking reaches
    n_tfs, n_genes    TFs and genes of the network that are in the table
    n_edges           k, the true edges among the n_candidates
    also: auprc, auroc (NaN when every candidate is true), early_precision, density.
    """
    aligned = candidates(edges, network, genes)
    truth, scores = aligned.flat
    density = float(truth.mean())
    early = early_precision(truth, scores)
    auprc, auroc = ranking_areas(truth, scores)
    return {
        "epr": early / density, "auprc_ratio": auprc / density, "auroc": auroc, "auprc": auprc,
        "early_precision": early, "density": density, "max_epr": 1 / density,
        "n_tfs": len(aligned.tfs), "n_genes": len(aligned.genes),
        "n_edges": int(truth.sum()), "n_candidates": len(truth),
    }  # fmt: skip


def early_precision(truth: np.ndarray, scores: np.ndarray) -> float:
    """True share of the top k = truth.sum() candidates, expanded over ties as BEELINE v1.1 does.

    Selected are the scores >= the k-th largest, but zeros never; with fewer than k scores above
    zero all of these are selected. The share is taken of the number selected, so a tie at the cut
    costs precision instead of depending on the row order. No score above zero: 0.
    """
    k = int(truth.sum())
    kth = np.partition(scores, len(scores) - k)[len(scores) - k]
    selected = (scores >= kth) & (scores > 0)
    return float(truth[selected].mean()) if selected.any() else 0.0


def ranking_areas(truth: np.ndarray, scores: np.ndarray) -> tuple[float, float]:
    """(average precision, AUROC) from one sort; tied scores enter together, as in scikit-learn.

    AUROC is NaN when every candidate is true.
    """
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    last_of_tie = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)
    hits = np.cumsum(truth[order])[last_of_tie]
    misses = last_of_tie + 1 - hits
    n_true, n_false = hits[-1], misses[-1]
    average_precision = np.sum(np.diff(hits, prepend=0) * hits / (hits + misses)) / n_true
    if n_false == 0:
        return float(average_precision), float("nan")
    mean_hits = (hits + np.append(0, hits[:-1])) / 2  # trapezoids: a tie counts half
    auroc = np.sum(np.diff(misses, prepend=0) * mean_hits) / (n_true * n_false)
    return float(average_precision), float(auroc)
