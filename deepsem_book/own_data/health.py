"""Has each member of an ensemble learned something, and what does a correlation say already?

A member can end where it began, be emptied by alpha, slide off as a whole, or land far from all
others; the mean over the members hides it. Here each is judged by itself, and the sick are named.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import torch
from scipy import stats

from deepsem_minimal.config import Config
from deepsem_minimal.preprocess import Array, dense
from deepsem_minimal.result import Result
from deepsem_minimal.train import Member, initial_W

from ..baselines import apc
from ..baselines.common import standardise

TOP = 200  # edges that two members, and DeepSEM and the control, are asked to share
STEPS = 5.0  # mean distance of W from its start, in optimiser steps, below which it has not left
ONE_SIDED = 0.98  # share of one sign from which W is a common offset and little else, and ...
ALL_ONE_SIDED = 0.999  # ... after a start with an offset, whose sign most weights keep
SINGULAR = (0.9, 1.1)  # mean row sums of W for which I - W is close to singular: it is at 1
APART = 0.5  # of what the others agree beyond chance


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


def judged(result: Result, pairs: pd.DataFrame | None = None) -> list[Health]:
    """Each member's measures and complaints, in the order of the members.

    `pairs`: `Result.agreement(TOP)` where the caller has it, since it ranks every member's edges.
    """
    pairs = result.agreement(TOP) if pairs is None else pairs
    by_itself = [of_member(member, result.config, pairs) for member in result.members]
    sick = [health.seed for health in by_itself if health.complaints]
    healthy = pairs[~pairs["seed"].isin(sick) & ~pairs["other"].isin(sick)]
    return [
        health if health.complaints else replace(health, complaints=apart(health.seed, healthy))
        for health in by_itself
    ]


def of_member(member: Member, config: Config, pairs: pd.DataFrame) -> Health:
    """A member judged without the others; `pairs`: `Result.agreement` of the ensemble."""
    W = member.W.astype(float)
    off = ~np.eye(len(W), dtype=bool)
    # The member's seed draws the start first of all.
    start = initial_W(len(W), config.W_init, torch.Generator().manual_seed(member.seed)).numpy()
    positive = (W[off] > 0).mean()
    measures = {
        "moved": np.abs(W - start)[off].mean() / config.lr_W,
        "size": np.abs(W[off]).mean() / config.lr_W,
        "one_sign": max(positive, 1 - positive),
        "row_sum": W.sum(axis=1).mean(),
    }
    one_sided = ONE_SIDED if config.W_init == "zero" else ALL_ONE_SIDED
    agreement = pairs.loc[of_seed(pairs, member.seed), "shared"].mean()
    said = alone(**measures, one_sided=one_sided)
    return Health(member.seed, agreement=agreement, complaints=said, **measures)


def of_seed(pairs: pd.DataFrame, seed: int) -> pd.Series:
    return (pairs["seed"] == seed) | (pairs["other"] == seed)


def apart(seed: int, pairs: pd.DataFrame) -> tuple[str, ...]:
    """A complaint about a member that is alone while the others agree, beyond chance."""
    mine = of_seed(pairs, seed)
    if mine.all() or not mine.any():
        return ()  # of two members nobody knows which is the odd one
    chance, shared = pairs["chance"].iloc[0], pairs.loc[mine, "shared"].mean()
    others = pairs.loc[~mine, "shared"].median()
    if others < 2 * chance or shared - chance >= APART * (others - chance):
        return ()
    return (f"shares {shared:.0%} of its first edges with the others, which share {others:.0%}",)


def alone(
    moved: float, size: float, one_sign: float, row_sum: float, one_sided: float = ONE_SIDED
) -> tuple[str, ...]:
    """What is wrong with a member by itself."""
    low, high = SINGULAR
    complaints = {
        f"W is where it started ({moved:.1f} steps away): more epochs or lr_W": moved < STEPS,
        f"W is empty ({size:.1f} steps from 0): a smaller alpha": size < STEPS,
        f"{one_sign:.1%} of W have one sign: an offset, not a network": one_sign > one_sided,
        f"rows of W sum to {row_sum:.2f}: I - W is close to singular": low < row_sum < high,
    }
    return tuple(text for text, wrong in complaints.items() if wrong)


def without_sick(result: Result, judgement: Sequence[Health]) -> Result:
    """The ensemble of the healthy members; of all where none is healthy."""
    members = zip(result.members, judgement, strict=True)
    healthy = [member for member, judged in members if not judged.complaints]
    return replace(result, members=healthy or result.members)


def most_are_sick(judgement: Sequence[Health]) -> bool:
    return sum(bool(judged.complaints) for judged in judgement) > len(judgement) / 2


def lines(judgement: Sequence[Health]) -> list[str]:
    """A sentence for each sick member."""
    return [
        f"seed {judged.seed} left out: {'; '.join(judged.complaints)}"
        for judged in judgement
        if judged.complaints
    ]


def as_rows(judgement: Sequence[Health]) -> list[dict[str, Any]]:
    return [asdict(judged) for judged in judgement]


def control(edges: pd.DataFrame, X: Any, genes: Sequence[str]) -> dict[str, float]:
    """How much of a ranking a hub-corrected correlation of the same cells already says.

    edges: `Result.edges`; X: log expression (cells x genes, sparse or dense) of `genes`.
    rank     Spearman correlation of the two scores over all edges
    shared   share of the first `top` edges in common, and `chance` that of two random lists
    sign     share of the first `top` edges with the sign of the correlation, NaN without signs
    Rank and shared near 1: DeepSEM says little else. Near 0: it says something that no correlation
    supports, which asks for an explanation.
    """
    correlation, corrected = corrected_correlation(dense(X))
    index = pd.Index(genes)
    places = index.get_indexer(edges["target"]), index.get_indexer(edges["TF"])
    theirs = corrected[places]
    top = min(TOP, len(edges) // 2)
    first = set(np.argsort(-theirs, kind="stable")[:top].tolist())
    same = edges["sign"] == np.sign(correlation[places]) if "sign" in edges else None
    return {
        "rank": float(stats.spearmanr(edges["importance"], theirs)[0]),
        "shared": len(first & set(range(top))) / top,
        "chance": top / len(edges),
        "sign": float("nan") if same is None else float(same[:top].mean()),
        "top": top,
    }


def corrected_correlation(X: Array) -> tuple[Array, Array]:
    """r and |r| after average product correction (genes x genes); `baselines.apc` of all genes."""
    Z = standardise(np.asarray(X, dtype=float))
    r = Z.T @ Z / len(Z)
    return r, apc.corrected(np.abs(r))


def control_in_words(control: dict[str, float]) -> str:
    signs = "" if np.isnan(control["sign"]) else f"; signs agree for {control['sign']:.0%}"
    return (
        f"control: a correlation with its hubs corrected has {control['shared']:.0%} of the first "
        f"{control['top']:.0f} edges too (chance {control['chance']:.1%}; rank correlation of all "
        f"edges {control['rank']:.2f}{signs}): only the rest is what the network adds"
    )
