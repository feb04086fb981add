"""One claim of the paper: its published value, what our tables say of it, and the verdict."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ..statistics import t_interval

UP, DOWN = np.inf, -np.inf  # the paper gives a direction and no number
PAPER, CONTROL = "the paper", "a control"  # who compares: the paper, or this book


@dataclass(frozen=True)
class Claim:
    """A claim, its published value, and what our tables say about the same quantity."""

    claim: str
    published: float  # UP or DOWN where only a direction is given
    nothing: float  # the value if there were nothing to the claim
    measured: float  # our mean, with its 95 % interval; a plain count has measured = low = high
    low: float
    high: float
    n: int
    of: str  # what n counts
    asked_by: str = PAPER
    comparable: bool = True  # whether rival or control is what the paper compares with


def claim_verdict(low: float, high: float, published: float, nothing: float) -> str:
    """What an interval says about a claim. `nothing`: the value if there were nothing to the claim.

    A claim of no effect (published = nothing) holds as far as the interval includes it.
    """
    if not (np.isfinite(low) and np.isfinite(high)):
        return "not measured"
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


def mean_and_interval(values: Iterable[float]) -> tuple[float, float, float, int]:
    """`statistics.t_interval` of the finite values, and their number."""
    finite = [value for value in values if np.isfinite(value)]
    return *t_interval(finite), len(finite)
