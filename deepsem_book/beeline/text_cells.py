"""How the score changes with the number of cells, in sentences of chapter 5."""

from itertools import combinations

import numpy as np
import pandas as pd

from .. import datasets

KINDS = ("STRING", "Non-Specific", "Specific")


def percent(few: pd.Series, many: pd.Series) -> str:
    """Median change over matrices with each matrix's own, in per cent."""
    change = ((few / many - 1) * 100).dropna()
    each = ", ".join(f"{name} {value:+.0f}" for name, value in change.items())
    return f"{change.median():+.1f} % ({each})"


def turns(line: pd.Series) -> bool:
    """Does the score move more than twofold and back along the number of cells (index)?"""
    values = np.log2(line.sort_index().to_numpy())
    return any(
        min(a - b, c - b) > 1 or min(b - a, b - c) > 1 for a, b, c in combinations(values, 3)
    )


def of_scatter(cells: pd.DataFrame, kind: str, matrix: str, line: pd.Series) -> str:
    """A line that is not a trend, in words; `line`: EPR of the ensembles by number of cells."""
    line = line.sort_index()
    fewest = line.index[0]
    same = (cells["network"] == kind) & (cells["matrix"] == matrix)
    alone = cells[same & (cells["members"] == 1) & (cells["n_cells"] == fewest)]["score"]
    along = ", ".join(f"{value:.2f} ({n} cells)" for n, value in line.items())
    return (
        f"**{matrix} on {kind} is decided by a few of {len(alone)} seeds; do not read its line as "
        "a trend.** "
        f"Its ensembles have EPR {along}; with {fewest} cells single trainings have median "
        f"{alone.median():.2f} and "
        f"range {alone.min():.2f} to {alone.max():.2f}."
    )


def of_cells(cells: pd.DataFrame) -> str:
    """50 instead of 400 cells beside the paper; `cells`: `comparison.by_cells`. "" without rows."""
    by, published = ["network", "matrix", "n_cells"], datasets.published()
    single = cells[cells["members"] == 1].groupby(by)["score"].median()
    ensemble = cells[cells["members"] > 1].groupby(by)["score"].median()
    lines = []
    for kind in KINDS:
        sizes = set(ensemble[kind].index.get_level_values("n_cells")) if kind in ensemble else set()
        if sizes >= {50, 400}:
            few, many = (ensemble[kind].xs(n, level="n_cells") for n in (50, 400))
            gain = percent(few, single[kind].xs(50, level="n_cells"))
            change = published[f"cells_50_change_{kind.lower().replace('-', '_')}"]
            lines.append(
                f"- **{kind}**, EPR of the ensemble with 50 instead of 400 cells, median of "
                f"{len(few)} matrices: "
                f"{percent(few, many)}; the paper: {change:.2f} %. Ensemble against the median "
                f"single training with 50 cells: {gain}; "
                f"the paper: {published['cells_50_ensemble_gain_lowest']:+.1f} to "
                f"{published['cells_50_ensemble_gain_highest']:+.1f} %."
            )
    if not lines:
        return ""
    unsteady = [
        of_scatter(cells, kind, matrix, ensemble[kind, matrix])
        for (kind, matrix), line in ensemble.groupby(level=["network", "matrix"])
        if turns(line)
    ]
    return "\n\n".join(["\n".join(lines), *unsteady])
