"""Has each member of an ensemble learned something?

A member can end where it began, be emptied by alpha, slide off as a whole, or land far from all
others; the mean over the members hides it. Here each is judged by itself, and the sick are named.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import torch

from deepsem_minimal.config import Config
from deepsem_minimal.engine import clear_self_, column_sizes
from deepsem_minimal.result import Result
from deepsem_minimal.train import Member, initial_W

TOP = 200  # edges that two members are asked to share
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
    W, part = member.W.astype(float), member.model.grn.part
    off = clear_self_(torch.ones(W.shape), part).numpy() > 0
    # The member's seed draws the start first of all.
    drawn = torch.Generator().manual_seed(member.seed)
    start = initial_W(len(W), config.W_init, drawn, part).numpy()
    sizes = column_sizes(torch.as_tensor(W), part).numpy()
    positive = (W[off] > 0).mean()
    measures = {
        "moved": np.abs(W - start)[off].mean() / config.lr_W,
        "size": np.abs(W[off]).mean() / config.lr_W,
        "one_sign": max(positive, 1 - positive),
        "row_sum": (W @ sizes).mean(),
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


def summary(judgement: Sequence[Health]) -> list[str]:
    """How many members trained, and a sentence for each that did not."""
    n_sick = len(lines(judgement))
    return [f"{len(judgement) - n_sick} of {len(judgement)} members trained", *lines(judgement)]


def as_rows(judgement: Sequence[Health]) -> list[dict[str, Any]]:
    return [asdict(judged) for judged in judgement]
