"""The intervals of this book, and what they say of a change."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
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


def sets_of_cells(names: Any) -> Any:
    """The set of cells of each matrix, its name without the number of genes (Index or Series)."""
    return names.str.replace(r"-\d+$", "", regex=True)


def cells_of(values: pd.Series) -> NDArray[Any]:
    """The set of cells of each row by its index level "data"; without it each row is a set."""
    if "data" not in values.index.names:
        return np.arange(len(values))
    return np.asarray(sets_of_cells(values.index.get_level_values("data")))


def over_cells(values: pd.Series) -> tuple[float, float]:
    """95 % interval of the mean over benchmarks, from sets of cells; NaN with fewer than two sets.

    Benchmarks of the same cells (two gene sets, three networks) share cells or even the training.
    They are no independent draws: the standard error is that of cluster sampling (Cochran, Sampling
    Techniques, 1977, section 9A.1), with sets of cells as clusters (rows whose index level "data"
    differs in the gene set only), and Student's t has one degree of freedom less than there are
    sets. Without this level each row is a set.
    """
    found, cells = pd.Series(values.to_numpy(float)), cells_of(values)
    mean = found.mean()
    totals = (found - mean).groupby(cells).sum().to_numpy()
    n_sets = len(totals)
    if n_sets < 2:
        return np.nan, np.nan
    error = np.sqrt(n_sets / (n_sets - 1) * np.sum(totals**2)) / len(found)
    half = stats.t.ppf(0.975, n_sets - 1) * error
    return float(mean - half), float(mean + half)


def bootstrap_over_cells(values: pd.Series, n_draws: int = 10_000) -> tuple[float, float]:
    """95 % percentile interval of the mean when the sets of cells are drawn with replacement.

    Shown beside `over_cells`, which judges: with five sets, this one excludes a true mean more than
    twice as often as 95 % promises (a test has the numbers). NaN with fewer than two sets.
    """
    of_set = pd.Series(values.to_numpy(float)).groupby(cells_of(values)).agg(["sum", "size"])
    n_sets = len(of_set)
    if n_sets < 2:
        return np.nan, np.nan
    drawn = np.random.default_rng(0).integers(n_sets, size=(n_draws, n_sets))
    total, size = (of_set[column].to_numpy()[drawn].sum(axis=1) for column in ("sum", "size"))
    low, high = np.percentile(total / size, [2.5, 97.5])
    return float(low), float(high)
