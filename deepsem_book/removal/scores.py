"""Does a network, learned from control cells, say which genes move when a regulator is removed?"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from deepsem_minimal.metrics import ranking_areas

from ..known_truth import larger
from .effects import Array, Screen

FEWEST = 3  # genes that moved, and that did not, for a removal to be scored
FIRST = 10
STRATA, SHUFFLES = 10, 200


def judge(
    screen: Screen, predicted: Array, signed: bool = True, between: bool = True
) -> Iterator[dict[str, Any]]:
    """One row per removed gene for `predicted` changes [gene, removed gene]; |.| is the ranking.

    auroc         of |predicted|: genes that moved against genes that did not
    null_other    the same for the predictions of the other removed genes: is it about *this* gene?
    null_level    the same when "moved" is shuffled among genes of the same expression
    first         share that moved of the first FIRST genes; `density` is that of all genes
    rank_r        Spearman's correlation of |predicted| with the Wasserstein distance
    sign          of the genes that moved and whose prediction is not 0: share with the right sign
                  (`signed` methods)
    one_way       removed genes B that move with A while A does not move with B
    right_way     of these, with |predicted| larger for B given A than for A given B; ties ½. Both
                  are 0 where sizes cannot be compared `between` removed genes
    NaN where fewer than FEWEST genes moved, or did not.
    """
    size, moved, judged = np.abs(predicted), screen.moved, screen.judged
    for k, gene in enumerate(screen.removed):
        rows = judged[:, k]
        truth, scores = moved[rows, k], size[rows, k]
        row = {"removed": gene, "n_moved": int(truth.sum()), "density": float(truth.mean())}
        row |= {"rank_r": rank_r(scores, screen.distance[rows, k])}
        row |= ways(screen, size, k) if between else {"one_way": 0, "right_way": 0.0}
        if min(truth.sum(), (~truth).sum()) >= FEWEST:
            right = np.sign(predicted[rows, k]) == np.sign(screen.change[rows, k])
            said = truth & (scores > 0) & signed
            row |= {
                "auroc": auroc(truth, scores),
                "null_other": np.mean([
                    auroc(moved[both, k], size[both, other])
                    for other in range(len(screen.removed)) if other != k
                    for both in [rows & judged[:, other]]
                ]),
                "null_level": within_levels(truth, scores, screen.control.mean(0)[rows]),
                "first": float(truth[np.argsort(-scores, kind="stable")[:FIRST]].mean()),
                "sign": float(right[said].mean()) if said.any() else np.nan,
            }  # fmt: skip
        yield row


def auroc(truth: NDArray[np.bool_], scores: Array) -> float:
    return ranking_areas(truth, scores)[1] if truth.any() else np.nan


def rank_r(scores: Array, distance: Array) -> float:
    constant = np.ptp(scores) == 0 or np.ptp(distance) == 0
    return np.nan if constant else float(stats.spearmanr(scores, distance)[0])


def within_levels(truth: NDArray[np.bool_], scores: Array, level: Array, seed: int = 0) -> float:
    """Mean AUROC when `truth` is shuffled within STRATA groups of genes of like `level`."""
    rng, places = np.random.default_rng(seed), np.argsort(level)
    groups, drawn = np.array_split(places, min(STRATA, len(places) // 2)), []
    for _ in range(SHUFFLES):
        shuffled = truth.copy()
        for group in groups:
            shuffled[group] = rng.permutation(truth[group])
        drawn.append(auroc(shuffled, scores))
    return float(np.mean(drawn))


def ways(screen: Screen, size: Array, k: int) -> dict[str, float]:
    """Pairs of removed genes that move one way only, from gene k, and how many are seen as such."""
    at, moved = [screen.genes.index(gene) for gene in screen.removed], screen.moved
    others = [j for j in range(len(at)) if moved[at[j], k] and not moved[at[k], j]]
    forward = np.array([size[at[j], k] for j in others])
    back = np.array([size[at[k], j] for j in others])
    return {"one_way": len(others), "right_way": float(larger(forward, back, rtol=1e-6).sum())}
