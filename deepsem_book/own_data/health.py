"""Has each member of an ensemble learned something, and do members agree?

A member can end where it began, be emptied by α, slide off as a whole, or land far from all others;
the mean over members hides it. Here each is judged by itself, and the sick ones are named.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from scipy import stats

from deepsem_book.baselines.hub_corrected import corrected_correlation
from deepsem_minimal.train import Config, Member, initial_W

from .centre import centred

Array = NDArray[np.floating]

TOP = 200  # edges that two members are asked to share
STEPS = 5.0  # mean distance of W from its start, in optimiser steps, below which it has not left
ONE_SIDED = 0.98  # share of one sign from which W is a common offset and little else
ROW_SUM = 0.9  # from here on I - W is close to singular, which it is at 1
APART = 0.5  # of the others' agreement with each other


@dataclass(frozen=True)
class Health:
    """One member, judged. `complaints` is empty for a healthy one."""

    seed: int
    moved: float  # mean |W - start| in steps lr_W of the optimiser
    size: float  # mean |W| in the same steps
    one_sign: float  # share of the more frequent sign
    row_sum: float  # mean over the targets
    agreement: float  # mean share of the first edges in common with the other members
    complaints: tuple[str, ...]


def start_of(member: Member, config: Config) -> Array:
    """W before training: the member's seed draws it first of all."""
    generator = torch.Generator().manual_seed(member.seed)
    return initial_W(len(member.W), config.W_init, generator).numpy()


def first_edges(W: Array, regulators: NDArray[np.integer], top: int) -> set[int]:
    """Numbers of the `top` pairs of largest importance, out of the given regulators."""
    importance = centred(W)[0][:, regulators].ravel()
    best = np.argsort(-importance, kind="stable")[:top]
    return set(best[importance[best] > 0].tolist())


def shared_edges(
    members: Sequence[Member], regulators: NDArray[np.integer] | None = None, top: int = TOP
) -> pd.DataFrame:
    """One row a pair of members: `seed`, `other`, `shared` (of their first edges), `chance`.

    `regulators`: positions of the genes that may regulate; default: all.
    """
    n_genes = len(members[0].W)
    chosen = np.arange(n_genes) if regulators is None else np.asarray(regulators)
    n_pairs = len(chosen) * (n_genes - 1)
    top = min(top, n_pairs // 2)  # of few pairs nearly all would be shared by chance
    first = {m.seed: first_edges(m.W, chosen, top) for m in members}
    rows = [
        (a, b, len(first[a] & first[b]) / top, top / n_pairs) for a, b in combinations(first, 2)
    ]
    return pd.DataFrame(rows, columns=["seed", "other", "shared", "chance"])


def health(
    members: Sequence[Member], config: Config, regulators: NDArray[np.integer] | None = None
) -> list[Health]:
    """Each member's measures and complaints, in the order given."""
    pairs = shared_edges(members, regulators)
    return [judged(member, config, pairs) for member in members]


def judged(member: Member, config: Config, pairs: pd.DataFrame) -> Health:
    W = member.W.astype(float)
    off = ~np.eye(len(W), dtype=bool)
    positive = (W[off] > 0).mean()
    mine = (pairs["seed"] == member.seed) | (pairs["other"] == member.seed)
    agreement = pairs.loc[mine, "shared"].mean()
    found = {
        "moved": np.abs(W - start_of(member, config))[off].mean() / config.lr_W,
        "size": np.abs(W[off]).mean() / config.lr_W,
        "one_sign": max(positive, 1 - positive),
        "row_sum": W.sum(axis=1).mean(),
    }
    said = complaints(**found)
    if (~mine).any() and agreement < APART * pairs.loc[~mine, "shared"].median():
        said += (f"shares {agreement:.0%} of its first edges with the others, which share more",)
    return Health(member.seed, agreement=agreement, complaints=said, **found)


def complaints(moved: float, size: float, one_sign: float, row_sum: float) -> tuple[str, ...]:
    """What is wrong with a member by itself."""
    told = {
        f"W is where it started ({moved:.1f} steps away): more epochs or lr_W": moved < STEPS,
        f"W is empty ({size:.1f} steps from 0): a smaller alpha": size < STEPS,
        f"{one_sign:.1%} of W have one sign: an offset, not a network": one_sign > ONE_SIDED,
        f"rows of W sum to {row_sum:.2f}: I - W is close to singular": row_sum > ROW_SUM,
    }
    return tuple(text for text, wrong in told.items() if wrong)


def healthy(members: Sequence[Member], judged: Sequence[Health]) -> list[Member]:
    """Members without a complaint: those that the ensemble is made of."""
    return [member for member, found in zip(members, judged, strict=True) if not found.complaints]


def control(
    importance: Array, X: Array, regulators: NDArray[np.integer] | None = None, top: int = TOP
) -> dict[str, float]:
    """How much of a ranking a hub-corrected correlation of the same cells already says.

    rank     Spearman correlation over all pairs of a regulator and another gene
    shared   share of the first `top` pairs in common
    X: log expression (cells x genes). Both near 1: DeepSEM says nothing else. Both near 0: it says
    something that no correlation supports, which asks for an explanation.
    """
    chosen = np.arange(len(importance)) if regulators is None else np.asarray(regulators)
    allowed = chosen[None, :] != np.arange(len(importance))[:, None]
    ours = importance[:, chosen][allowed]
    theirs = np.abs(corrected_correlation(X))[:, chosen][allowed]
    top = min(top, len(ours) // 2)
    first = [set(np.argsort(-s, kind="stable")[:top].tolist()) for s in (ours, theirs)]
    rank = float(stats.spearmanr(ours, theirs)[0])
    return {"rank": rank, "shared": len(first[0] & first[1]) / top}
