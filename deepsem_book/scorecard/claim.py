"""One claim of the paper: its published value, what our tables say of it, and the verdict."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from ..statistics import data_set_of, over_data_sets, p_over_data_sets, share_over_data_sets

UP, DOWN = np.inf, -np.inf  # the paper gives a direction and no number
PAPER, CONTROL = "the paper", "a control"  # who compares: the paper, or this book
OTHER_CELLS = "not comparable"  # our rival or our cells are not the paper's
UNTESTABLE = "not testable"  # the rival has not converged


@dataclass(frozen=True)
class Claim:
    """A claim, its published value, and what our tables say about the same quantity."""

    claim: str
    published: float  # UP or DOWN where only a direction is given
    nothing: float  # the value if there were nothing to the claim
    measured: float = np.nan  # our mean, with its 95 % interval; a plain count has no interval
    low: float = np.nan
    high: float = np.nan
    p: float = np.nan  # two-sided, of `nothing`
    n: int = 0
    of: str = ""  # what n counts
    median: float = np.nan  # over the draws (sets of cells, data sets, seeds)
    without: float = np.nan  # the mean without the draw that changes it most
    telling: str = ""  # that draw
    asked_by: str = PAPER
    at_most: bool = False  # the published value is a limit
    barred: str = ""  # why there is no verdict: OTHER_CELLS, UNTESTABLE
    headline: str = ""  # its words in the introduction; "": it does not stand there

    def of_values(self, values: Iterable[float], of: str) -> "Claim":
        """With mean, Student's interval and p of the finite `values`, one per draw.

        A Series whose index has the level "data" is one of benchmarks: draws are their data sets
        (`statistics.over_data_sets`). `of`: what the values are.
        """
        numbers = pd.Series(values, dtype=float)
        numbers = numbers[np.isfinite(numbers)]
        draws = numbers.groupby(data_set_of(numbers)).mean()
        filled = replace(self, n=len(numbers), of=of, **telling_draw(numbers))
        if len(draws) < 2:
            return replace(filled, measured=float(numbers.mean()))
        low, high = over_data_sets(numbers)
        return replace(
            filled, measured=float(numbers.mean()), low=low, high=high,
            p=p_over_data_sets(numbers - self.nothing), median=float(draws.median()),
        )  # fmt: skip

    def of_hits(self, hits: pd.Series, of: str) -> "Claim":
        """With the per cent of benchmarks that are True and their `share_over_data_sets`."""
        hits = hits.astype(float)
        low, high, p = share_over_data_sets(hits, self.nothing / 100)
        ends = {"measured": 100 * hits.mean(), "low": 100 * low, "high": 100 * high, "p": p}
        return replace(self, n=len(hits), of=of, **ends, **telling_draw(100 * hits))

    def of_count(self, count: float, n: int, of: str) -> "Claim":
        """With a count, which has no interval."""
        return replace(self, measured=count, low=count, high=count, n=n, of=of)


def telling_draw(values: pd.Series) -> dict[str, Any]:
    """The draw without which the mean of `values` changes most, and the mean without it."""
    sets = pd.Series(data_set_of(values), index=values.index)
    if sets.nunique() < 3:
        return {}
    without = {draw: float(values[sets != draw].mean()) for draw in sets.unique()}
    telling = max(without, key=lambda draw: abs(without[draw] - values.mean()))
    is_set = "data" in values.index.names
    name = telling if is_set else f"{values.index.name} {values.index[telling]}"
    return {"telling": str(name).removeprefix("beeline/"), "without": without[telling]}


def claim_verdict(
    low: float, high: float, published: float, nothing: float, at_most: bool = False
) -> str:
    """What an interval says about a claim. `nothing`: the value if there were nothing to the claim.

    A claim of no effect (published = nothing), or of a limit (`at_most`), holds as far as the
    interval does not exclude it.
    """
    if not (np.isfinite(low) and np.isfinite(high)):
        return "not measured"
    if at_most:
        return "contradicted" if low > published else "not contradicted"
    if published == nothing:
        return "not contradicted" if low <= nothing <= high else "contradicted"
    if low <= nothing <= high:
        possible = np.isinf(published) or low <= published <= high
        return "undecided" if possible else "weaker or none"
    if (low > nothing) != (published > nothing):
        return "opposite"
    if np.isinf(published):
        return "same direction"
    if low <= published <= high:
        return "as published"
    farthest = max(abs(low - nothing), abs(high - nothing))
    return "weaker" if farthest < abs(published - nothing) else "stronger"
