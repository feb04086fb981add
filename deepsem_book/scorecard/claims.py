"""The paper's claims beside our recorded tables: one row per claim, with an interval and a verdict.

Nothing is trained here. Each claim is a number of the paper (doi 10.1038/s43588-021-00099-8), the
value that it would have if there were nothing to it, and the same quantity from `data/results`.
Beside them stand comparisons that the paper does not make, with controls that model no network.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict

import numpy as np
import pandas as pd

from ..statistics import holm
from .claim import CONTROL, PAPER, Claim, claim_verdict
from .inference import beeline, few_cells, mixture
from .other_parts import added_cells, cell_types, cortex, simulated_cells

PARTS: list[tuple[Callable[[], Iterator[Claim]], str, str]] = [
    (beeline, "GRN inference", "05b_the_whole_benchmark"),
    (few_cells, "GRN inference", "05b_the_whole_benchmark"),
    (mixture, "GRN inference", "07_does_it_hold"),
    (cell_types, "Embedding", "10_embedding_and_clustering"),
    (cortex, "Cortex", "11_mouse_cortex"),
    (simulated_cells, "Simulation", "12_simulating_cells"),
    (added_cells, "Simulation", "12_simulating_cells"),
]
# Verdicts by what they say of a claim: the colours of the figures and the order of the counts.
SAYS = {
    "borne out": ("as published", "stronger", "same direction"),
    "not contradicted": ("not contradicted",),
    "weaker": ("weaker",),
    "undecided": ("undecided", "no interval"),
    "not borne out": ("weaker or none", "opposite", "contradicted"),
    "not tested": ("not testable", "not comparable", "not measured"),
}


def scorecard() -> pd.DataFrame:
    """One row per claim: part and page of the book, the fields of Claim, `verdict` and `says`.

    Numbers are NaN, and n is 0, where no table has them. `holm`: p for their number, the paper's
    claims and the controls each for themselves; `by`: per cent of the published effect by which a
    weaker or stronger one misses it at least.
    """
    rows = [
        {"part": part, "page": page, **asdict(claim)}
        for claims, part, page in PARTS
        for claim in claims()
    ]
    table = pd.DataFrame(rows)
    table["verdict"] = [verdict_of(row) for row in table.itertuples()]
    table["says"] = [says(verdict) for verdict in table["verdict"]]
    for by in (PAPER, CONTROL):
        own = (table["asked_by"] == by) & (table["barred"] == "")
        table.loc[own, "holm"] = holm(table.loc[own, "p"])
    table["by"] = [missed_by(row) for row in table.itertuples()]
    return table


def verdict_of(row: Claim) -> str:
    """The verdict of a claim, or why there is none."""
    if row.barred:
        return row.barred
    if np.isfinite(row.measured) and not np.isfinite(row.low):
        return "no interval"
    return claim_verdict(row.low, row.high, row.published, row.nothing, row.at_most)


def says(verdict: str) -> str:
    """The entry of SAYS that a verdict belongs to."""
    [group] = [name for name, verdicts in SAYS.items() if verdict in verdicts]
    return group


def missed_by(row: Claim) -> float:
    """How far the interval's nearest end is from the published effect, in % of it; NaN if in."""
    if not np.isfinite(row.published) or row.published == row.nothing or row.barred:
        return np.nan
    ends = np.clip(row.published, row.low, row.high)  # NaN where there is no interval
    missed = abs(100 * (row.published - ends) / (row.published - row.nothing))
    return float(missed) if missed > 0 else np.nan
