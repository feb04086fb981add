"""The intervals of this book, and what they say of a change."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from scipy import stats


def t_interval(values: Iterable[float]) -> tuple[float, float, float]:
    """Mean and Student's 95 % t interval of it; NaN ends with fewer than two values."""
    found = np.asarray(list(values), dtype=float)
    if len(found) < 2:
        return (float(found[0]) if len(found) else np.nan), np.nan, np.nan
    mean, half = found.mean(), stats.t.ppf(0.975, len(found) - 1) * stats.sem(found)
    return float(mean), float(mean - half), float(mean + half)


def mean_and_half(values: Iterable[float]) -> tuple[float, float]:
    """Mean and half width of its `t_interval`."""
    mean, _, high = t_interval(values)
    return mean, high - mean


def verdict(n: int, low: float, high: float) -> str:
    """What the interval of a change says; n is the number of values behind it."""
    if n == 0:
        return "not run"
    if low > 0:
        return "raises"
    return "lowers" if high < 0 else "undecided"


def over_cells(values: pd.Series, n_boot: int = 10000, seed: int = 0) -> tuple[float, float]:
    """95 % bootstrap interval of the mean over benchmarks; NaN without values.

    Benchmarks of the same cells (two gene sets, three networks) share cells or even the training.
    They are no independent draws, so whole sets of cells are drawn with replacement: the rows whose
    index level "data" differs in the gene set only. Without this level each row is drawn by itself.
    """
    if not len(values):
        return np.nan, np.nan
    cells = pd.RangeIndex(len(values))
    if "data" in values.index.names:
        cells = values.index.get_level_values("data").str.replace(r"-\d+$", "", regex=True)
    groups = pd.Series(values.to_numpy(float)).groupby(np.asarray(cells)).agg(["sum", "size"])
    drawn = np.random.default_rng(seed).integers(len(groups), size=(n_boot, len(groups)))
    totals, sizes = (groups[part].to_numpy()[drawn].sum(axis=1) for part in ("sum", "size"))
    low, high = np.percentile(totals / sizes, [2.5, 97.5])
    return float(low), float(high)
